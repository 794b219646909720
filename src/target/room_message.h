#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gend::target {

// A message of a client of /ws/rooms. Views into its text, or into `storage`.
struct RoomMessage {
  enum class Type : std::uint8_t { kSubscribe, kUnsubscribe, kPublish, kUnknown, kMalformed };
  Type type = Type::kMalformed;
  std::string_view channel{};
  bool to_itself = true;  // "echo": false is for others only
};

// Looks for type, channel and echo without building the JSON; a text with escapes in them, or one
// that is not plain, goes through a whole parser.
RoomMessage read_room_message(std::string_view text, std::string& storage);

}  // namespace gend::target
