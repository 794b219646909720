#include "ws/frame.h"

namespace gend::ws {
namespace {

// The longest beginning of `text` of at most `room` bytes that ends with a whole character.
std::string_view cut(std::string_view text, std::size_t room) {
  if (text.size() <= room) return text;
  while (room > 0 && (static_cast<unsigned char>(text[room]) & 0xC0) == 0x80) --room;
  return text.substr(0, room);
}

}  // namespace

std::size_t write_close(char* to, std::uint16_t code, std::string_view reason, std::uint32_t key) {
  if (!is_close_code(code)) return write_frame(to, Opcode::kClose, {}, key);
  const std::string_view said = cut(reason, kMaxCloseReason);
  const std::size_t header =
      write_header(to, Opcode::kClose, Fin::kLast, Compressed::kNo, 2 + said.size(), key);
  const char bytes[2] = {static_cast<char>(code >> 8), static_cast<char>(code)};
  mask(to + header, bytes, 2, key);
  mask(to + header + 2, said.data(), said.size(), key, 2);
  return header + 2 + said.size();
}

std::uint16_t close_code_for(Outcome outcome) {
  using enum Outcome;
  if (outcome == kOk) return 1000;
  if (outcome == kWsExtension) return 1010;
  if (outcome == kWsUtf8 || outcome == kWsDeflate) return 1007;
  if (outcome == kWsTooLarge) return 1009;
  if (outcome >= kWsUpgradeHeader && outcome < kWsTooLarge) return 1002;
  if (outcome >= kSioVersion && outcome <= kSioAttachment) return 1002;
  return 1001;
}

}  // namespace gend::ws
