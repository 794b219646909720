#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "demo/population.h"

namespace gend::target {

// One Engine.IO session, with its Socket.IO namespaces.
struct EngineSession {
  struct NameSpace {
    bool connected = false;
    std::optional<demo::Account> account{};
  };
  std::string sid;
  std::optional<demo::Account> account;      // of the handshake's own token
  std::array<NameSpace, 2> spaces;           // "/" and "/villages"
  bool pong_due = false;
  // A packet whose attachments have not all come: its text, and those that have.
  std::string binary_packet;
  std::vector<std::string> attachments;
  std::size_t attachments_due = 0;
};

}  // namespace gend::target
