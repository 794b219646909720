#include "target/sio_packet.h"

#include <fmt/format.h>

#include <algorithm>

#include "target/text.h"

namespace gend::target {
namespace {

constexpr std::uint64_t kMostAttachments = 64;
constexpr std::size_t kMostIdDigits = 18;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The digits at the front; removed from it.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool is_binary(SioPacket::Type type) {
  return type == SioPacket::Type::kBinaryEvent || type == SioPacket::Type::kBinaryAck;
}

}  // namespace

std::optional<SioPacket> parse_sio(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '6') return std::nullopt;
  SioPacket packet;
  packet.type = static_cast<SioPacket::Type>(text[0] - '0');
  text.remove_prefix(1);
  if (is_binary(packet.type)) {
    const auto count = number(take_digits(text), kMostAttachments);
    if (!count || !text.starts_with('-')) return std::nullopt;
    packet.attachments = static_cast<std::uint32_t>(*count);
    text.remove_prefix(1);
  }
  if (text.starts_with('/')) {
    const std::size_t comma = text.find(',');
    packet.name_space = text.substr(0, comma);
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
    // A query behind the name is the client's own affair.
    packet.name_space = packet.name_space.substr(0, packet.name_space.find('?'));
  }
  if (const std::string_view digits = take_digits(text); !digits.empty()) {
    if (digits.size() > kMostIdDigits) return std::nullopt;
    packet.id = number(digits, ~std::uint64_t{0});
  }
  packet.data = text;
  const bool has_arguments = packet.type != SioPacket::Type::kConnect &&
                             packet.type != SioPacket::Type::kDisconnect &&
                             packet.type != SioPacket::Type::kConnectError;
  if (has_arguments && !text.starts_with('[')) return std::nullopt;
  return packet;
}

void append_sio(std::string& out, const SioPacket& packet) {
  out += eio::kMessage;
  out += static_cast<char>('0' + static_cast<int>(packet.type));
  if (is_binary(packet.type)) out += fmt::format("{}-", packet.attachments);
  if (packet.name_space != "/") out.append(packet.name_space) += ',';
  if (packet.id) out += fmt::format("{}", *packet.id);
  out += packet.data;
}

std::size_t placeholders_in(std::string_view data) {
  constexpr std::string_view kPlace = "\"_placeholder\"";
  std::size_t count = 0;
  for (std::size_t at = data.find(kPlace); at != data.npos; at = data.find(kPlace, at + 1)) ++count;
  return count;
}

std::optional<std::vector<std::string_view>> split_payload(std::string_view payload) {
  if (payload.empty() || payload.size() > eio::kMaxPayload) return std::nullopt;
  std::vector<std::string_view> packets;
  for (;;) {
    const std::size_t end = payload.find(eio::kSeparator);
    packets.push_back(payload.substr(0, end));
    if (end == payload.npos) return packets;
    payload.remove_prefix(end + 1);
  }
}

std::string open_packet(std::string_view sid, Upgrades upgrades, const EngineTimes& times) {
  return fmt::format(
      R"(0{{"sid":"{}","upgrades":[{}],"pingInterval":{},"pingTimeout":{},"maxPayload":{}}})", sid,
      upgrades == Upgrades::kWebSocket ? "\"websocket\"" : "", times.ping_interval_ms,
      times.ping_timeout_ms, eio::kMaxPayload);
}

}  // namespace gend::target
