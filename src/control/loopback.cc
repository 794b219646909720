#include "control/loopback.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace gend::control {

namespace {

constexpr int kBacklog = 32;

std::unexpected<Error> refused(std::uint16_t port) {
  return std::unexpected{Error{
      fmt::format("cannot listen on 127.0.0.1:{}: {}", port, std::strerror(errno)),
      "choose another port, or 0 for any that is free", ExitCode::kHostCannotCarry}};
}

}  // namespace

Expected<Loopback> listen_on_loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int yes = 1;  // a port whose old connections are in TIME_WAIT can be taken again
  if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(fd.get(), plain, size) != 0 || ::listen(fd.get(), kBacklog) != 0 ||
      ::getsockname(fd.get(), plain, &size) != 0)
    return refused(port);
  return Loopback{.listener = std::move(fd), .port = ntohs(address.sin_port)};
}

}  // namespace gend::control
