#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/outcome.h"
#include "base/rng.h"
#include "ws/mask.h"

// What a client writes: frames of RFC 6455 5.2, always masked.
namespace gend::ws {

enum class Opcode : std::uint8_t {
  kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10
};
enum class Fin : std::uint8_t { kMore, kLast };          // of the frames of a message
enum class Compressed : std::uint8_t { kNo, kYes };      // RFC 7692: on the first frame only
enum class Masking : std::uint8_t { kRandom, kFixed };   // kFixed breaks RFC 6455 5.3: say so

inline constexpr std::size_t kMaxHeaderBytes = 14;
inline constexpr std::size_t kMaxControlPayload = 125;
inline constexpr std::size_t kMaxCloseReason = kMaxControlPayload - 2;

// Not 0: some servers have a short cut for that, which real clients never take.
inline constexpr std::uint32_t kFixedKey = 0x5A'C3'96'A5;

// The key of the next frame. Of kRandom: fresh, repeatable from the seed, and no secret.
inline std::uint32_t next_key(Masking masking, Rng& rng) {
  return masking == Masking::kFixed ? kFixedKey : static_cast<std::uint32_t>(rng() >> 32);
}

// The header with its key, of a frame with that many bytes of payload.
constexpr std::size_t header_bytes(std::size_t payload) {
  if (payload <= 125) return 6;
  return payload <= 0xFFFF ? 8 : kMaxHeaderBytes;
}

constexpr std::size_t frame_bytes(std::size_t payload) { return header_bytes(payload) + payload; }

// Writes header_bytes(payload) bytes and returns how many; the payload follows, masked with `key`.
inline std::size_t write_header(char* to, Opcode opcode, Fin fin, Compressed compressed,
                                std::size_t payload, std::uint32_t key) {
  const std::size_t bytes = header_bytes(payload);
  to[0] = static_cast<char>((fin == Fin::kLast ? 0x80 : 0) |
                            (compressed == Compressed::kYes ? 0x40 : 0) | static_cast<int>(opcode));
  if (bytes == 6) {
    to[1] = static_cast<char>(0x80 | payload);
  } else {
    to[1] = static_cast<char>(bytes == 8 ? 0x80 | 126 : 0x80 | 127);
    for (std::size_t at = bytes - 5, rest = payload; at >= 2; --at, rest >>= 8)
      to[at] = static_cast<char>(rest);
  }
  std::memcpy(to + bytes - 4, &key, 4);
  return bytes;
}

// Writes a whole frame, frame_bytes(payload.size()) bytes, and returns how many. `payload` may
// already stand where it will be masked, header_bytes() behind `to`; otherwise they must not
// overlap.
inline std::size_t write_frame(char* to, Opcode opcode, std::string_view payload, std::uint32_t key,
                               Fin fin = Fin::kLast, Compressed compressed = Compressed::kNo) {
  const std::size_t header = write_header(to, opcode, fin, compressed, payload.size(), key);
  mask(to + header, payload.data(), payload.size(), key);
  return header + payload.size();
}

// Room for any control frame.
inline constexpr std::size_t kMaxControlFrame = 6 + kMaxControlPayload;

// Writes a close frame and returns its size. A code that may not be sent (0, 1005) is left out, and
// the reason with it; a reason beyond kMaxCloseReason is cut, never within a character.
std::size_t write_close(char* to, std::uint16_t code, std::string_view reason, std::uint32_t key);

// Whether a close frame may hold that code: RFC 6455 7.4, and what IANA registered since.
constexpr bool is_close_code(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

// What we tell a server as the reason when a session ends so: 1000 when all is well, 1002, 1007,
// 1009 or 1010 for what it did wrong, else 1001.
std::uint16_t close_code_for(Outcome outcome);

}  // namespace gend::ws
