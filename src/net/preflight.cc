#include "net/preflight.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gend::net {
namespace {

bool accepts(const Address& address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  bool connected = ::connect(fd, address.get(), address.length) == 0;
  if (!connected && errno == EINPROGRESS) {
    constexpr int kPatienceMs = 1000;
    pollfd wanted{.fd = fd, .events = POLLOUT, .revents = 0};
    int error = ETIMEDOUT;
    socklen_t size = sizeof error;
    if (::poll(&wanted, 1, kPatienceMs) == 1) ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    connected = error == 0;
  }
  ::close(fd);
  return connected;
}

std::vector<Address> of_family(const std::vector<Address>& addresses, int family) {
  std::vector<Address> chosen;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(chosen),
               [&](const Address& a) { return a.family() == family; });
  return chosen;
}

}  // namespace

std::vector<Address> reachable(const std::vector<Address>& addresses) {
  const int first = addresses.front().family();
  const bool one_family = std::all_of(addresses.begin(), addresses.end(),
                                      [&](const Address& a) { return a.family() == first; });
  if (one_family) return addresses;
  for (const Address& address : addresses)
    if (accepts(address)) return of_family(addresses, address.family());
  return of_family(addresses, first);
}

}  // namespace gend::net
