#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace gend::ws {

static_assert(std::endian::native == std::endian::little, "keys are turned as little-endian words");

// Masks or unmasks (RFC 6455 5.3) `size` bytes of a payload, of which the first stands at `offset`
// in it. `key` is the four bytes of the frame as they lie in memory. `to` may be `from`; otherwise
// they must not overlap.
inline void mask(char* to, const char* from, std::size_t size, std::uint32_t key,
                 std::size_t offset = 0) {
  const std::uint32_t turned = std::rotr(key, static_cast<int>(offset % 4 * 8));
  const std::uint64_t wide = std::uint64_t{turned} << 32 | turned;
  std::size_t at = 0;
  const auto take = [&](auto word) {
    std::memcpy(&word, from + at, sizeof word);
    word = static_cast<decltype(word)>(word ^ static_cast<decltype(word)>(wide >> at % 4 * 8));
    std::memcpy(to + at, &word, sizeof word);
    at += sizeof word;
  };
  for (; size - at >= 32;) {  // several words at once, which g++ turns into vectors
    std::uint64_t words[4];
    std::memcpy(words, from + at, sizeof words);
    for (std::uint64_t& word : words) word ^= wide;
    std::memcpy(to + at, words, sizeof words);
    at += sizeof words;
  }
  while (size - at >= 8) take(std::uint64_t{});
  if (size - at >= 4) take(std::uint32_t{});
  if (size - at >= 2) take(std::uint16_t{});
  if (size - at >= 1) take(std::uint8_t{});
}

}  // namespace gend::ws
