#include "sio/packet.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"
#include "sio/engine_packet.h"
#include "sio/json.h"

namespace gend::sio {
namespace {

// Events that Socket.IO itself emits: a packet may not.
constexpr std::array<std::string_view, 6> kReserved{
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Digits at the front of `text`, taken from it.
std::optional<std::uint64_t> take_number(std::string_view& text, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || number > most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take_attachments(std::string_view& text, Packet& packet) {
  const auto number = take_number(text, limits::kSioAttachments);
  if (number.value_or(0) == 0 || !text.starts_with('-')) return false;
  text.remove_prefix(1);
  packet.attachments = static_cast<std::uint32_t>(*number);
  return true;
}

bool take_namespace(std::string_view& text, Packet& packet) {
  const std::size_t comma = text.find(',');
  packet.space = text.substr(0, comma);
  text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  return packet.space.size() <= limits::kSioNamespaceBytes;
}

bool take_id(std::string_view& text, Packet& packet) {
  if (!is_event(packet.type) && !is_ack(packet.type)) return false;
  packet.id = take_number(text, limits::kSioAckId);
  return packet.id.has_value();
}

// The first element of an event.
bool is_name(std::string_view value, std::string_view& name) {
  const auto text = json_text(value);
  name = text.value_or(value);
  if (!text) return value.front() == '-' || is_digit(value.front());
  if (name.size() > limits::kSioEventBytes) return false;
  // Most names cannot be one of those, and are not compared.
  if (name.empty() || std::string_view{"cdnr\\"}.find(name.front()) == name.npos) return true;
  return std::ranges::none_of(kReserved,
                              [&](std::string_view word) { return same_json_text(name, word); });
}

// The elements of an array, each with what it has to be.
bool take_array(std::string_view text, Packet& packet) {
  if (!text.starts_with('[')) return false;
  std::string_view left = without_json_spaces(text.substr(1));
  std::size_t taken = 0;
  const char* arguments = left.data();
  bool ended = left.starts_with(']');
  while (!ended) {
    const std::size_t size = json_value_size(left);
    if (size == 0) return false;
    const std::string_view value = left.substr(0, size);
    const bool names = taken++ == 0 && is_event(packet.type);
    if (names && !is_name(value, packet.name)) return false;
    left = without_json_spaces(left.substr(size));
    ended = left.starts_with(']');
    if (!ended && !left.starts_with(',')) return false;
    if (!ended) left = without_json_spaces(left.substr(1));
    if (names)
      arguments = left.data();
    else
      packet.last = value;
  }
  packet.arguments = {arguments, static_cast<std::size_t>(left.data() - arguments)};
  return left.size() == 1 && (!is_event(packet.type) || taken > 0);
}

bool take_payload(std::string_view text, Packet& packet) {
  packet.payload = text;
  switch (packet.type) {
    case PacketType::kConnect: return text.empty() || (text.front() == '{' && is_json(text));
    case PacketType::kDisconnect: return text.empty();
    case PacketType::kConnectError:
      return text.empty() || ((text.front() == '{' || text.front() == '"') && is_json(text));
    case PacketType::kEvent:
    case PacketType::kBinaryEvent: return take_array(text, packet);
    case PacketType::kAck:
    case PacketType::kBinaryAck: return packet.id && take_array(text, packet);
  }
  return false;
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_type(std::string& out, PacketType type, std::uint32_t attachments) {
  out += digit_of(EngineType::kMessage);
  int digit = static_cast<int>(type);
  if (attachments > 0 && type == PacketType::kEvent)
    digit = static_cast<int>(PacketType::kBinaryEvent);
  if (attachments > 0 && type == PacketType::kAck) digit = static_cast<int>(PacketType::kBinaryAck);
  out += static_cast<char>('0' + digit);
  if (attachments == 0) return;
  append_number(out, attachments);
  out += '-';
}

void append_namespace(std::string& out, std::string_view space) {
  if (space == kRootNamespace) return;
  out += space;
  out += ',';
}

}  // namespace

std::expected<Packet, Outcome> parse_packet(std::string_view text) noexcept {
  const std::unexpected malformed{Outcome::kSioPacket};
  if (text.empty() || text.front() < '0' || text.front() > '6') return malformed;
  Packet packet;
  packet.type = static_cast<PacketType>(text.front() - '0');
  text.remove_prefix(1);
  const bool binary =
      packet.type == PacketType::kBinaryEvent || packet.type == PacketType::kBinaryAck;
  if (binary && !take_attachments(text, packet)) return malformed;
  if (text.starts_with('/') && !take_namespace(text, packet)) return malformed;
  if (!text.empty() && is_digit(text.front()) && !take_id(text, packet)) return malformed;
  if (!take_payload(text, packet)) return malformed;
  return packet;
}

void append_head(std::string& out, const PacketHead& head) {
  append_type(out, head.type, head.attachments);
  append_namespace(out, head.space);
  if (head.id) append_number(out, *head.id);
}

void append_disconnect(std::string& out, std::string_view space) {
  append_type(out, PacketType::kDisconnect, 0);
  append_namespace(out, space);
}

void append_placeholder(std::string& out, std::uint32_t number) {
  out += R"({"_placeholder":true,"num":)";
  append_number(out, number);
  out += '}';
}

}  // namespace gend::sio
