#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace gend::net {

// An IPv4 or IPv6 endpoint, ready for the kernel.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  std::string text() const;  // "127.0.0.1:8080", "[::1]:8080"
  std::string ip() const;    // without the port
};

// A block of addresses: "10.0.0.0/8", "::1", "192.168.1.7".
class Block {
 public:
  static Expected<Block> parse(const std::string& text);
  bool contains(const Address& address) const;  // an IPv4-mapped IPv6 address counts as IPv4
  // The addresses of the block in order, without network and broadcast address for blocks larger
  // than two; at most `limit`.
  std::vector<Address> addresses(std::size_t limit) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  int family_ = AF_INET;
  std::uint8_t bytes_[16] = {};
  int prefix_ = 0;
};

// "127.0.0.1:8080" or "[::1]:8080"; addresses only, no names.
Expected<Address> parse_endpoint(const std::string& text);

// Resolves a name or literal; blocking, so it happens before the run, never in it. The error tells
// "not found" from "the resolver did not answer".
Expected<std::vector<Address>> resolve(const std::string& host, std::uint16_t port);

}  // namespace gend::net
