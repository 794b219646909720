#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "demo/population.h"
#include "net/event.h"

namespace gend::target {

// A request or WebSocket of some thread that a session is served by; `serial` tells it from others
// on the same connection.
struct EngineLink {
  unsigned thread = 0;
  net::ConnectionId connection = net::kNoConnection;
  std::uint64_t serial = 0;
};

// One Engine.IO session, with its Socket.IO namespaces. One that began with polling stays with its
// thread; requests and WebSockets of other threads are linked to it by letters.
struct EngineSession {
  struct NameSpace {
    bool connected = false;
    std::optional<demo::Account> account{};
  };
  std::string sid;
  std::optional<demo::Account> account;      // of the handshake's own token
  std::array<NameSpace, 2> spaces;           // "/" and "/villages"
  bool pong_due = false;
  std::optional<EngineLink> poll;     // the GET that waits for packets
  std::optional<EngineLink> carrier;  // the WebSocket that was upgraded to, or probes
  // A packet whose attachments have not all come: its text, and those that have.
  std::string binary_packet;
  std::vector<std::string> attachments;
  std::size_t attachments_due = 0;
};

}  // namespace gend::target
