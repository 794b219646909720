#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "fuzz/ws_frames_oracle.h"
#include "support/seed.h"
#include "ws/deflate.h"
#include "ws/wire.h"

namespace gend::test {
namespace {

constexpr int kMutations = 60'000;

std::string run(const std::string& input) {
  return fuzz_frames(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// Of every kind of frame, and of each form of length that fits.
std::vector<std::string> frames() {
  ws::Deflater deflater;
  const std::string text = "text \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80, text";
  return {server_frame(0x81, text),
          server_frame(0x01, text.substr(0, 6)),
          server_frame(0x00, text.substr(6, 9)),
          server_frame(0x80, text.substr(15)),
          server_frame(0x82, std::string(130, '\xfe')),
          server_frame(0x02, ""),
          server_frame(0x82, std::string(70'000, 'l')).substr(0, 600),
          server_frame(0x89, "ping"),
          server_frame(0x8A, std::string(125, 'p')),
          server_frame(0xC1, deflater.deflate(text)),
          server_frame(0x41, deflater.deflate(text).substr(0, 7)),
          server_frame(0xC2, deflater.deflate(std::string(2000, 'z'))),
          server_frame(0x88, "\x03\xe8 gr\xc3\xbc\xc3\x9f"),
          server_frame(0x88, "")};
}

std::string mutate(std::string bytes, Rng& rng) {
  for (std::uint64_t times = rng.below(4); times > 0 && !bytes.empty(); --times) {
    const std::size_t at = rng.below(bytes.size());
    switch (rng.below(5)) {
      case 0: bytes[at] = static_cast<char>(rng()); break;
      case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << rng.below(8)); break;
      case 2: bytes.erase(at, 1 + rng.below(4)); break;
      case 3: bytes.insert(at, 1 + rng.below(3), static_cast<char>(rng())); break;
      default: bytes.resize(at);
    }
  }
  return bytes;
}

TEST_CASE("mutated frames are read the same in any pieces, and never beyond their end") {
  Rng rng{seed()};
  const std::vector<std::string> corpus = frames();
  for (int i = 0; i < kMutations; ++i) {
    std::string bytes;
    for (std::uint64_t count = 1 + rng.below(5); count > 0; --count)
      bytes += corpus[rng.below(corpus.size())];
    const std::string wrong = run(static_cast<char>(rng()) + mutate(bytes, rng));
    REQUIRE_MESSAGE(wrong == "", wrong << " in mutation " << i);
  }
}

TEST_CASE("noise is read the same in any pieces") {
  Rng rng{seed() + 1};
  for (int i = 0; i < kMutations / 4; ++i) {
    std::string bytes(rng.below(64) + 1, '\0');
    for (char& byte : bytes) byte = static_cast<char>(rng());
    const std::string wrong = run(bytes);
    REQUIRE_MESSAGE(wrong == "", wrong << " in noise " << i);
  }
}

}  // namespace
}  // namespace gend::test
