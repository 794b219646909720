#include "report/md5.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace gend::report {
namespace {

using State = std::array<std::uint32_t, 4>;

// RFC 1321, 3.4: T[i] is the integer part of 2^32 * abs(sin(i + 1)).
const std::array<std::uint32_t, 64>& sines() {
  static const auto table = [] {
    std::array<std::uint32_t, 64> t{};
    for (std::size_t i = 0; i < 64; ++i) {
      const double sine = std::abs(std::sin(static_cast<double>(i + 1)));
      t[i] = static_cast<std::uint32_t>(4294967296.0 * sine);
    }
    return t;
  }();
  return table;
}

constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

std::uint32_t word_at(std::string_view block, std::size_t index) {
  std::uint32_t word = 0;
  for (std::size_t i = 4; i-- > 0;)
    word = (word << 8) | static_cast<unsigned char>(block[index * 4 + i]);
  return word;
}

void add_block(State& state, std::string_view block) {
  auto [a, b, c, d] = state;
  for (std::uint32_t i = 0; i < 64; ++i) {
    std::uint32_t mixed = 0, index = 0;
    switch (i / 16) {
      case 0: mixed = (b & c) | (~b & d); index = i; break;
      case 1: mixed = (b & d) | (c & ~d); index = (5 * i + 1) % 16; break;
      case 2: mixed = b ^ c ^ d; index = (3 * i + 5) % 16; break;
      default: mixed = c ^ (b | ~d); index = 7 * i % 16; break;
    }
    const std::uint32_t sum = a + mixed + sines()[i] + word_at(block, index);
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kShifts[i / 16][i % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

}  // namespace

std::string md5_hex(std::string_view text) {
  std::string padded{text};
  padded += '\x80';
  padded.resize((padded.size() + 8 + 63) / 64 * 64 - 8, '\0');
  const std::uint64_t bits = text.size() * 8;
  for (int shift = 0; shift < 64; shift += 8) padded += static_cast<char>(bits >> shift & 0xff);
  State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += 64)
    add_block(state, std::string_view{padded}.substr(at, 64));
  std::string hex;
  for (const std::uint32_t word : state)
    for (int shift = 0; shift < 32; shift += 8) hex += fmt::format("{:02x}", word >> shift & 0xff);
  return hex;
}

}  // namespace gend::report
