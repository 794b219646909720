#include "sio/session.h"

namespace gend::sio {
namespace {

Fact fact_of(Meaning meaning, const Packet& packet) {
  Fact fact;
  fact.meaning = meaning;
  fact.packet = packet;
  if (packet.attachments > 0) fact.whole = Fact::Whole::kMoreFollows;
  return fact;
}

Fact fact_of(Meaning meaning) {
  Fact fact;
  fact.meaning = meaning;
  return fact;
}

}  // namespace

std::expected<Fact, Outcome> Session::take(std::string_view text) noexcept {
  const auto packet = parse_engine_packet(text);
  if (!packet) return std::unexpected{packet.error()};
  return take(*packet);
}

std::expected<Fact, Outcome> Session::take(const EnginePacket& packet) noexcept {
  if ((phase_ == Phase::kOpening) != (packet.type == EngineType::kOpen))
    return std::unexpected{Outcome::kSioPacket};
  switch (packet.type) {
    case EngineType::kOpen: return take_open(packet.data);
    case EngineType::kClose: return fact_of(Meaning::kClosed);
    case EngineType::kPing: return fact_of(Meaning::kPing);
    case EngineType::kMessage: return take_message(packet);
    case EngineType::kNoop: return fact_of(Meaning::kNothing);
    // Answers to what a session never sends; the probe's own is read before a session changes over.
    case EngineType::kPong:
    case EngineType::kUpgrade: break;
  }
  return std::unexpected{Outcome::kSioPacket};
}

std::expected<Fact, Outcome> Session::take_open(std::string_view data) noexcept {
  const auto open = parse_open(data);
  if (!open) return std::unexpected{open.error()};
  phase_ = Phase::kOpen;
  Fact fact = fact_of(Meaning::kOpened);
  fact.open = *open;
  return fact;
}

std::expected<Fact, Outcome> Session::take_message(const EnginePacket& message) noexcept {
  if (message.content == Content::kBinary) return take_attachment(message.data);
  if (attachments_left_ > 0) return std::unexpected{Outcome::kSioAttachment};
  const auto packet = parse_packet(message.data);
  if (!packet) return std::unexpected{packet.error()};
  return take_packet(*packet);
}

std::expected<Fact, Outcome> Session::take_attachment(std::string_view bytes) noexcept {
  if (phase_ == Phase::kLeft) return fact_of(Meaning::kNothing);
  if (attachments_left_ == 0) return std::unexpected{Outcome::kSioAttachment};
  --attachments_left_;
  Fact fact = fact_of(Meaning::kAttachment);
  fact.bytes = bytes;
  if (attachments_left_ > 0) fact.whole = Fact::Whole::kMoreFollows;
  return fact;
}

// The answer to our request to join, or what looks like one.
std::expected<Fact, Outcome> Session::take_answer(const Packet& packet) noexcept {
  const bool wanted = phase_ == Phase::kJoining && packet.space == space_;
  if (packet.type == PacketType::kConnectError) {
    if (!wanted) return std::unexpected{Outcome::kSioNamespace};
    phase_ = Phase::kLeft;
    return fact_of(Meaning::kRefused, packet);
  }
  // Socket.IO 2 joins its clients to "/" unasked, and tells no sid.
  const auto joined = parse_joined(packet.payload);
  if (!joined) return std::unexpected{joined.error()};
  if (!wanted) return std::unexpected{Outcome::kSioNamespace};
  phase_ = Phase::kJoined;
  Fact fact = fact_of(Meaning::kJoined, packet);
  fact.joined = *joined;
  return fact;
}

std::expected<Fact, Outcome> Session::take_packet(const Packet& packet) noexcept {
  if (phase_ == Phase::kLeft && packet.space == space_) return fact_of(Meaning::kNothing);
  if (packet.type == PacketType::kConnect || packet.type == PacketType::kConnectError)
    return take_answer(packet);
  if (phase_ != Phase::kJoined || packet.space != space_)
    return std::unexpected{Outcome::kSioNamespace};
  if (packet.type == PacketType::kDisconnect) {
    phase_ = Phase::kLeft;
    return fact_of(Meaning::kDisconnected);
  }
  attachments_left_ = packet.attachments;
  return fact_of(is_event(packet.type) ? Meaning::kEvent : Meaning::kAck, packet);
}

}  // namespace gend::sio
