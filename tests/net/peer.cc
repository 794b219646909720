#include "net/peer.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "base/assert.h"

namespace gend::test {

Listener::Listener(int backlog) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  address_ = *net::parse_endpoint("127.0.0.1:0");
  GEND_ASSERT(::bind(fd_, address_.get(), address_.length) == 0);
  GEND_ASSERT(::listen(fd_, backlog) == 0);
  socklen_t length = sizeof address_.storage;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_.storage), &length);
}

Listener::~Listener() {
  ::close(fd_);
}

int Listener::accept() {
  const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  GEND_ASSERT(fd >= 0);
  return fd;
}

std::string read_exactly(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::read(fd, bytes.data() + have, size - have);
    if (n <= 0) break;
    have += static_cast<std::size_t>(n);
  }
  bytes.resize(have);
  return bytes;
}

void write_all(int fd, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    GEND_ASSERT(n > 0);
    done += static_cast<std::size_t>(n);
  }
}

bool at_end(int fd) {
  timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char byte;
  return ::read(fd, &byte, 1) == 0;
}

void reset_on_close(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace gend::test
