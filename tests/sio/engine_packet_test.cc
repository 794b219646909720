#include "sio/engine_packet.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "sio/payload.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::sio;

namespace {

struct Read {
  std::vector<std::pair<EngineType, std::string>> packets;
  std::size_t binary = 0;
  Outcome end = Outcome::kOk;
};

Read read(std::string body) {
  Read all;
  PayloadReader reader{body};
  while (!reader.done()) {
    const auto packet = reader.next();
    if (!packet) {
      all.end = packet.error();
      CHECK(reader.done());
      break;
    }
    if (packet->content == Content::kBinary) ++all.binary;
    all.packets.emplace_back(packet->type, packet->data);
  }
  return all;
}

}  // namespace

TEST_CASE("each type of packet is known by its digit") {
  const std::pair<std::string_view, EngineType> packets[]{
      {"0{}", EngineType::kOpen},  {"1", EngineType::kClose},
      {"2", EngineType::kPing},    {"3probe", EngineType::kPong},
      {"4", EngineType::kMessage}, {"42[\"a\"]", EngineType::kMessage},
      {"5", EngineType::kUpgrade}, {"6", EngineType::kNoop}};
  for (const auto& [text, type] : packets) {
    const auto packet = parse_engine_packet(text);
    REQUIRE(packet);
    CHECK(packet->type == type);
    CHECK(packet->content == Content::kText);
    CHECK(packet->data == text.substr(1));
    CHECK(digit_of(type) == text.front());
  }
}

TEST_CASE("a message that begins with no type is no packet") {
  for (const char* text : {"", "7", "9", "-1", "a", "bAQID", " 2", "/", ":", "\x1e", "\xff"})
    CHECK(parse_engine_packet(text).error() == Outcome::kSioPacket);
}

TEST_CASE("a binary message is its bytes") {
  const EnginePacket packet = binary_packet("4\0x");
  CHECK(packet.type == EngineType::kMessage);
  CHECK(packet.content == Content::kBinary);
}

// The example of the Engine.IO protocol, version 4.
TEST_CASE("a polling payload is split at its separators, and base64 is decoded in place") {
  const Read all = read(
      "4hello\x1e"
      "2\x1e"
      "4world\x1e"
      "bAQIDBA==");
  REQUIRE(all.packets.size() == 4);
  CHECK(all.end == Outcome::kOk);
  CHECK(all.packets[0].second == "hello");
  CHECK(all.packets[1].first == EngineType::kPing);
  CHECK(all.packets[2].second == "world");
  CHECK(all.packets[3].second == "\x01\x02\x03\x04");
  CHECK(all.binary == 1);
}

TEST_CASE("former packets of a payload stay what they were when later ones are decoded") {
  std::string body =
      "bYWJj\x1e"
      "4x\x1e"
      "bZGVmZ2g=";
  PayloadReader reader{body};
  const auto a = reader.next(), b = reader.next(), c = reader.next();
  REQUIRE((a && b && c));
  CHECK(a->data == "abc");
  CHECK(b->data == "x");
  CHECK(c->data == "defgh");
  CHECK(reader.done());
}

TEST_CASE("malformed payloads are faults") {
  for (const char* body : {"", "\x1e", "4a\x1e",
                           "\x1e"
                           "4a",
                           "4a\x1e\x1e"
                           "4b",
                           "x",
                           "4a\x1e"
                           "9",
                           "bZg", "bZ===", "b!!!!", "b=", "ok", "<html>"}) {
    CAPTURE(body);
    CHECK(read(body).end == Outcome::kSioPacket);
  }
  CHECK(read("4a\x1e"
             "9")
            .packets.size() == 1);
  CHECK(read("b").packets.size() == 1);  // no bytes are bytes, too
}

TEST_CASE("a payload of Engine.IO 3 or older is known as that") {
  using namespace std::string_view_literals;
  const std::string_view old[]{R"(96:0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"]}2:40)",
                               "2:0{}",
                               "\0\x09\x06\xff"
                               "0{}"sv,
                               "\1\x03\xff"
                               "0{}"sv};
  for (const std::string_view body : old) {
    CAPTURE(body);
    CHECK(is_old_payload(body));
    CHECK(read(std::string{body}).end == Outcome::kSioVersion);
  }
  for (const std::string_view body :
       {"0{}"sv, "40"sv, "4hello"sv, "2"sv, "96"sv, ""sv, ":"sv, "2:40"sv, "40:x"sv, "\0"sv,
        "\0\xff"sv, "\0\x03"sv, ":0{}"sv, "1234567890:0{}"sv})
    CHECK_FALSE(is_old_payload(body));
}

TEST_CASE("what is written for polling is read again, and is as long as it was said to be") {
  std::mt19937_64 random{gend::test::seed()};
  for (int round = 0; round < 2'000; ++round) {
    std::string body;
    std::vector<std::string> sent;
    for (std::size_t count = 1 + random() % 5; count > 0; --count) {
      std::string bytes;
      for (std::size_t size = random() % 40; size > 0; --size) bytes += static_cast<char>(random());
      const std::size_t before = body.size();
      if (random() % 2 == 0) {
        append_binary_packet(body, bytes);
        CHECK(body.size() - before == binary_growth(before, bytes.size()));
      } else {
        for (char& c : bytes) c = static_cast<char>('a' + (c & 15));
        append_packet(body, "4" + bytes);
        CHECK(body.size() - before == packet_growth(before, bytes.size() + 1));
      }
      sent.push_back(bytes);
    }
    const Read all = read(body);
    CHECK(all.end == Outcome::kOk);
    REQUIRE(all.packets.size() == sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) CHECK(all.packets[i].second == sent[i]);
  }
}
