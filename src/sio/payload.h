#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "sio/engine_packet.h"

// The bodies of HTTP long-polling: packets with a record separator between them, binary messages as
// base64 behind a "b".
namespace gend::sio {

inline constexpr char kRecordSeparator = '\x1e';
// How a server answers a POST that it takes.
inline constexpr std::string_view kPostAnswer = "ok";

// Reads the packets of one body. Binary messages are decoded in place: the views of packets are in
// the bytes that were given, and those of former packets stay good.
class PayloadReader {
 public:
  explicit PayloadReader(std::span<char> body) noexcept : body_{body} {}

  bool done() const noexcept { return done_; }
  // The next packet. A fault ends it: kSioPacket, or kSioVersion when the body is one of Engine.IO
  // 3 or older ("96:0{…}").
  std::expected<EnginePacket, Outcome> next() noexcept;

 private:
  std::unexpected<Outcome> fail(Outcome why) noexcept;

  std::span<char> body_;
  std::size_t at_ = 0;
  bool done_ = false;
};

// Whether this body is the first payload of Engine.IO 3 or older, with an open packet behind its
// length: "96:0{…}2:40", or its binary form.
bool is_old_payload(std::string_view body) noexcept;

// Appends one packet to a body, behind a separator when it is not the first. `packet`: with its
// digit, as a WebSocket would carry it.
void append_packet(std::string& body, std::string_view packet);
void append_binary_packet(std::string& body, std::string_view bytes);

// How much longer a body becomes: what the server's maxPayload is compared with.
constexpr std::size_t packet_growth(std::size_t body, std::size_t packet) {
  return packet + (body == 0 ? 0 : 1);
}
constexpr std::size_t binary_growth(std::size_t body, std::size_t bytes) {
  return packet_growth(body, 1 + (bytes + 2) / 3 * 4);
}

}  // namespace gend::sio
