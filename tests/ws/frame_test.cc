#include "ws/frame.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "http/guarded_buffer.h"
#include "support/seed.h"
#include "ws/mask.h"

namespace gend::test {
namespace {

using ws::Opcode;

std::uint32_t key_of(std::string_view four_bytes) {
  std::uint32_t key = 0;
  std::memcpy(&key, four_bytes.data(), 4);
  return key;
}

std::string bytes_of(Rng& rng, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(rng());
  return bytes;
}

// RFC 6455 5.3, as it stands there.
std::string masked(std::string_view bytes, std::uint32_t key, std::size_t offset) {
  char octets[4];
  std::memcpy(octets, &key, 4);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    out += static_cast<char>(bytes[i] ^ octets[(offset + i) % 4]);
  return out;
}

std::string frame(Opcode opcode, std::string_view payload, std::uint32_t key,
                  ws::Fin fin = ws::Fin::kLast, ws::Compressed compressed = ws::Compressed::kNo) {
  std::string out(ws::frame_bytes(payload.size()), '\0');
  CHECK(ws::write_frame(out.data(), opcode, payload, key, fin, compressed) == out.size());
  return out;
}

std::string close_frame(std::uint16_t code, std::string_view reason, std::uint32_t key = 0) {
  std::string out(ws::kMaxControlFrame, '\0');
  out.resize(ws::write_close(out.data(), code, reason, key));
  return out;
}

TEST_CASE("masking is RFC 6455 5.3 for every size, offset and place") {
  Rng rng{seed()};
  GuardedBuffer source{512};
  for (std::size_t size = 0; size <= 200; ++size)
    for (std::size_t offset = 0; offset < 9; ++offset) {
      const auto key = static_cast<std::uint32_t>(rng());
      const std::string_view from = source.place(bytes_of(rng, size));
      const std::string expected = masked(from, key, offset);
      const std::size_t before = rng.below(8);
      std::string to(before + size + 8, '#');
      ws::mask(to.data() + before, from.data(), size, key, offset);
      CHECK(to.substr(before, size) == expected);
      CHECK(to.substr(0, before) == std::string(before, '#'));
      CHECK(to.substr(before + size) == std::string(8, '#'));
      auto* in_place = const_cast<char*>(from.data());
      ws::mask(in_place, in_place, size, key, offset);
      CHECK(from == expected);
    }
}

TEST_CASE("pieces of a payload are masked as the whole is") {
  Rng rng{seed()};
  const std::string payload = bytes_of(rng, 300);
  const std::uint32_t key = key_of("\x01\x02\x03\x04");
  for (std::size_t at = 0; at <= payload.size(); ++at) {
    std::string out(payload.size(), '\0');
    ws::mask(out.data(), payload.data(), at, key);
    ws::mask(out.data() + at, payload.data() + at, payload.size() - at, key, at);
    CHECK(out == masked(payload, key, 0));
  }
}

TEST_CASE("frames look as RFC 6455 5.7 shows") {
  const std::uint32_t key = key_of("\x37\xfa\x21\x3d");
  CHECK(frame(Opcode::kText, "Hello", key) == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  CHECK(frame(Opcode::kPong, "Hello", key) == "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  CHECK(frame(Opcode::kText, "Hel", 0, ws::Fin::kMore) ==
        std::string_view{"\x01\x83\0\0\0\0Hel", 9});
  CHECK(frame(Opcode::kContinuation, "lo", 0) == std::string_view{"\x80\x82\0\0\0\0lo", 8});
  CHECK(frame(Opcode::kText, "x", 0, ws::Fin::kLast, ws::Compressed::kYes) ==
        std::string_view{"\xc1\x81\0\0\0\0x", 7});
}

TEST_CASE("the length of a frame takes the shortest form") {
  const auto header = [](std::size_t payload) {
    char bytes[ws::kMaxHeaderBytes];
    const std::size_t size = ws::write_header(bytes, Opcode::kBinary, ws::Fin::kLast,
                                              ws::Compressed::kNo, payload, key_of("keys"));
    CHECK(size == ws::header_bytes(payload));
    CHECK(ws::frame_bytes(payload) == size + payload);
    return std::string{bytes, size};
  };
  CHECK(header(0) == "\x82\x80keys");
  CHECK(header(125) == "\x82\xfdkeys");
  CHECK(header(126) == std::string_view{"\x82\xfe\0\x7ekeys", 8});
  CHECK(header(65'535) == "\x82\xfe\xff\xffkeys");
  CHECK(header(65'536) == std::string_view{"\x82\xff\0\0\0\0\0\1\0\0keys", 14});
  CHECK(header(0x0123456789) == std::string_view{"\x82\xff\0\0\0\x01\x23\x45\x67\x89keys", 14});
}

TEST_CASE("a payload may be masked where it stands") {
  std::string room(6, '\0');
  room += "Hello";
  ws::write_frame(room.data(), Opcode::kText, std::string_view{room}.substr(6),
                  key_of("\x37\xfa\x21\x3d"));
  CHECK(room == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST_CASE("a close frame has a code and a reason that may be sent") {
  const auto payload = [](const std::string& bytes) { return bytes.substr(6); };
  CHECK(close_frame(1000, "bye") == std::string_view{"\x88\x85\0\0\0\0\x03\xe8"
                                                     "bye", 11});
  CHECK(close_frame(1005, "bye") == std::string_view{"\x88\x80\0\0\0\0", 6});
  CHECK(close_frame(0, "bye") == std::string_view{"\x88\x80\0\0\0\0", 6});
  CHECK(close_frame(1000, "bye", key_of("abcd")).substr(6) == masked("\x03\xe8"
                                                                     "bye", key_of("abcd"), 0));
  const std::string long_one(123, 'r');
  CHECK(payload(close_frame(4999, long_one + "no")) == "\x13\x87" + long_one);
  // The last character does not fit: it goes as a whole.
  const std::string cut = long_one.substr(0, 121);
  CHECK(payload(close_frame(1000, cut + "\xe2\x82\xac")) == "\x03\xe8" + cut);
  CHECK(payload(close_frame(1000, cut + "\xc3\xa4")) == "\x03\xe8" + cut + "\xc3\xa4");
  CHECK(payload(close_frame(1000, cut + "a\xf0\x9f\x98\x80")) == "\x03\xe8" + cut + "a");
}

TEST_CASE("the close codes that may be sent are those of RFC 6455 7.4 and of IANA") {
  std::vector<int> wrong;
  for (int code = 0; code <= 0xFFFF; ++code) {
    const bool good = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
                       code != 1006) || (code >= 3000 && code < 5000);
    if (ws::is_close_code(static_cast<std::uint16_t>(code)) != good) wrong.push_back(code);
  }
  CHECK(wrong.empty());
}

TEST_CASE("a session that ends by the server's fault says which") {
  using enum Outcome;
  CHECK(ws::close_code_for(kOk) == 1000);
  for (const Outcome fault : {kWsMasked, kWsReservedBits, kWsOpcode, kWsControlFrame,
                              kWsContinuation, kWsLength, kWsClosePayload, kSioPacket})
    CHECK(ws::close_code_for(fault) == 1002);
  CHECK(ws::close_code_for(kWsUtf8) == 1007);
  CHECK(ws::close_code_for(kWsDeflate) == 1007);
  CHECK(ws::close_code_for(kWsTooLarge) == 1009);
  CHECK(ws::close_code_for(kWsExtension) == 1010);
  CHECK(ws::close_code_for(kIdleTimeout) == 1001);
  CHECK(ws::close_code_for(kInterrupted) == 1001);
  for (std::size_t i = 0; i < kOutcomeCount; ++i)
    CHECK(ws::is_close_code(ws::close_code_for(static_cast<Outcome>(i))));
}

TEST_CASE("keys are fresh unless they are fixed, and never 0 then") {
  Rng rng{seed()}, again{seed()};
  CHECK(ws::next_key(ws::Masking::kRandom, rng) != ws::next_key(ws::Masking::kRandom, rng));
  (void)ws::next_key(ws::Masking::kRandom, again);
  (void)ws::next_key(ws::Masking::kRandom, again);
  CHECK(ws::next_key(ws::Masking::kRandom, rng) == ws::next_key(ws::Masking::kRandom, again));
  CHECK(ws::next_key(ws::Masking::kFixed, rng) == ws::kFixedKey);
  CHECK(ws::next_key(ws::Masking::kFixed, rng) == ws::kFixedKey);
  CHECK(ws::kFixedKey != 0);
}

}  // namespace
}  // namespace gend::test
