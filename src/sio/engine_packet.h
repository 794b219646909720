#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/outcome.h"

// Packets of the Engine.IO protocol, version 4, which carries Socket.IO 3 and newer.
namespace gend::sio {

enum class EngineType : std::uint8_t { kOpen, kClose, kPing, kPong, kMessage, kUpgrade, kNoop };
enum class Content : std::uint8_t { kText, kBinary };

struct EnginePacket {
  EngineType type = EngineType::kMessage;
  Content content = Content::kText;  // kBinary only of messages
  std::string_view data;             // behind the type's digit; in the bytes that were given
};

// One text message of a WebSocket: "2", "3probe", "0{…}", "4…". Otherwise kSioPacket.
std::expected<EnginePacket, Outcome> parse_engine_packet(std::string_view text) noexcept;

// One binary message of a WebSocket is one binary message of Engine.IO, as it is.
constexpr EnginePacket binary_packet(std::string_view bytes) {
  return {EngineType::kMessage, Content::kBinary, bytes};
}

constexpr char digit_of(EngineType type) {
  return static_cast<char>('0' + static_cast<int>(type));
}

// What a client sends as whole messages; a Socket.IO packet goes behind the digit of kMessage.
inline constexpr std::string_view kPongMessage = "3";
inline constexpr std::string_view kProbeMessage = "2probe";
inline constexpr std::string_view kProbeAnswer = "3probe";
inline constexpr std::string_view kUpgradeMessage = "5";
inline constexpr std::string_view kCloseMessage = "1";

}  // namespace gend::sio
