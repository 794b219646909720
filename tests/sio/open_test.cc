#include "sio/open.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/limits.h"
#include "sio/session.h"

using namespace gend;
using namespace gend::sio;
using namespace std::chrono_literals;

namespace {

// The example of the Engine.IO protocol, version 4.
constexpr std::string_view kOpen =
    R"({"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,)"
    R"("pingTimeout":20000,"maxPayload":1000000})";

std::string with(std::string_view from, std::string_view to) {
  std::string text{kOpen};
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

Outcome outcome_of(std::string_view text) {
  const auto open = parse_open(text);
  return open ? Outcome::kOk : open.error();
}

}  // namespace

TEST_CASE("an open packet tells what the session needs") {
  const auto open = parse_open(kOpen);
  REQUIRE(open);
  CHECK(open->sid == "lv_VI97HAXpY6yYWAAAC");
  CHECK(open->upgrade == WebSocketUpgrade::kOffered);
  CHECK(open->ping_interval == 25s);
  CHECK(open->ping_timeout == 20s);
  CHECK(open->max_payload == 1'000'000);
}

TEST_CASE("servers may leave out maxPayload, offer no upgrade, and say more") {
  const auto older =
      parse_open(R"({"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200})");
  REQUIRE(older);
  CHECK(older->max_payload == 0);
  CHECK(older->upgrade == WebSocketUpgrade::kNone);
  CHECK(parse_open(with("1000000", "null")).value().max_payload == 0);
  CHECK(parse_open(with("\"upgrades\"", "\"more\":{\"sid\":1},\"upgrades\"")).value().sid ==
        "lv_VI97HAXpY6yYWAAAC");
  CHECK(
      parse_open(with("[\"websocket\"]", "[ \"webtransport\" , \"websocket\" ]")).value().upgrade ==
      WebSocketUpgrade::kOffered);
  CHECK(parse_open(with("[\"websocket\"]", "[\"webtransport\"]")).value().upgrade ==
        WebSocketUpgrade::kNone);
}

TEST_CASE("malformed open packets are no packets") {
  for (const char* text : {"", "{", "null", "[]", "\"\"", "{}", "{} ", "x"})
    CHECK(outcome_of(text) == Outcome::kSioPacket);
  const std::pair<const char*, const char*> changes[]{{"\"lv_VI97HAXpY6yYWAAAC\"", "\"\""},
                                                      {"\"lv_VI97HAXpY6yYWAAAC\"", "17"},
                                                      {"lv_VI97HAXpY6yYWAAAC", "a b"},
                                                      {"lv_VI97HAXpY6yYWAAAC", "a\\u0041"},
                                                      {"lv_VI97HAXpY6yYWAAAC", "a\xc3\xa9"},
                                                      {"\"sid\"", "\"Sid\""},
                                                      {"25000", "\"25000\""},
                                                      {"25000", "0"},
                                                      {"25000", "-1"},
                                                      {"25000", "2.5"},
                                                      {"25000", "1e3"},
                                                      {"25000", "null"},
                                                      {"25000", "99999999999999999999999"},
                                                      {"25000", "86400001"},
                                                      {"20000", "0"},
                                                      {"20000", "[]"},
                                                      {"\"pingTimeout\"", "\"pingtimeout\""},
                                                      {"\"pingInterval\"", "\"interval\""},
                                                      {"1000000", "-1"},
                                                      {"1000000", "\"1\""},
                                                      {"1000000", "1.5"},
                                                      {"[\"websocket\"]", "\"websocket\""},
                                                      {"[\"websocket\"]", "[1]"},
                                                      {"[\"websocket\"]", "{}"},
                                                      {"1000000}", "1000000"},
                                                      {"1000000}", "1000000}}"}};
  for (const auto& [from, to] : changes) {
    CAPTURE(from);
    CAPTURE(to);
    CHECK(outcome_of(with(from, to)) == Outcome::kSioPacket);
  }
}

TEST_CASE("an open packet has limits") {
  const std::string_view sid = "lv_VI97HAXpY6yYWAAAC";
  CHECK(outcome_of(with(sid, std::string(limits::kSioIdBytes, 'x'))) == Outcome::kOk);
  CHECK(outcome_of(with(sid, std::string(limits::kSioIdBytes + 1, 'x'))) == Outcome::kSioPacket);
  const std::string long_name = "{\"" + std::string(limits::kSioOpenBytes, 'n') + "\":1,";
  CHECK(outcome_of(with("{", long_name)) == Outcome::kSioPacket);
  CHECK(outcome_of(with("25000", "86400000")) == Outcome::kOk);
}

TEST_CASE("a ping is due an interval and a timeout after the last one") {
  const auto open = parse_open(kOpen);
  CHECK(ping_deadline(TimePoint{1s}, *open) == TimePoint{46s});
}

TEST_CASE("the answer with an error status says what is wrong with the session") {
  CHECK(refusal(400, R"({"code":1,"message":"Session ID unknown"})") ==
        Outcome::kSioUnknownSession);
  CHECK(refusal(400, R"({"code":5,"message":"Unsupported protocol version"})") ==
        Outcome::kSioVersion);
  CHECK(refusal(400, R"({"code":3,"message":"Bad request"})") == Outcome::kStatus4xx);
  CHECK(refusal(403, R"({"code":4,"message":"Forbidden"})") == Outcome::kStatus4xx);
  CHECK(refusal(403, R"({"code":1,"message":"Session ID unknown"})") == Outcome::kStatus4xx);
  CHECK(refusal(400, "") == Outcome::kStatus4xx);
  CHECK(refusal(400, "{\"code\":1") == Outcome::kStatus4xx);
  CHECK(refusal(404, "<html>") == Outcome::kStatus4xx);
  CHECK(refusal(502, "Bad Gateway") == Outcome::kStatus5xx);
  CHECK(refusal(302, "") == Outcome::kNotUpgraded);
}
