#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "net/address.h"

namespace gend::test {

// The other side of a connection, by plain system calls in the test's own thread: it does exactly
// what the test says, when it says so.
class Listener {
 public:
  explicit Listener(int backlog = 4096);
  ~Listener();
  const net::Address& address() const { return address_; }
  int accept();  // blocking; the descriptor belongs to the caller

 private:
  int fd_;
  net::Address address_;
};

// Reads until `size` bytes are there or the peer closes; what was read.
std::string read_exactly(int fd, std::size_t size);
void write_all(int fd, const std::string& bytes);
bool at_end(int fd);          // a blocking read says end of stream
void reset_on_close(int fd);  // SO_LINGER 0: close() sends RST

}  // namespace gend::test
