#include "ws/message_reader.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "ws/wire.h"

namespace gend::test {
namespace {

using Kind = ws::MessageReader::Kind;

using namespace std::string_literals;

constexpr unsigned kFin = 0x80, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

// The same for every split.
std::vector<Said> read(std::string_view bytes, const ws::ReaderOptions& options = {}) {
  CHECK(split_difference(bytes, options) == "");
  return read_whole(bytes, options);
}

// The one item that the bytes are.
Said one(std::string_view bytes, const ws::ReaderOptions& options = {}) {
  const std::vector<Said> said = read(bytes, options);
  REQUIRE_MESSAGE(said.size() == 1, in_words(said));
  return said[0];
}

// The rule that the last item breaks, after `good` others.
Outcome fault(std::string_view bytes, const ws::ReaderOptions& options = {},
              std::size_t good = 0) {
  const std::vector<Said> said = read(bytes, options);
  if (said.size() != good + 1) return Outcome::kOk;
  CHECK((said.back().kind == Kind::kFailed) == (said.back().outcome != Outcome::kOk));
  return said.back().outcome;
}

TEST_CASE("a frame is a message, whatever its length and however it is split") {
  for (const std::size_t size : {0, 1, 2, 7, 124, 125, 126, 127, 128, 300}) {
    const std::string payload(size, 'p');
    const std::string bytes = server_frame(kFin | kText, payload);
    const std::size_t header = size < 126 ? 2 : 4;
    CHECK(one(bytes) == Said{Kind::kText, Outcome::kOk, 0, 1, header + size, payload});
    CHECK(one(server_frame(kFin | kBinary, payload)).kind == Kind::kBinary);
  }
}

TEST_CASE("a long frame has eight bytes of length") {
  const std::string payload(65'536, 'l');
  const std::string bytes = server_frame(kFin | kBinary, payload);
  const std::vector<Said> expected{{Kind::kBinary, Outcome::kOk, 0, 1, 65'546, payload}};
  for (std::size_t at = 0; at < 40; ++at) CHECK(read_pieces(bytes, {at}) == expected);
  CHECK(read_pieces(bytes, {5, 5, 1, 30'000, 30'000, 5'500}) == expected);
  CHECK(one(server_frame(kFin | kBinary, payload.substr(1, 700))).wire_bytes == 704);
}

TEST_CASE("one frame that lies whole in the bytes is not copied") {
  const std::string bytes =
      server_frame(kFin | kText, "first") + server_frame(kFin | kPing, "second");
  ws::Spill spill;
  ws::MessageReader reader;
  reader.begin({});
  std::string_view rest = bytes;
  CHECK(reader.next(rest, spill).payload.data() == bytes.data() + 2);
  CHECK(reader.next(rest, spill).payload.data() == bytes.data() + 9);
  CHECK(reader.next(rest, spill).kind == Kind::kNeedMore);
  CHECK(spill.lent() == 0);
}

TEST_CASE("fragments are put together, and control frames may stand between them") {
  const std::string bytes = server_frame(kText, "Hel") + server_frame(kFin | kPing, "p1") +
                            server_frame(0, "") + server_frame(0, "lo ") +
                            server_frame(kFin | kPong, "") + server_frame(kFin, "you") +
                            server_frame(kFin | kBinary, "next");
  const std::vector<Said> expected{{Kind::kPing, Outcome::kOk, 0, 1, 4, "p1"},
                                   {Kind::kPong, Outcome::kOk, 0, 1, 2, ""},
                                   {Kind::kText, Outcome::kOk, 0, 4, 17, "Hello you"},
                                   {Kind::kBinary, Outcome::kOk, 0, 1, 6, "next"}};
  CHECK(read(bytes) == expected);
}

TEST_CASE("empty fragments at either end change nothing") {
  CHECK(one(server_frame(kText, "") + server_frame(kFin, "x")).payload == "x");
  CHECK(one(server_frame(kText, "x") + server_frame(kFin, "")).payload == "x");
  CHECK(one(server_frame(kText, "") + server_frame(kFin, "")).payload == "");
  CHECK(one(server_frame(kText, "") + server_frame(kFin, "")).frames == 2);
}

TEST_CASE("a control frame may be as long as 125 bytes") {
  const std::string payload(125, 'c');
  CHECK(one(server_frame(kFin | kPing, payload)).payload == payload);
  CHECK(one(server_frame(kFin | kPong, payload)).kind == Kind::kPong);
}

TEST_CASE("a close frame gives its code and reason, and ends everything") {
  CHECK(one(server_frame(kFin | kClose, "")).close_code == 1005);
  CHECK(one(server_frame(kFin | kClose, "\x03\xe8")) ==
        Said{Kind::kClose, Outcome::kOk, 1000, 1, 4, ""});
  CHECK(one(server_frame(kFin | kClose, "\x0f\xa0g\xc3\xb6ne")).payload == "g\xc3\xb6ne");
  // What follows is not looked at, be it right or wrong.
  const std::string close = server_frame(kFin | kClose, "\x03\xe9");
  CHECK(one(close + server_frame(kFin | kText, "late")).close_code == 1001);
  CHECK(one(close + "\xff\xff\xff\xff").close_code == 1001);
  CHECK(one(server_frame(kText, "never ends") + close).kind == Kind::kClose);
}

TEST_CASE("a close frame with a code that may not be sent, or with a bad reason, is refused") {
  using enum Outcome;
  for (int code = 0; code <= 5100; ++code) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    const std::vector<Said> said = read_whole(server_frame(kFin | kClose, payload));
    REQUIRE(said.size() == 1);
    const bool good = ws::is_close_code(static_cast<std::uint16_t>(code));
    CHECK(said[0].kind == (good ? Kind::kClose : Kind::kFailed));
    CHECK(said[0].outcome == (good ? kOk : kWsClosePayload));
  }
  CHECK(fault(server_frame(kFin | kClose, "\x03")) == kWsClosePayload);
  CHECK(fault(server_frame(kFin | kClose, "\xff\xff")) == kWsClosePayload);
  CHECK(fault(server_frame(kFin | kClose, "\x03\xe8\xc3")) == kWsClosePayload);
  CHECK(fault(server_frame(kFin | kClose, "\x03\xe8 \xed\xa0\x80")) == kWsClosePayload);
  ws::ReaderOptions unchecked;
  unchecked.utf8 = ws::Utf8Check::kNo;
  CHECK(fault(server_frame(kFin | kClose, "\x03\xe8\xc3"), unchecked) == kWsClosePayload);
}

TEST_CASE("a masked frame of a server is refused, at its second byte") {
  using enum Outcome;
  CHECK(fault("\x81\x80") == kWsMasked);
  CHECK(fault("\x81\x85\x01\x02\x03\x04Ifmmp") == kWsMasked);
  CHECK(fault("\x89\x80") == kWsMasked);
  CHECK(fault("\x82\xfe") == kWsMasked);
  CHECK(fault("\x82\xff\x01") == kWsMasked);
}

TEST_CASE("reserved bits are refused, at the first byte") {
  using enum Outcome;
  for (const unsigned bits : {0x10u, 0x20u, 0x40u, 0x30u, 0x50u, 0x60u, 0x70u})
    for (const unsigned opcode : {0u, kText, kBinary, kClose, kPing, kPong})
      for (const unsigned fin : {0u, kFin})
        CHECK(fault(std::string(1, static_cast<char>(fin | bits | opcode))) == kWsReservedBits);
}

TEST_CASE("with permessage-deflate RSV1 stands on the first frame of a message, nowhere else") {
  using enum Outcome;
  ws::ReaderOptions options;
  options.deflate = ws::DeflateUse::kAgreed;
  for (const unsigned first : {0x40u | kFin | kClose, 0x40u | kFin | kPing, 0x40u | kFin | kPong,
                               0x40u | kFin, 0x60u | kFin | kText, 0x10u | kFin | kText})
    CHECK(fault(std::string(1, static_cast<char>(first)), options) == kWsReservedBits);
  CHECK(fault(server_frame(0x40 | kText, "x") + '\xc0', options) == kWsReservedBits);
  CHECK(fault(server_frame(kText, "x") + '\xc0', options) == kWsReservedBits);
}

TEST_CASE("opcodes that nobody knows are refused, at the first byte") {
  using enum Outcome;
  for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 14u, 15u})
    for (const unsigned fin : {0u, kFin})
      CHECK(fault(std::string(1, static_cast<char>(fin | opcode))) == kWsOpcode);
}

TEST_CASE("control frames are neither fragmented nor longer than 125 bytes") {
  using enum Outcome;
  for (const unsigned opcode : {kClose, kPing, kPong}) {
    CHECK(fault(std::string(1, static_cast<char>(opcode))) == kWsControlFrame);
    const char first = static_cast<char>(kFin | opcode);
    CHECK(fault(std::string{first, 126}) == kWsControlFrame);
    CHECK(fault(std::string{first, 127}) == kWsControlFrame);
    CHECK(fault(server_frame(kFin | opcode, std::string(126, 'c'))) == kWsControlFrame);
  }
}

TEST_CASE("a continuation continues something, and a message ends before the next begins") {
  using enum Outcome;
  CHECK(fault(server_frame(0, "x")) == kWsContinuation);
  CHECK(fault(server_frame(kFin, "")) == kWsContinuation);
  CHECK(fault(server_frame(kFin | kText, "x") + server_frame(kFin, "y"), {}, 1) ==
        kWsContinuation);
  CHECK(fault(server_frame(kText, "x") + server_frame(kFin | kText, "y")) == kWsContinuation);
  CHECK(fault(server_frame(kText, "x") + server_frame(kBinary, "y")) == kWsContinuation);
  CHECK(fault(server_frame(kText, "x") + server_frame(kFin | kPing, "") +
                  server_frame(kFin | kBinary, "y"), {}, 1) == kWsContinuation);
}

TEST_CASE("a length takes the shortest form and leaves its highest bit 0") {
  using enum Outcome;
  CHECK(fault("\x81\x7e\0\x7d"s) == kWsLength);
  CHECK(fault("\x81\x7e\0\0"s) == kWsLength);
  CHECK(fault("\x81\x7f\0\0\0\0\0\0\xff\xff"s) == kWsLength);
  CHECK(fault("\x81\x7f\0\0\0\0\0\0\0\x05"s) == kWsLength);
  CHECK(fault("\x81\x7f\x80\0\0\0\0\0\0\0"s) == kWsLength);
  CHECK(fault("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s) == kWsLength);
  CHECK(fault("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s) == kWsTooLarge);
}

TEST_CASE("a message longer than its limit is refused at the header that says so") {
  using enum Outcome;
  ws::ReaderOptions options;
  options.message_bytes = 10;
  CHECK(one(server_frame(kFin | kText, "0123456789"), options).kind == Kind::kText);
  CHECK(fault("\x81\x0b", options) == kWsTooLarge);
  CHECK(fault(server_frame(kText, "01234") + "\x80\x06", options) == kWsTooLarge);
  CHECK(one(server_frame(kText, "01234") + server_frame(kFin, "56789"), options).kind ==
        Kind::kText);
  // Control frames are no part of it.
  CHECK(read(server_frame(kText, "01234") + server_frame(kFin | kPing, "0123456789ab") +
                 server_frame(kFin, "56789"), options).size() == 2);
  CHECK(fault("\x82\x7f" + std::string{"\0\0\0\0\x01\0\0\x01", 8}) == kWsTooLarge);
  options.message_bytes = 0;
  CHECK(one(server_frame(kFin | kText, ""), options).kind == Kind::kText);
  CHECK(fault("\x81\x01", options) == kWsTooLarge);
}

TEST_CASE("a message that never ends is refused, even of empty fragments") {
  ws::Spill spill;
  ws::MessageReader reader;
  reader.begin({});
  const std::string first = server_frame(kBinary, "");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += server_frame(0, "");
  std::string_view rest = first;
  CHECK(reader.next(rest, spill).kind == Kind::kNeedMore);
  for (std::uint32_t taken = 1; taken + 1000 <= limits::kMessageFrames; taken += 1000) {
    rest = many;
    REQUIRE(reader.next(rest, spill).kind == Kind::kNeedMore);
  }
  rest = many;
  CHECK(reader.next(rest, spill).outcome == Outcome::kWsTooLarge);
  CHECK(spill.lent() == 0);
  CHECK(spill.spare_bytes() == 0);
}

TEST_CASE("text that is no UTF-8 is refused at its first wrong byte, over frames and pieces") {
  using enum Outcome;
  const auto start_of = [](std::string_view payload) {  // of a frame of 100 bytes
    return std::string{"\x81\x64"}.append(payload);
  };
  CHECK(fault(start_of("\xff")) == kWsUtf8);
  CHECK(fault(start_of("good \xc3\xa4 \xc3(")) == kWsUtf8);
  CHECK(fault(start_of("\xed\xa0")) == kWsUtf8);
  CHECK(fault(start_of("\xf4\x90")) == kWsUtf8);
  CHECK(fault(start_of("0123456789abcdef0123456789abcdef\x80")) == kWsUtf8);
  CHECK(read(start_of("\xf4\x8f")).empty());
  CHECK(fault(server_frame(kText, "\xe2") + "\x80\x10\x82\x41") == kWsUtf8);
  CHECK(fault(server_frame(kText, "\xe2\x82") + server_frame(kFin | kPing, "") +
                  server_frame(0, "") + "\x00\x05\xc0"s, {}, 1) == kWsUtf8);
  // A character that the message cuts.
  CHECK(fault(server_frame(kFin | kText, "\xe2\x82")) == kWsUtf8);
  CHECK(fault(server_frame(kText, "\xe2") + server_frame(kFin, "\x82")) == kWsUtf8);
  CHECK(fault(server_frame(kText, "\xe2") + server_frame(kFin, "")) == kWsUtf8);
}

TEST_CASE("a character may be split over frames and pieces") {
  const std::string text = "\xe2\x82\xac \xf0\x9f\x98\x80 \xc3\xa4";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const std::string bytes = server_frame(kText, text.substr(0, at)) +
                              server_frame(kFin, text.substr(at)) +
                              server_frame(kFin | kText, text);
    const std::vector<Said> said = read(bytes);
    REQUIRE(said.size() == 2);
    CHECK(said[0].payload == text);
    CHECK(said[1].payload == text);
  }
}

TEST_CASE("UTF-8 is asked of text only, and only when it is to be checked") {
  ws::ReaderOptions unchecked;
  unchecked.utf8 = ws::Utf8Check::kNo;
  CHECK(one(server_frame(kFin | kBinary, "\xff\xfe")).kind == Kind::kBinary);
  CHECK(one(server_frame(kFin | kPing, "\xff\xfe")).kind == Kind::kPing);
  CHECK(one(server_frame(kFin | kText, "\xff\xfe"), unchecked).kind == Kind::kText);
}

TEST_CASE("each message is checked anew") {
  // Were the state of the first carried on, the second would be wrong.
  CHECK(read(server_frame(kFin | kText, "\xc3\xa4") + server_frame(kFin | kText, "\xc3\xa4"))
            .size() == 2);
}

TEST_CASE("a payload stays until the next call, and what was borrowed goes back") {
  ws::Spill spill;
  ws::MessageReader reader, other;
  reader.begin({});
  other.begin({});
  std::string_view rest = "\x81\x04go";
  CHECK(reader.next(rest, spill).kind == Kind::kNeedMore);
  CHECK(spill.lent() == 1);
  rest = "od\x81\x01x";
  const std::string_view payload = reader.next(rest, spill).payload;
  std::vector<ws::MessageReader> many(100);  // other sessions make the pool grow
  for (ws::MessageReader& one : many) {
    one.begin({});
    std::string_view start = "\x82\x05zz";
    CHECK(one.next(start, spill).kind == Kind::kNeedMore);
  }
  CHECK(payload == "good");
  CHECK(spill.lent() == 101);
  CHECK(reader.next(rest, spill).payload == "x");
  CHECK(spill.lent() == 100);
  for (ws::MessageReader& one : many) one.end(spill);
  reader.end(spill);
  CHECK(spill.lent() == 0);
}

TEST_CASE("a session that ended in a message, a ping or a fault begins anew") {
  ws::Spill spill;
  ws::MessageReader reader;
  for (const std::string_view start : {"\x01\x05he", "\x01\x02he\x89\x04p", "\x81", "\x81\xff",
                                       "\x88\x02\x03\xe8", "\x01\x02he\x88\x02\x03"}) {
    reader.begin({});
    std::string_view rest = start;
    while (!rest.empty() && reader.next(rest, spill).kind != Kind::kFailed) {
    }
    reader.end(spill);
    CHECK(spill.lent() == 0);
    reader.begin({});
    rest = "\x81\x02ok";
    CHECK(reader.next(rest, spill).payload == "ok");
    CHECK(reader.next(rest, spill).kind == Kind::kNeedMore);
    reader.end(spill);
  }
}

}  // namespace
}  // namespace gend::test
