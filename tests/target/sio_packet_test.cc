#include "target/sio_packet.h"

#include <doctest/doctest.h>

using namespace gend::target;

TEST_CASE("packets are taken apart, and put together as they were") {
  using Type = SioPacket::Type;
  struct Case {
    const char* text;
    Type type;
    const char* space;
    int id;
    std::uint32_t attachments;
    const char* data;
  };
  for (const Case& c : {Case{"0", Type::kConnect, "/", -1, 0, ""},
                        Case{R"(0/villages,{"token":"x"})", Type::kConnect, "/villages", -1, 0,
                             R"({"token":"x"})"},
                        Case{"1/villages,", Type::kDisconnect, "/villages", -1, 0, ""},
                        Case{R"(2["e",1])", Type::kEvent, "/", -1, 0, R"(["e",1])"},
                        Case{R"(2/a,12["e"])", Type::kEvent, "/a", 12, 0, R"(["e"])"},
                        Case{"30[]", Type::kAck, "/", 0, 0, "[]"},
                        Case{R"(52-/a,7["e"])", Type::kBinaryEvent, "/a", 7, 2, R"(["e"])"},
                        Case{"61-3[]", Type::kBinaryAck, "/", 3, 1, "[]"}}) {
    CAPTURE(c.text);
    const auto packet = parse_sio(c.text);
    REQUIRE(packet.has_value());
    CHECK(packet->type == c.type);
    CHECK(packet->name_space == c.space);
    CHECK((packet->id ? static_cast<int>(*packet->id) : -1) == c.id);
    CHECK(packet->attachments == c.attachments);
    CHECK(packet->data == c.data);
    std::string written;
    append_sio(written, *packet);
    CHECK(written == std::string{"4"} + c.text);
  }
  CHECK(parse_sio("0/villages")->name_space == "/villages");
  CHECK(parse_sio("0/villages?a=1,")->name_space == "/villages");
}

TEST_CASE("what is no packet is told") {
  for (const char* bad : {"", "7", "x", "2", "2x", "2{}", "2/a", "3", "5[\"e\"]", "51[\"e\"]",
                          "5-[\"e\"]", "599-[\"e\"]", "21234567890123456789[\"e\"]"})
    CHECK_MESSAGE(!parse_sio(bad).has_value(), bad);
}

TEST_CASE("a polling payload is split at its separators, and only at them") {
  const auto packets = split_payload("4a\x1e" "4b\x1e\x1e" "bAAE=");
  REQUIRE(packets.has_value());
  CHECK(*packets == std::vector<std::string_view>{"4a", "4b", "", "bAAE="});
  CHECK(split_payload("2")->size() == 1);
  CHECK_FALSE(split_payload("").has_value());
  CHECK(split_payload(std::string(eio::kMaxPayload, 'x')).has_value());
  CHECK_FALSE(split_payload(std::string(eio::kMaxPayload + 1, 'x')).has_value());
}

TEST_CASE("places for attachments are counted, but not those that a text only quotes") {
  CHECK(placeholders_in(R"(["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])") ==
        2);
  CHECK(placeholders_in(R"(["e","\"_placeholder\""])") == 0);
}

TEST_CASE("the open packet is what Engine.IO 4 says") {
  CHECK(open_packet("ab", Upgrades::kWebSocket, {.ping_interval_ms = 1, .ping_timeout_ms = 2}) ==
        R"(0{"sid":"ab","upgrades":["websocket"],"pingInterval":1,"pingTimeout":2,)"
        R"("maxPayload":1000000})");
}
