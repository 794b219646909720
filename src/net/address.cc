#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

namespace gend::net {
namespace {

// The address bytes, with IPv4-mapped IPv6 addresses (::ffff:a.b.c.d) taken as IPv4.
struct RawIp {
  int family;
  std::uint8_t bytes[16];
};

RawIp raw_ip(const Address& address) {
  RawIp raw{.family = address.family(), .bytes = {}};
  if (address.family() == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
    std::memcpy(raw.bytes, &in->sin_addr, 4);
    return raw;
  }
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
    raw.family = AF_INET;
    std::memcpy(raw.bytes, in6->sin6_addr.s6_addr + 12, 4);
  } else {
    std::memcpy(raw.bytes, &in6->sin6_addr, 16);
  }
  return raw;
}

Address make_address(int family, const std::uint8_t* bytes) {
  Address address;
  address.storage.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET) {
    auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
    std::memcpy(&in->sin_addr, bytes, 4);
    address.length = sizeof(sockaddr_in);
  } else {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    std::memcpy(&in6->sin6_addr, bytes, 16);
    address.length = sizeof(sockaddr_in6);
  }
  return address;
}

bool increment(std::uint8_t* bytes, int size) {
  for (int i = size - 1; i >= 0; --i)
    if (++bytes[i] != 0) return true;
  return false;
}

}  // namespace

std::uint16_t Address::port() const {
  return ntohs(family() == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                   : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

void Address::set_port(std::uint16_t port) {
  if (family() == AF_INET)
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
  else
    reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
}

std::string Address::ip() const {
  char text[INET6_ADDRSTRLEN] = "?";
  const void* bytes =
      family() == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr);
  ::inet_ntop(family(), bytes, text, sizeof text);
  return text;
}

std::string Address::text() const {
  const std::string port_text = std::to_string(port());
  return family() == AF_INET6 ? "[" + ip() + "]:" + port_text : ip() + ":" + port_text;
}

Expected<Block> Block::parse(const std::string& text) {
  const auto bad = [&] {
    return std::unexpected{Error{"\"" + text + "\" is not an address or a CIDR block",
                                 "write it like 10.0.0.0/8, 192.168.1.7 or ::1"}};
  };
  Block block;
  block.text_ = text;
  const std::size_t slash = text.find('/');
  const std::string ip = text.substr(0, slash);
  block.family_ = ip.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (::inet_pton(block.family_, ip.c_str(), block.bytes_) != 1) return bad();
  const int longest = block.family_ == AF_INET ? 32 : 128;
  block.prefix_ = longest;
  if (slash != std::string::npos) {
    const char* first = text.data() + slash + 1;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(first, last, block.prefix_);
    if (error != std::errc{} || end != last || block.prefix_ < 0 || block.prefix_ > longest)
      return bad();
  }
  return block;
}

bool Block::contains(const Address& address) const {
  const RawIp raw = raw_ip(address);
  if (raw.family != family_) return false;
  int bits = prefix_;
  for (int i = 0; bits > 0; ++i, bits -= 8) {
    const auto mask = static_cast<std::uint8_t>(bits >= 8 ? 0xFF : 0xFF << (8 - bits));
    if ((raw.bytes[i] & mask) != (bytes_[i] & mask)) return false;
  }
  return true;
}

std::vector<Address> Block::addresses(std::size_t limit) const {
  const int size = family_ == AF_INET ? 4 : 16;
  const int host_bits = size * 8 - prefix_;
  std::uint8_t current[16];
  std::memcpy(current, bytes_, sizeof current);
  for (int i = 0; i < size; ++i) {  // the first address of the block
    const int kept = std::clamp(prefix_ - i * 8, 0, 8);
    current[i] = static_cast<std::uint8_t>(current[i] & (kept == 0 ? 0 : 0xFF << (8 - kept)));
  }
  std::uint64_t count = host_bits >= 32 ? ~std::uint64_t{0} : std::uint64_t{1} << host_bits;
  if (host_bits > 1) {
    increment(current, size);  // not the network address
    count -= 2;                // nor the broadcast address
  }
  std::vector<Address> all;
  for (std::uint64_t i = 0; i < count && all.size() < limit; ++i) {
    all.push_back(make_address(family_, current));
    if (!increment(current, size)) break;
  }
  return all;
}

Expected<Address> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string ip = text.substr(0, colon);
  if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
  int port = -1;
  if (colon != std::string::npos) {
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + colon + 1, last, port);
    if (error != std::errc{} || end != last) port = -1;
  }
  std::uint8_t bytes[16];
  const int family = ip.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (port < 0 || port > 65535 || ::inet_pton(family, ip.c_str(), bytes) != 1)
    return std::unexpected{Error{"\"" + text + "\" is not an address with a port",
                                 "write it like 127.0.0.1:8080 or [::1]:8080", ExitCode::kUsage}};
  Address address = make_address(family, bytes);
  address.set_port(static_cast<std::uint16_t>(port));
  return address;
}

Expected<std::vector<Address>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    const std::string why =
        error == EAI_AGAIN ? "the resolver did not answer" : std::string{::gai_strerror(error)};
    return std::unexpected{Error{"the name \"" + host + "\" does not resolve: " + why,
                                 "check the spelling of the target, /etc/hosts and the resolver",
                                 ExitCode::kHostCannotCarry}};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{found, &::freeaddrinfo};
  std::vector<Address> addresses;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    Address address;
    std::memcpy(&address.storage, a->ai_addr, a->ai_addrlen);
    address.length = a->ai_addrlen;
    address.set_port(port);
    addresses.push_back(address);
  }
  return addresses;
}

}  // namespace gend::net
