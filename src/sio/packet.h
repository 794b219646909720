#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"

// Packets of the Socket.IO protocol, version 5 (Socket.IO 3 and newer), as Engine.IO's messages
// carry them.
namespace gend::sio {

enum class PacketType : std::uint8_t {
  kConnect,
  kDisconnect,
  kEvent,
  kAck,
  kConnectError,
  kBinaryEvent,
  kBinaryAck
};

inline constexpr std::string_view kRootNamespace = "/";

// One packet; the views are in the text that was parsed.
struct Packet {
  PacketType type = PacketType::kEvent;
  std::string_view space = kRootNamespace;  // its namespace
  std::optional<std::uint64_t> id;          // of the acknowledgement that it asks for or is
  std::uint32_t attachments = 0;            // binary messages that follow
  std::string_view payload;                 // JSON; empty when there is none
  // Of an event: its name as between the quotes, escapes as they are (same_json_text), or a number.
  std::string_view name;
  // Of events and acknowledgements: the arguments as JSON, with commas between, without brackets.
  std::string_view arguments;
  std::string_view last;  // of these; empty when there is none
};

// Every rule of the protocol, the JSON of the payload included; the only outcome is kSioPacket.
// Names that Socket.IO keeps for itself ("disconnect") are no events, as its own parser has it.
std::expected<Packet, Outcome> parse_packet(std::string_view text) noexcept;

constexpr bool is_event(PacketType type) {
  return type == PacketType::kEvent || type == PacketType::kBinaryEvent;
}
constexpr bool is_ack(PacketType type) {
  return type == PacketType::kAck || type == PacketType::kBinaryAck;
}

// What stands ahead of the payload of an event or an acknowledgement. The type becomes the binary
// one when there are attachments.
struct PacketHead {
  PacketType type = PacketType::kEvent;
  std::string_view space = kRootNamespace;
  std::optional<std::uint64_t> id;
  std::uint32_t attachments = 0;
};

// These append a whole Engine.IO message, its digit included ("42[…]"). `space` begins with "/" and
// has no comma. append_head: the payload, a JSON array, goes behind it.
void append_head(std::string& out, const PacketHead& head);
void append_disconnect(std::string& out, std::string_view space);

// Stands in the payload for the attachment `number`, counted from 0 in the order they follow.
void append_placeholder(std::string& out, std::uint32_t number);

}  // namespace gend::sio
