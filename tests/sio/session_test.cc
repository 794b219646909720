#include "sio/session.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace gend;
using namespace gend::sio;

namespace {

constexpr std::string_view kOpen =
    R"(0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";

Outcome outcome_of(const std::expected<Fact, Outcome>& fact) {
  return fact ? Outcome::kOk : fact.error();
}

Session opened(std::string_view space = kRootNamespace) {
  Session session{space};
  const auto fact = session.take(kOpen);
  REQUIRE(fact);
  CHECK(fact->meaning == Meaning::kOpened);
  CHECK(fact->open.sid == "e");
  return session;
}

Session joined(std::string_view space = kRootNamespace) {
  Session session = opened(space);
  session.joining();
  const std::string prefix = space == "/" ? "" : std::string{space} + ",";
  const auto fact = session.take("40" + prefix + R"({"sid":"s","pid":"p"})");
  REQUIRE(fact);
  CHECK(fact->meaning == Meaning::kJoined);
  CHECK(session.joined());
  return session;
}

Meaning meaning(Session& session, std::string_view text) {
  const auto fact = session.take(text);
  REQUIRE_MESSAGE(fact, text);
  return fact->meaning;
}

}  // namespace

TEST_CASE("a session opens, joins, talks and ends") {
  Session session = joined("/villages");
  CHECK(meaning(session, "2") == Meaning::kPing);
  CHECK(meaning(session, "6") == Meaning::kNothing);
  const auto event = session.take(R"(42/villages,["m",1])");
  REQUIRE(event);
  CHECK(event->meaning == Meaning::kEvent);
  CHECK(event->whole == Fact::Whole::kYes);
  CHECK(event->packet.name == "m");
  const auto ack = session.take("43/villages,7[true]");
  REQUIRE(ack);
  CHECK(ack->meaning == Meaning::kAck);
  CHECK(ack->packet.id == 7);
  CHECK(meaning(session, "1") == Meaning::kClosed);
}

TEST_CASE("before the open packet there is nothing else, and only one") {
  for (const char* text : {"2", "40{\"sid\":\"s\"}", "6", "1", "x", "", "3probe"}) {
    Session session;
    CHECK(outcome_of(session.take(text)) == Outcome::kSioPacket);
    CHECK_FALSE(session.opened());
  }
  Session malformed;
  CHECK(outcome_of(malformed.take("0{}")) == Outcome::kSioPacket);
  Session twice = opened();
  CHECK(outcome_of(twice.take(kOpen)) == Outcome::kSioPacket);
}

TEST_CASE("a pong or an upgrade from the server answers nothing") {
  for (const char* text : {"3", "3probe", "5"}) {
    Session session = joined();
    CHECK(outcome_of(session.take(text)) == Outcome::kSioPacket);
  }
}

TEST_CASE("a server of Socket.IO 2 joins unasked, and is told by that") {
  Session before = opened();
  CHECK(outcome_of(before.take("40")) == Outcome::kSioVersion);
  Session after = opened("/villages");
  after.joining();
  CHECK(outcome_of(after.take("40")) == Outcome::kSioVersion);
}

TEST_CASE("a namespace that nobody joined has no packets") {
  for (const char* text : {R"(42/other,["m"])", "41/other,", "43/other,1[]",
                           R"(40/other,{"sid":"x"})", R"(44/other,{"message":"m"})"}) {
    Session session = joined();
    CHECK_MESSAGE(outcome_of(session.take(text)) == Outcome::kSioNamespace, text);
  }
  Session early = opened();
  CHECK(outcome_of(early.take(R"(42["m"])")) == Outcome::kSioNamespace);
  Session unasked = opened();
  CHECK(outcome_of(unasked.take(R"(40{"sid":"s"})")) == Outcome::kSioNamespace);
  Session root = joined("/villages");
  CHECK(outcome_of(root.take(R"(42["m"])")) == Outcome::kSioNamespace);
  Session again = joined();
  CHECK(outcome_of(again.take(R"(40{"sid":"s"})")) == Outcome::kSioNamespace);
}

TEST_CASE("a refusal ends the namespace and is no fault of the protocol") {
  Session session = opened("/villages");
  session.joining();
  const auto fact = session.take(R"(44/villages,{"message":"invalid token"})");
  REQUIRE(fact);
  CHECK(fact->meaning == Meaning::kRefused);
  CHECK(refusal_message(fact->packet.payload) == "invalid token");
  CHECK_FALSE(session.joined());
  CHECK(meaning(session, "2") == Meaning::kPing);
}

TEST_CASE("a server that disconnects the namespace is told apart from one that closes") {
  Session session = joined("/villages");
  CHECK(meaning(session, "41/villages,") == Meaning::kDisconnected);
  CHECK_FALSE(session.joined());
  CHECK(meaning(session, "1") == Meaning::kClosed);
}

TEST_CASE("attachments belong to the packet that announced them") {
  Session session = joined();
  const auto event = session.take(R"(452-["b",{"_placeholder":true,"num":0},1])");
  REQUIRE(event);
  CHECK(event->meaning == Meaning::kEvent);
  CHECK(event->whole == Fact::Whole::kMoreFollows);
  CHECK(session.waits_for_attachments());
  CHECK(meaning(session, "2") == Meaning::kPing);  // Engine.IO's own packets may come between
  const auto first = session.take(binary_packet("one"));
  REQUIRE(first);
  CHECK(first->meaning == Meaning::kAttachment);
  CHECK(first->bytes == "one");
  CHECK(first->whole == Fact::Whole::kMoreFollows);
  const auto second = session.take(binary_packet(""));
  REQUIRE(second);
  CHECK(second->whole == Fact::Whole::kYes);
  CHECK_FALSE(session.waits_for_attachments());
  CHECK(meaning(session, R"(42["m"])") == Meaning::kEvent);
}

TEST_CASE("attachments that nobody announced, or that do not come, are faults") {
  Session unasked = joined();
  CHECK(outcome_of(unasked.take(binary_packet("x"))) == Outcome::kSioAttachment);
  Session before = opened();
  CHECK(outcome_of(before.take(binary_packet("x"))) == Outcome::kSioAttachment);
  Session early;
  CHECK(outcome_of(early.take(binary_packet("x"))) == Outcome::kSioPacket);
  Session between = joined();
  REQUIRE(between.take(R"(451-["b",{"_placeholder":true,"num":0}])"));
  CHECK(outcome_of(between.take(R"(42["m"])")) == Outcome::kSioAttachment);
  Session too_many = joined();
  REQUIRE(too_many.take(R"(461-1[{"_placeholder":true,"num":0}])"));
  REQUIRE(too_many.take(binary_packet("x")));
  CHECK(outcome_of(too_many.take(binary_packet("x"))) == Outcome::kSioAttachment);
}

TEST_CASE("what comes for a namespace after we left it means nothing") {
  Session session = joined("/villages");
  REQUIRE(session.take(R"(451-/villages,["b",{"_placeholder":true,"num":0}])"));
  session.leaving();
  CHECK_FALSE(session.waits_for_attachments());
  CHECK(session.take(binary_packet("x")).value().meaning == Meaning::kNothing);
  CHECK(meaning(session, R"(42/villages,["m"])") == Meaning::kNothing);
  CHECK(meaning(session, "41/villages,") == Meaning::kNothing);
  CHECK(outcome_of(session.take(R"(42["m"])")) == Outcome::kSioNamespace);
}

TEST_CASE("malformed packets keep their name through a session") {
  for (const char* text : {"4", "4x", "42", "42[", "42[]", "49", "7", "40[]"}) {
    Session session = joined();
    CHECK_MESSAGE(outcome_of(session.take(text)) == Outcome::kSioPacket, text);
  }
}
