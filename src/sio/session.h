#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string_view>

#include "base/outcome.h"
#include "base/time.h"
#include "sio/connect.h"
#include "sio/engine_packet.h"
#include "sio/open.h"
#include "sio/packet.h"

namespace gend::sio {

// What one message of a server means to a session.
enum class Meaning : std::uint8_t {
  kNothing,       // a noop, or something for a namespace that was just left
  kOpened,        // `open`: now send append_connect() and call joining()
  kPing,          // answer with kPongMessage
  kJoined,        // `joined`
  kRefused,       // `packet`: the server refused the namespace; kSioRefused
  kEvent,         // `packet`; when it has attachments, they follow
  kAck,           // the same
  kAttachment,    // `bytes` of the event or acknowledgement that came last
  kDisconnected,  // the server ended the namespace; kSioDisconnected
  kClosed,        // the server closes the whole session; kSioDisconnected
};

struct Fact {
  Meaning meaning = Meaning::kNothing;
  // Of kEvent, kAck and kAttachment: whether this is all of it.
  enum class Whole : std::uint8_t { kYes, kMoreFollows } whole = Whole::kYes;
  Open open;
  Joined joined;
  Packet packet;
  std::string_view bytes;
};

// One Engine.IO session with one namespace, from the open packet on; all transports alike. Takes
// messages, tells what they mean, and says what is wrong with them; sends nothing, keeps no time
// and no bytes.
class Session {
 public:
  // `space`: the namespace that is joined; must stay as long as the session.
  explicit Session(std::string_view space = kRootNamespace) noexcept : space_{space} {}

  // One packet, of a WebSocket message or a polling payload. Views in the fact are in its bytes.
  // After an error the session is of no more use: kSioPacket, kSioVersion, kSioNamespace,
  // kSioAttachment.
  std::expected<Fact, Outcome> take(const EnginePacket& packet) noexcept;
  // A text message of a WebSocket.
  std::expected<Fact, Outcome> take(std::string_view text) noexcept;

  void joining() noexcept { phase_ = Phase::kJoining; }
  // We left the namespace: what the server sent before it knew is no fault.
  void leaving() noexcept {
    phase_ = Phase::kLeft;
    attachments_left_ = 0;
  }

  bool opened() const noexcept { return phase_ != Phase::kOpening; }
  bool joined() const noexcept { return phase_ == Phase::kJoined; }
  // Attachments were announced that have not come: the reason when the session ends now, or when
  // they stay away.
  bool waits_for_attachments() const noexcept { return attachments_left_ > 0; }

 private:
  enum class Phase : std::uint8_t { kOpening, kOpen, kJoining, kJoined, kLeft };

  std::expected<Fact, Outcome> take_open(std::string_view data) noexcept;
  std::expected<Fact, Outcome> take_message(const EnginePacket& message) noexcept;
  std::expected<Fact, Outcome> take_attachment(std::string_view bytes) noexcept;
  std::expected<Fact, Outcome> take_packet(const Packet& packet) noexcept;
  std::expected<Fact, Outcome> take_answer(const Packet& packet) noexcept;

  std::string_view space_;
  std::uint32_t attachments_left_ = 0;
  Phase phase_ = Phase::kOpening;
};

// When the server must have sent its next ping: a ping interval and a ping timeout after the last
// one, or after the open packet (Engine.IO 4, "Heartbeat"). Only pings count.
constexpr TimePoint ping_deadline(TimePoint last, const Open& open) {
  return last + open.ping_interval + open.ping_timeout;
}

}  // namespace gend::sio
