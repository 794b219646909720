#pragma once

#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "control/fd.h"

namespace gend::test {

// A client that can misbehave: bytes out, bytes in, no HTTP.
class RawClient {
 public:
  explicit RawClient(const std::string& path) : fd_{::socket(AF_UNIX, SOCK_STREAM, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }

  // False when the other side has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  // Everything until the other side closes; the test hangs nowhere longer than `ms`.
  std::string read_all(int ms = 10'000) {
    std::string all;
    char buffer[4096];
    pollfd watched{fd_.get(), POLLIN, 0};
    while (::poll(&watched, 1, ms) > 0) {
      const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
      if (n <= 0) return all;
      all.append(buffer, static_cast<std::size_t>(n));
    }
    FAIL("the server did not close the connection");
    return all;
  }

 private:
  control::Fd fd_;
};

}  // namespace gend::test
