#include "ws/utf8.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "http/guarded_buffer.h"
#include "support/seed.h"

namespace gend::test {
namespace {

// RFC 3629 3, from the values to the bytes.
std::string encoded(std::uint32_t c) {
  const auto first = [&](unsigned mark, int shift) {
    return std::string(1, static_cast<char>(mark | c >> shift));
  };
  const auto more = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return first(0, 0);
  if (c < 0x800) return first(0xC0, 6) + more(0);
  if (c < 0x10000) return first(0xE0, 12) + more(6) + more(0);
  return first(0xF0, 18) + more(12) + more(6) + more(0);
}

constexpr bool is_character(std::uint32_t c) { return c < 0x110000 && (c < 0xD800 || c > 0xDFFF); }

std::size_t number_of(std::string_view bytes) {
  std::size_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

// What the characters are and how they may begin, by length, then by the bytes as one number.
struct Known {
  Known() {
    for (std::uint32_t c = 0; c < 0x110000; ++c) {
      if (!is_character(c)) continue;
      const std::string bytes = encoded(c);
      if (bytes.size() < 4) whole[bytes.size()][number_of(bytes)] = true;
      for (std::size_t size = 1; size < bytes.size(); ++size)
        start[size][number_of(bytes.substr(0, size))] = true;
    }
  }
  std::vector<bool> whole[4] = {{}, sized(8), sized(16), sized(24)};
  std::vector<bool> start[4] = {{}, sized(8), sized(16), sized(24)};

 private:
  static std::vector<bool> sized(int bits) { return std::vector<bool>(std::size_t{1} << bits); }
};

// Whether each byte is taken exactly as long as some character begins so.
bool is_right(const Known& known, std::string_view bytes) {
  ws::Utf8 check;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const std::size_t number = number_of(bytes.substr(0, size));
    const bool whole = known.whole[size][number], start = known.start[size][number];
    const bool taken = check.take(bytes.substr(size - 1, 1));
    if (taken != (whole || start) || (taken && check.at_end() != whole)) return false;
    if (whole || !taken) return true;
  }
  return true;
}

TEST_CASE("every character is UTF-8, and cut it is not whole") {
  std::size_t wrong = 0;
  for (std::uint32_t c = 0; c < 0x110000; ++c) {
    const std::string bytes = encoded(c);
    wrong += ws::is_utf8(bytes) != is_character(c);
    wrong += bytes.size() > 1 && ws::is_utf8(std::string_view{bytes}.substr(0, bytes.size() - 1));
  }
  CHECK(wrong == 0);
}

TEST_CASE("every one, two and three bytes are refused at the first that begins no character") {
  const Known known;
  std::size_t wrong = 0;
  for (unsigned a = 0; a < 256; ++a)
    for (unsigned b = 0; b < 256; ++b) {
      char bytes[3] = {static_cast<char>(a), static_cast<char>(b), 0};
      // Where the first two decide, one third is as good as any.
      const bool open = known.start[2][a << 8 | b];
      for (unsigned c = 0; c < (open ? 256u : 1u); ++c) {
        bytes[2] = static_cast<char>(c);
        wrong += !is_right(known, {bytes, 3});
      }
    }
  CHECK(wrong == 0);
}

TEST_CASE("four bytes are a character only when they are one") {
  const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  std::size_t wrong = 0;
  for (unsigned a = 0xF0; a < 0x100; ++a)
    for (unsigned b = 0; b < 256; ++b)
      for (const unsigned c : edges)
        for (const unsigned d : edges) {
          const char bytes[4] = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c),
                                 static_cast<char>(d)};
          const std::uint32_t value =
              (a & 7) << 18 | (b & 0x3F) << 12 | (c & 0x3F) << 6 | (d & 0x3F);
          const bool good = value >= 0x10000 && is_character(value) &&
                            encoded(value) == std::string_view{bytes, 4};
          wrong += ws::is_utf8({bytes, 4}) != good;
        }
  CHECK(wrong == 0);
}

TEST_CASE("one wrong byte is found wherever it stands among ASCII") {
  GuardedBuffer buffer{256};
  for (std::size_t size = 1; size < 120; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\x80';
      CHECK_FALSE(ws::is_utf8(buffer.place(text)));
      text[at] = '\x7f';
      CHECK(ws::is_utf8(buffer.place(text)));
    }
}

TEST_CASE("pieces say the same as the whole") {
  Rng rng{seed()};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    while (text.size() < 100) {
      static constexpr std::uint32_t kBelow[] = {0x80, 0x80, 0x800, 0x10000, 0x110000};
      const auto c = static_cast<std::uint32_t>(rng.below(kBelow[rng.below(5)]));
      text += encoded(is_character(c) ? c : 'x');
    }
    if (rng.below(2)) text[rng.below(text.size())] = static_cast<char>(rng());
    ws::Utf8 check;
    bool good = true;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = 1 + rng.below(40);
      good = check.take(std::string_view{text}.substr(at, size));
      at += size;
    }
    CHECK((good && check.at_end()) == ws::is_utf8(text));
  }
}

}  // namespace
}  // namespace gend::test
