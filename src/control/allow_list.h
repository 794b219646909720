#pragma once

#include <string>
#include <vector>

#include <sys/socket.h>

#include "export/transport.h"
#include "net/address.h"
#include "observe/poller.h"

namespace gend::control {

// The address blocks of gend's configuration, for what connects besides the load: sources that are
// observed and destinations of exports. The fleet has refused a list with mistakes in it before.
class AllowList final : public observe::AddressRule, public exporter::Fence {
 public:
  explicit AllowList(const std::vector<std::string>& blocks);
  bool allows(const sockaddr* address, socklen_t length) const override;
  bool allows(const sockaddr& address) const override;  // of the internet; others are refused

 private:
  std::vector<net::Block> blocks_;
};

}  // namespace gend::control
