#include "ws/utf8.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace gend::ws {
namespace {

// What must come next (RFC 3629 4).
enum State : std::uint8_t {
  kStart,
  kOne,      // one continuation byte
  kTwo,
  kThree,
  kAfterE0,  // A0-BF, then one: below is overlong
  kAfterEd,  // 80-9F, then one: above are surrogates
  kAfterF0,  // 90-BF, then two: below is overlong
  kAfterF4,  // 80-8F, then two: above is beyond U+10FFFF
  kWrong,
  kStates
};

constexpr State after_first(unsigned byte) {
  if (byte < 0x80) return kStart;
  if (byte < 0xC2) return kWrong;  // a continuation, or C0 and C1: overlong
  if (byte < 0xE0) return kOne;
  if (byte == 0xE0) return kAfterE0;
  if (byte == 0xED) return kAfterEd;
  if (byte < 0xF0) return kTwo;
  if (byte == 0xF0) return kAfterF0;
  if (byte < 0xF4) return kThree;
  return byte == 0xF4 ? kAfterF4 : kWrong;
}

constexpr State after(State state, unsigned byte) {
  const auto within = [byte](unsigned low, unsigned high, State next) {
    return byte >= low && byte <= high ? next : kWrong;
  };
  switch (state) {
    case kStart: return after_first(byte);
    case kOne: return within(0x80, 0xBF, kStart);
    case kTwo: return within(0x80, 0xBF, kOne);
    case kThree: return within(0x80, 0xBF, kTwo);
    case kAfterE0: return within(0xA0, 0xBF, kOne);
    case kAfterEd: return within(0x80, 0x9F, kOne);
    case kAfterF0: return within(0x90, 0xBF, kTwo);
    case kAfterF4: return within(0x80, 0x8F, kTwo);
    case kWrong:
    case kStates: break;
  }
  return kWrong;
}

constexpr auto kTable = [] {
  std::array<std::array<std::uint8_t, 256>, kStates> table{};
  for (unsigned state = 0; state < kStates; ++state)
    for (unsigned byte = 0; byte < 256; ++byte)
      table[state][byte] = after(static_cast<State>(state), byte);
  return table;
}();

constexpr std::uint64_t kHighBits = 0x8080808080808080;

// How many bytes at the front are certainly ASCII; a multiple of 8.
std::size_t ascii_words(const char* at, std::size_t size) {
  std::size_t done = 0;
  std::uint64_t words[4];
  for (; size - done >= 32; done += 32) {
    std::memcpy(words, at + done, 32);
    if ((words[0] | words[1] | words[2] | words[3]) & kHighBits) break;
  }
  for (; size - done >= 8; done += 8) {
    std::memcpy(words, at + done, 8);
    if (words[0] & kHighBits) break;
  }
  return done;
}

}  // namespace

bool Utf8::take(std::string_view piece) noexcept {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  std::uint8_t state = state_;
  while (at != end) {
    if (state == kStart) {
      at += ascii_words(at, static_cast<std::size_t>(end - at));
      if (at == end) break;
    }
    // A word that is not all ASCII, a tail, or the rest of a character: byte by byte.
    const char* stop = end - at > 16 ? at + 16 : end;
    for (; at != stop; ++at) state = kTable[state][static_cast<unsigned char>(*at)];
    if (state == kWrong) break;
  }
  state_ = state;
  return state != kWrong;
}

bool is_utf8(std::string_view text) noexcept {
  Utf8 check;
  return check.take(text) && check.at_end();
}

}  // namespace gend::ws
