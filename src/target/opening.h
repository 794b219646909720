#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "demo/population.h"

namespace gend::target {

// What a connection becomes when its answer, 101, has been given, or what a request of Engine.IO
// asks of its session.
struct Opening {
  enum class Kind : std::uint8_t {
    kNone,
    kEcho,
    kRooms,
    kFeed,
    kEngine,    // a new session by WebSocket
    kCarrier,   // a WebSocket for the session `sid`
    kPollOpen,  // a new session by polling
    kPoll,      // waits for packets of `sid`
    kPost       // brings packets for `sid`
  };
  Kind kind = Kind::kNone;
  bool deflate = false;           // permessage-deflate was agreed upon
  std::uint32_t close_after = 0;  // messages, after which the server closes; 0: never
  std::uint16_t close_code = 1000;
  Duration ping_every{};          // 0: the server does not ping
  std::string channel{};          // kFeed
  double rate = 0;                // kFeed: messages a second
  std::string sid{};
  std::string body{};             // kPost
  std::optional<demo::Account> account{};
};

}  // namespace gend::target
