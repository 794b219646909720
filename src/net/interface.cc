#include "net/interface.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <vector>

namespace gend::net {
namespace {

class Socket {
 public:
  explicit Socket(int family) : fd_{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Without netlink, which the sandbox of gend.service does not let us have.
std::string interface_with_v4(const std::string& ip) {
  constexpr std::size_t kMost = 256;
  std::vector<ifreq> all(kMost);
  ifconf list{};
  list.ifc_len = static_cast<int>(all.size() * sizeof(ifreq));
  list.ifc_req = all.data();
  const Socket socket{AF_INET};
  if (socket.get() < 0 || ::ioctl(socket.get(), SIOCGIFCONF, &list) != 0) return {};
  all.resize(static_cast<std::size_t>(list.ifc_len) / sizeof(ifreq));
  for (const ifreq& each : all) {
    Address address;
    address.length = sizeof(sockaddr_in);
    std::memcpy(&address.storage, &each.ifr_addr, sizeof(sockaddr_in));
    if (address.ip() == ip) return each.ifr_name;
  }
  return {};
}

// Lines of /proc/net/if_inet6: 32 digits of the address, index, prefix, scope, flags, name.
std::string interface_with_v6(const sockaddr_in6& wanted) {
  std::string digits;
  for (const unsigned byte : wanted.sin6_addr.s6_addr) {
    digits += "0123456789abcdef"[byte >> 4U];
    digits += "0123456789abcdef"[byte & 15U];
  }
  std::ifstream in{"/proc/net/if_inet6"};
  std::string address, skipped, name;
  while (in >> address >> skipped >> skipped >> skipped >> skipped >> name)
    if (address == digits) return name;
  return {};
}

std::string interface_with(const Address& source) {
  if (source.family() == AF_INET) return interface_with_v4(source.ip());
  sockaddr_in6 wanted{};
  std::memcpy(&wanted, &source.storage, sizeof wanted);
  return interface_with_v6(wanted);
}

std::optional<bool> asked(int fd, const std::string& interface, std::uint32_t command) {
  ifreq request{};
  if (interface.size() >= sizeof request.ifr_name) return std::nullopt;
  std::memcpy(request.ifr_name, interface.data(), interface.size());
  ethtool_value value{.cmd = command, .data = 0};
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (::ioctl(fd, SIOCETHTOOL, &request) != 0) return std::nullopt;
  return value.data != 0;
}

}  // namespace

std::optional<Route> route_to(const Address& target) {
  const Socket socket{target.family()};
  // Connecting a datagram socket only looks the route up.
  if (socket.get() < 0 || ::connect(socket.get(), target.get(), target.length) != 0)
    return std::nullopt;
  Address source;
  source.length = sizeof source.storage;
  auto* const into = reinterpret_cast<sockaddr*>(&source.storage);
  if (::getsockname(socket.get(), into, &source.length) != 0) return std::nullopt;
  return Route{source.ip(), interface_with(source)};
}

std::optional<CardOffloads> card_offloads(const std::string& interface) {
  const Socket socket{AF_INET};
  if (socket.get() < 0) return std::nullopt;
  const auto tso = asked(socket.get(), interface, ETHTOOL_GTSO);
  const auto gso = asked(socket.get(), interface, ETHTOOL_GGSO);
  const auto gro = asked(socket.get(), interface, ETHTOOL_GGRO);
  const auto tx = asked(socket.get(), interface, ETHTOOL_GTXCSUM);
  if (!tso || !gso || !gro || !tx) return std::nullopt;
  return CardOffloads{*tso, *gso, *gro, *tx};
}

}  // namespace gend::net
