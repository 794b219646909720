// What gentarget's WebSockets are made of: handshakes, frames, compression, messages to rooms.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"
#include "target/json_scan.h"
#include "target/room_message.h"
#include "target/ws_deflate.h"
#include "target/ws_frames.h"
#include "target/ws_handshake.h"

using namespace gend;
using namespace gend::target;

namespace {

// A client's frame, masked.
std::string frame(unsigned first, std::string_view payload) {
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  constexpr std::string_view kMask = "\x11\x22\x33\x44";
  out += kMask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ kMask[i % 4]);
  return out;
}

struct Heard {
  WsOpcode opcode;
  std::string payload;
  bool operator==(const Heard&) const = default;
};

std::uint16_t feed(WsReader& reader, std::string_view bytes, std::vector<Heard>& heard) {
  return reader.feed(bytes, false, [&](const WsMessage& message) {
    heard.push_back({message.opcode, std::string{message.payload}});
    return true;
  });
}

Request request_of(const http::Kept& kept) {
  return {.method = "GET", .path = "/ws/echo", .query = "", .kept = &kept};
}

}  // namespace

TEST_CASE("messages are the same however their bytes arrive") {
  Rng rng{test::seed()};
  std::string bytes;
  std::vector<Heard> expected;
  for (int i = 0; i < 200; ++i) {
    const std::size_t size = rng.below(20) == 0 ? 70'000 : rng.below(300);
    std::string text(size, static_cast<char>('a' + i % 26));
    if (rng.below(3) == 0) {
      const std::size_t cut = rng.below(size + 1);
      bytes += frame(0x02, std::string_view{text}.substr(0, cut));
      bytes += frame(0x89, "between");
      expected.push_back({WsOpcode::kPing, "between"});
      bytes += frame(0x80, std::string_view{text}.substr(cut));
      expected.push_back({WsOpcode::kBinary, text});
    } else {
      bytes += frame(0x81, text);
      expected.push_back({WsOpcode::kText, text});
    }
  }
  for (int round = 0; round < 20; ++round) {
    WsReader reader;
    std::vector<Heard> heard;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t most = round == 0 ? 5000 : 1 + rng.below(4096);
      const std::size_t size = std::min(bytes.size() - at, std::size_t{1} + rng.below(most));
      CHECK(feed(reader, std::string_view{bytes}.substr(at, size), heard) == 0);
      at += size;
    }
    CHECK(heard == expected);
    CHECK(reader.clean());
  }
}

TEST_CASE("a reader in the middle of a frame or a message is not clean") {
  WsReader reader;
  std::vector<Heard> heard;
  const std::string whole = frame(0x01, "abc") + frame(0x80, "def");
  for (const char byte : whole) {
    CHECK(heard.empty());
    CHECK(feed(reader, {&byte, 1}, heard) == 0);
    CHECK(reader.clean() == !heard.empty());
  }
  CHECK(heard == std::vector<Heard>{{WsOpcode::kText, "abcdef"}});
}

TEST_CASE("a message that would become too large is refused before it has come") {
  WsReader reader;
  std::vector<Heard> heard;
  std::string head{"\x82\xff", 2};
  for (int shift = 56; shift >= 0; shift -= 8)
    head += static_cast<char>((limits::kTargetMessageBytes + 1) >> shift);
  CHECK(feed(reader, head + "maskx", heard) == ws_code::kTooBig);
}

TEST_CASE("close payloads are read, and codes that must not be sent are told") {
  CHECK(code_of_close("") == ws_code::kNoStatus);
  CHECK(code_of_close("\x03") == ws_code::kProtocol);
  CHECK(code_of_close(std::string_view{"\x03\xe8" "bye", 5}) == 1000);
  CHECK(code_of_close("\x0f\xa1") == 4001);
  CHECK(code_of_close("\x03\xe8\xff") == ws_code::kBadText);
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    CHECK_MESSAGE(code_of_close(payload) == ws_code::kProtocol, code);
  }
}

TEST_CASE("frame heads say the size in as few bytes as can be") {
  for (const auto& [size, expected] : {std::pair{std::size_t{125}, 2}, {std::size_t{126}, 4},
                                       {std::size_t{65535}, 4}, {std::size_t{65536}, 10}}) {
    std::string out;
    CHECK(append_frame_head(out, WsOpcode::kText, size) == static_cast<std::size_t>(expected));
    CHECK(out[0] == '\x81');
  }
}

TEST_CASE("a handshake is the RFC's, and an offer that cannot be kept is passed over") {
  CHECK(accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  http::Kept kept;
  kept.headers =
      "Upgrade: h2c, WebSocket\nConnection: keep-alive, upgrade\nSec-WebSocket-Version: 13\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: a, b\n";
  const WsHandshake shaken = shake_hands(request_of(kept));
  CHECK(shaken.status == 101);
  CHECK(shaken.headers.find("Sec-WebSocket-Protocol: a\r\n") != std::string::npos);
  CHECK_FALSE(shaken.deflate);
  CHECK(offers_deflate("permessage-deflate"));
  CHECK(offers_deflate("x-other, permessage-deflate; client_max_window_bits"));
  CHECK(offers_deflate("permessage-deflate; server_max_window_bits=10, permessage-deflate"));
  CHECK_FALSE(offers_deflate(""));
  CHECK_FALSE(offers_deflate("permessage-deflate; server_max_window_bits=10"));
  CHECK_FALSE(offers_deflate("permessage-deflate; unknown"));
}

TEST_CASE("what was compressed is inflated again, and what is no deflate stream is refused") {
  WsDeflate deflate;
  Rng rng{test::seed()};
  for (const std::size_t size : {0, 1, 100, 70'000, 1'000'000}) {
    std::string text(size, ' ');
    for (char& c : text) c = static_cast<char>('a' + rng.below(4));
    const std::string small{deflate.compress(text)};
    CHECK(deflate.inflate(small) == text);
  }
  CHECK_FALSE(deflate.inflate("\xff\xff\xff").has_value());
  // A bomb: a thousand times smaller than what it becomes.
  const std::string bomb{deflate.compress(std::string(limits::kTargetMessageBytes + 1, '\0'))};
  CHECK_FALSE(deflate.inflate(bomb).has_value());
}

TEST_CASE("fields are found at the top level only, and what is not plain is left alone") {
  const auto field = [](std::string_view text, std::string_view name) -> std::string {
    JsonField fields[] = {{name}};
    if (!scan_json_object(text, fields)) return "no";
    return std::string{fields[0].value};
  };
  CHECK(field(R"({"a":1,"b":"x"})", "b") == "\"x\"");
  CHECK(field(R"( { "d" : {"b":1,"c":"}]\""} , "b" : [1,{"x":2}] } )", "b") == R"([1,{"x":2}])");
  CHECK(field(R"({"b":1,"b":-2.5e3})", "b") == "-2.5e3");
  CHECK(field("{}", "b").empty());
  for (const char* bad : {"", "{", "[]", "{\"b\"}", "{\"b\":}", "{\"b\":1", "{\"b\":1,}",
                          "{\"b\":1}x", "{\"b\":[}", "{\"b\":[1}]", "{b:1}", "{\"\\u0062\":1}",
                          "{\"b\":\"\\n\"}", "{\"b\":\"x\n\"}", "{\"b\":\"x}"})
    CHECK_MESSAGE(field(bad, "b") == "no", bad);
}

TEST_CASE("arrays are taken apart into their raw elements") {
  std::string_view into[2];
  CHECK(scan_json_array(R"(["e", {"a":[1]} ,3])", into) == 3);
  CHECK(into[0] == "\"e\"");
  CHECK(into[1] == R"({"a":[1]})");
  CHECK(scan_json_array(" [ ] ", into) == 0);
  for (const char* bad : {"", "[", "[1", "[1,]", "[,1]", "{}", "[1]x", "[1 2]"})
    CHECK_MESSAGE(!scan_json_array(bad, into).has_value(), bad);
}

TEST_CASE("the quick way and the parser agree about messages to rooms") {
  using Type = RoomMessage::Type;
  struct Case {
    const char* text;
    Type type;
    const char* channel;
    bool to_itself = true;
  };
  for (const Case& c : {Case{R"({"type":"publish","channel":"c","x":[1]})", Type::kPublish, "c"},
                        Case{R"({"channel":"c","type":"subscribe"})", Type::kSubscribe, "c"},
                        Case{R"({"type":"p\u0075blish","channel":"\"c"})", Type::kPublish, "\"c"},
                        Case{R"({"type":"publish","channel":"c","echo":false})", Type::kPublish,
                             "c", false},
                        Case{R"({"type":"unsubscribe","channel":"c","echo":false,"\n":1})",
                             Type::kUnsubscribe, "c", false},
                        Case{R"({"type":"other"})", Type::kUnknown, ""},
                        Case{R"({"type":"publish"})", Type::kMalformed, ""},
                        Case{R"({"type":"publish","channel":1})", Type::kMalformed, ""},
                        Case{R"({"type":"publish","channel":"c")", Type::kMalformed, ""},
                        Case{"[]", Type::kMalformed, ""}}) {
    CAPTURE(c.text);
    std::string storage;
    const RoomMessage message = read_room_message(c.text, storage);
    CHECK(message.type == c.type);
    CHECK(message.channel == c.channel);
    CHECK(message.to_itself == c.to_itself);
  }
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  for (const char* good : {"", "a", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                           "12345678\xC3\xA4" "12345678"})
    CHECK_MESSAGE(is_utf8(good), good);
  for (const char* bad : {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82",
                          "1234567\xFF", "12345678\xC3"})
    CHECK_FALSE(is_utf8(bad));
}
