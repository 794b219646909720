#include <cstring>

#include <fmt/format.h>

#include "data/loading.h"

namespace gend::data {

namespace {

// Bytes of the character that `text` begins with, 0 when it is no UTF-8 (RFC 3629: no overlong
// forms, no surrogates, nothing above U+10FFFF).
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool beyond = first == 0xF4 && second >= 0x90;
  return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
}

// Eight bytes at once: plain ASCII without NUL, which nearly every file consists of.
bool plain_word(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
  // With all high bits clear the subtraction sets one exactly when a byte was zero.
  return ((word | (word - kOnes)) & kHigh) == 0;
}

}  // namespace

bool check_encoding(std::string_view text, Complaints& complaints) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    complaints.add(1, "the file is UTF-16, expected UTF-8", "save it as UTF-8");
    return false;
  }
  std::uint64_t line = 1, counted_to = 0, line_start = 0;
  const auto complain = [&](std::size_t at, std::string what, std::string remedy) {
    for (; counted_to < at; ++counted_to)
      if (text[counted_to] == '\n') {
        ++line;
        line_start = counted_to + 1;
      }
    complaints.add(line, fmt::format("byte {} of the line is {}", at - line_start + 1, what),
                   std::move(remedy));
  };
  for (std::size_t at = 0; at < text.size() && !complaints.full();) {
    if (at + 8 <= text.size() && plain_word(text.data() + at)) {
      at += 8;
      continue;
    }
    const std::size_t size = character_size(text.substr(at, 4));
    if (text[at] == '\0')
      complain(at, "NUL, expected text", "write the file without NUL bytes");
    else if (size == 0)
      complain(at, fmt::format("0x{:02X}, which is no UTF-8 there",
                               static_cast<unsigned char>(text[at])), "save the file as UTF-8");
    at += size == 0 ? 1 : size;
  }
  return true;
}

}  // namespace gend::data
