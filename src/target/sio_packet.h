#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gend::target {

// Engine.IO 4 and Socket.IO 5 on the wire, from the side of the server. Pure.

namespace eio {
inline constexpr char kOpen = '0', kClose = '1', kPing = '2', kPong = '3', kMessage = '4',
                      kUpgrade = '5', kNoop = '6', kBinary = 'b';
inline constexpr char kSeparator = '\x1e';
inline constexpr std::size_t kMaxPayload = 1'000'000;
}  // namespace eio

struct SioPacket {
  enum class Type : std::uint8_t {
    kConnect,
    kDisconnect,
    kEvent,
    kAck,
    kConnectError,
    kBinaryEvent,
    kBinaryAck
  };
  Type type = Type::kEvent;
  std::uint32_t attachments = 0;
  std::string_view name_space = "/";
  std::optional<std::uint64_t> id{};
  std::string_view data{};  // JSON, not looked at
};

// A packet behind the Engine.IO type; nothing when it is none. Views into `text`.
std::optional<SioPacket> parse_sio(std::string_view text);
// Behind whatever is in `out`: Engine.IO's type of a message, then the packet.
void append_sio(std::string& out, const SioPacket& packet);

// Whether JSON data holds a place for an attachment: {"_placeholder":true,"num":0}.
std::size_t placeholders_in(std::string_view data);

// The packets of a polling payload, as views into it; nothing when it is empty or too large.
std::optional<std::vector<std::string_view>> split_payload(std::string_view payload);

struct EngineTimes {
  std::int64_t ping_interval_ms = 25'000, ping_timeout_ms = 20'000;
};
// Which namespaces want a token in the auth of CONNECT.
enum class SioAuth : std::uint8_t { kNone, kVillages, kAll };

struct SioOptions {
  EngineTimes times{};
  SioAuth auth = SioAuth::kVillages;
};

enum class Upgrades : std::uint8_t { kNone, kWebSocket };
std::string open_packet(std::string_view sid, Upgrades upgrades, const EngineTimes& times);

}  // namespace gend::target
