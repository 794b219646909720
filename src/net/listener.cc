#include "net/listener.h"

#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gend::net {

Expected<int> listen_on(Address& address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  // The kernel cuts it to net.core.somaxconn; overflowing it shows as connects of 1 s, 3 s, 7 s.
  constexpr int kBacklog = 65535;
  const bool listening =
      fd >= 0 && ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
      // What is accepted inherits it: a server that speaks unasked must not wait for an answer.
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
      ::bind(fd, address.get(), address.length) == 0 && ::listen(fd, kBacklog) == 0;
  if (!listening) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    return std::unexpected{Error{"cannot listen on " + address.text() + ": " + std::strerror(error),
                                 error == EADDRINUSE ? "another program has that port: choose one "
                                                       "with --listen"
                                                     : ""}};
  }
  socklen_t length = sizeof address.storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &length);
  return fd;
}

}  // namespace gend::net
