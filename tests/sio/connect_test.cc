#include "sio/connect.h"

#include <doctest/doctest.h>

#include <string>

#include "base/limits.h"

using namespace gend;
using namespace gend::sio;

namespace {

std::string connect(std::string_view space, std::string_view auth, const Recovery& recovery = {}) {
  std::string out;
  append_connect(out, space, auth, recovery);
  const auto packet = parse_packet(std::string_view{out}.substr(1));
  REQUIRE(packet);
  CHECK(packet->type == PacketType::kConnect);
  CHECK(packet->space == space);
  return out;
}

}  // namespace

TEST_CASE("joining a namespace sends what the plan says as auth") {
  CHECK(connect("/", "") == "40");
  CHECK(connect("/", R"({"token":"t"})") == R"(40{"token":"t"})");
  CHECK(connect("/admin", "") == "40/admin,");
  CHECK(connect("/admin", R"({"token":"t"})") == R"(40/admin,{"token":"t"})");
}

TEST_CASE("coming back sends the private id and the last offset ahead of the auth") {
  CHECK(connect("/", "", {"p", ""}) == R"(40{"pid":"p"})");
  CHECK(connect("/", "", {"p", "o"}) == R"(40{"pid":"p","offset":"o"})");
  CHECK(connect("/", "{}", {"p", "o"}) == R"(40{"pid":"p","offset":"o"})");
  CHECK(connect("/", "{ }", {"p", "o"}) == R"(40{"pid":"p","offset":"o"})");
  CHECK(connect("/a", R"({"t":1})", {"p", "o"}) == R"(40/a,{"pid":"p","offset":"o","t":1})");
}

TEST_CASE("the server's answer tells the session's ids") {
  const auto plain = parse_joined(R"({"sid":"wZX3oN0bSVIhsaknAAAI"})");
  REQUIRE(plain);
  CHECK(plain->sid == "wZX3oN0bSVIhsaknAAAI");
  CHECK(plain->pid.empty());
  CHECK(parse_joined(R"({"sid":"s","pid":"p"})").value().pid == "p");
}

TEST_CASE("an answer without a sid is one of Socket.IO 2") {
  for (const char* payload : {"", "{}", R"({"sid":1})", R"({"sid":""})", R"({"pid":"p"})"})
    CHECK(parse_joined(payload).error() == Outcome::kSioVersion);
}

TEST_CASE("ids that could not be sent again are not kept") {
  CHECK(parse_joined(R"({"sid":"s","pid":"a\"b"})").value().pid.empty());
  const std::string long_id(limits::kSioIdBytes + 1, 'p');
  CHECK(parse_joined(R"({"sid":"s","pid":")" + long_id + "\"}").value().pid.empty());
}

TEST_CASE("a refusal says why, in either form") {
  CHECK(refusal_message(R"({"message":"invalid token","data":{"code":7}})") == "invalid token");
  CHECK(refusal_message(R"("Invalid namespace")") == "Invalid namespace");
  CHECK(refusal_message("{}").empty());
  CHECK(refusal_message(R"({"message":1})").empty());
  CHECK(refusal_message("").empty());
}

TEST_CASE("the offset is the last argument of an event that asks for nothing") {
  const auto offset = [](std::string_view text) {
    const auto packet = parse_packet(text);
    REQUIRE(packet);
    return offset_of(*packet);
  };
  CHECK(offset(R"(2["m",{"a":1},"Nk1xZAA"])") == "Nk1xZAA");
  CHECK(offset(R"(51-["m",{"_placeholder":true,"num":0},"o"])") == "o");
  CHECK(offset(R"(2["m"])").empty());  // its name is no offset
  CHECK(offset(R"(2["m",1])").empty());
  CHECK(offset(R"(2["m","a\nb"])").empty());
  CHECK(offset(R"(27["m","x"])").empty());
  CHECK(offset(R"(37["x"])").empty());
}
