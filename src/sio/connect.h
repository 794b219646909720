#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "sio/packet.h"

// Joining a namespace, and coming back to it where the server recovers sessions.
namespace gend::sio {

// What a server keeps of a session that broke: the private id that it gave, and the last offset
// that was seen. Both are text without a need for JSON escapes; no pid: nothing to recover.
struct Recovery {
  std::string_view pid;
  std::string_view offset;
};

// Appends the Engine.IO message that asks to join: `40{…}`. `auth`: a JSON object, or empty.
void append_connect(std::string& out, std::string_view space, std::string_view auth,
                    const Recovery& recovery = {});

// The server's answer to it, {"sid":…,"pid":…}; the views are in the payload that was given.
struct Joined {
  std::string_view sid;
  std::string_view pid;  // empty when the server recovers no sessions
};
// kSioVersion when it has no sid: Socket.IO 2 and older answer so.
std::expected<Joined, Outcome> parse_joined(std::string_view payload) noexcept;

// Why a server refused, escapes as they are: of {"message":"…"}, or the text that older servers
// send. Empty when it says nothing.
std::string_view refusal_message(std::string_view payload) noexcept;

// What a server that recovers sessions adds to an event as its last argument. Empty when the event
// has none: servers add it to those that ask for no acknowledgement.
std::string_view offset_of(const Packet& event) noexcept;

}  // namespace gend::sio
