#pragma once

#include <optional>
#include <string>

#include "net/address.h"

namespace gend::net {

// How connections to an address leave this host, as its routes are now. Nothing is sent.
struct Route {
  std::string source;     // the local address that they have
  std::string interface;  // "eth0"; empty when no interface has that address
};
std::optional<Route> route_to(const Address& target);

// What a network card does for the kernel, asked with ETHTOOL_G… ioctls; nothing when the interface
// does not exist or its driver does not say.
struct CardOffloads {
  bool tso = false, gso = false, gro = false, tx_checksum = false;
};
std::optional<CardOffloads> card_offloads(const std::string& interface);

}  // namespace gend::net
