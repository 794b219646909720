#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string_view>

#include "base/outcome.h"

namespace gend::sio {

enum class WebSocketUpgrade : std::uint8_t { kNone, kOffered };

// What a server says first: {"sid":…,"upgrades":[…],"pingInterval":ms,"pingTimeout":ms,
// "maxPayload":bytes}. The view is in the bytes that were given.
struct Open {
  std::string_view sid;  // printable ASCII, but not only what a URL takes: encode it there
  std::chrono::milliseconds ping_interval{};
  std::chrono::milliseconds ping_timeout{};
  std::uint64_t max_payload = 0;  // of one POST; 0: the server does not say (Socket.IO 3 to 4.3)
  WebSocketUpgrade upgrade = WebSocketUpgrade::kNone;
};

// `data`: of the open packet, behind its digit. kSioPacket when something is missing, no number or
// beyond the limits. Members of other names are ignored.
std::expected<Open, Outcome> parse_open(std::string_view data) noexcept;

// What an HTTP answer of an Engine.IO server with an error status means, from its body
// {"code":1,"message":"Session ID unknown"}: kSioUnknownSession, kSioVersion, or else the status.
Outcome refusal(int status, std::string_view body) noexcept;

}  // namespace gend::sio
