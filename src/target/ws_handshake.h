#pragma once

#include <string>
#include <string_view>

#include "target/message.h"

namespace gend::target {

// What a client's request to become a WebSocket came to (RFC 6455 4.2). Pure.
struct WsHandshake {
  int status = 101;         // or what to refuse it with: 400, 426
  std::string_view why{};   // of a refusal
  std::string headers{};    // lines of the answer
  bool deflate = false;     // permessage-deflate without context takeover was agreed upon
};

bool wants_websocket(const Request& request);
WsHandshake shake_hands(const Request& request);

// Sec-WebSocket-Accept of a key.
std::string accept_key(std::string_view key);

// Whether one of the offers in Sec-WebSocket-Extensions is one that we can keep: permessage-deflate
// with a window of 15 bits on our side (RFC 7692 7.1).
bool offers_deflate(std::string_view extensions);

}  // namespace gend::target
