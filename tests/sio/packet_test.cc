#include "sio/packet.h"

#include <doctest/doctest.h>

#include <string>

#include "base/limits.h"
#include "sio/json.h"

using namespace gend;
using namespace gend::sio;

namespace {

Packet parsed(std::string_view text) {
  const auto packet = parse_packet(text);
  REQUIRE_MESSAGE(packet, text);
  return *packet;
}

bool refused(std::string_view text) {
  const auto packet = parse_packet(text);
  return !packet && packet.error() == Outcome::kSioPacket;
}

}  // namespace

// The examples of the Socket.IO protocol, version 5.
TEST_CASE("each type of packet is read as the protocol's examples say") {
  CHECK(parsed("0").type == PacketType::kConnect);
  CHECK(parsed("0{\"sid\":\"x\"}").payload == "{\"sid\":\"x\"}");
  const Packet admin = parsed("0/admin,{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}");
  CHECK(admin.space == "/admin");
  CHECK(admin.payload == "{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}");
  CHECK(parsed("4{\"message\":\"Not authorized\"}").type == PacketType::kConnectError);
  CHECK(parsed("1").type == PacketType::kDisconnect);
  CHECK(parsed("1/admin,").space == "/admin");

  const Packet hello = parsed(R"(2["hello",1])");
  CHECK(hello.type == PacketType::kEvent);
  CHECK(hello.space == "/");
  CHECK_FALSE(hello.id);
  CHECK(hello.name == "hello");
  CHECK(hello.payload == R"(["hello",1])");
  CHECK(hello.arguments == "1");
  CHECK(hello.last == "1");

  const Packet asking = parsed(R"(2/admin,456["project:delete",123])");
  CHECK(asking.space == "/admin");
  CHECK(asking.id == 456);
  CHECK(asking.name == "project:delete");

  const Packet ack = parsed("3/admin,456[]");
  CHECK(ack.type == PacketType::kAck);
  CHECK(ack.id == 456);
  CHECK(ack.arguments.empty());
  CHECK(ack.last.empty());

  const Packet binary = parsed(R"(51-["hello",{"_placeholder":true,"num":0}])");
  CHECK(binary.type == PacketType::kBinaryEvent);
  CHECK(binary.attachments == 1);
  CHECK(binary.name == "hello");

  const Packet both =
      parsed(R"(52-/admin,456["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])");
  CHECK(both.attachments == 2);
  CHECK(both.space == "/admin");
  CHECK(both.id == 456);

  const Packet answer = parsed(R"(61-/admin,456[{"_placeholder":true,"num":0}])");
  CHECK(answer.type == PacketType::kBinaryAck);
  CHECK(answer.arguments == R"({"_placeholder":true,"num":0})");
}

TEST_CASE("the arguments of an event are those behind its name; of an acknowledgement, all") {
  const Packet event = parsed(R"(2["m",{"a":[1,"]"]},"last"])");
  CHECK(event.arguments == R"({"a":[1,"]"]},"last")");
  CHECK(event.last == R"("last")");
  const Packet ack = parsed(R"(30["a",{"b":1}])");
  CHECK(ack.id == 0);
  CHECK(ack.name.empty());
  CHECK(ack.arguments == R"("a",{"b":1})");
  CHECK(ack.last == R"({"b":1})");
  CHECK(parsed(R"(2["m"])").arguments.empty());
  CHECK(parsed(R"(2["m"])").last.empty());
  CHECK(parsed(R"(2[ "m" , 1 , 2 ])").arguments == "1 , 2 ");
  CHECK(parsed(R"(2[ "m" , 1 , 2 ])").last == "2");
}

TEST_CASE("a name may be escaped, and may be a number") {
  const Packet escaped = parsed(R"(2["\u006d\"x"])");
  CHECK(escaped.name == R"(\u006d\"x)");
  CHECK(same_json_text(escaped.name, "m\"x"));
  CHECK(parsed("2[12,1]").name == "12");
  CHECK(parsed("2[-1]").name == "-1");
  CHECK(parsed(R"(2[""])").name.empty());
}

TEST_CASE("malformed packets are no packets") {
  for (const char* text : {"", "7", "9[]", "a", "-", " 2[\"a\"]"}) CHECK(refused(text));
  // Connect, disconnect, connect_error.
  for (const char* text : {"0[]", "0{", "0{\"a\":}", "0\"x\"", "0{} ", "01{}", "1{}", "1[]", "11",
                           "1/a,{}", "4[]", "41", "4{", "4\"x", "4null"})
    CHECK_MESSAGE(refused(text), text);
  // Events: an array with a name first.
  for (const char* text : {"2",
                           "2[]",
                           "2{}",
                           "2\"a\"",
                           "2[",
                           "2[\"a\"",
                           "2[\"a\",]",
                           "2[,\"a\"]",
                           "2[\"a\"]x",
                           "2[\"a\"] ",
                           "2[null]",
                           "2[true]",
                           "2[{}]",
                           "2[[\"a\"]]",
                           "2[\"a\" 1]",
                           "2[\"a\",}]",
                           "2[\"a\",\"\x01\"]",
                           "2[\"a\",1]]",
                           "2/admin",
                           "2/admin[\"a\"]",
                           "2,[\"a\"]",
                           "2 [\"a\"]",
                           "2-1[\"a\"]",
                           "21",
                           "21,[\"a\"]"})
    CHECK_MESSAGE(refused(text), text);
  // Acknowledgements: an array and an id.
  for (const char* text : {"3", "3[]", "31", "31{}", "31[", "31[1,]", "3/a,[]", "3x[]"})
    CHECK_MESSAGE(refused(text), text);
  // Binary: how many attachments.
  for (const char* text :
       {"5", "5[\"a\"]", "51[\"a\"]", "5-[\"a\"]", "50-[\"a\"]", "51", "51-", "5x-[\"a\"]",
        "5-1-[\"a\"]", "51.5-[\"a\"]", "51-[]", "6", "61-[]", "61-/a,[]"})
    CHECK_MESSAGE(refused(text), text);
}

TEST_CASE("names that Socket.IO keeps for itself are no events") {
  for (const char* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener",
                           "removeListener", "dis\\u0063onnect"})
    CHECK(refused(std::string{"2[\""} + name + "\"]"));
  CHECK(parsed(R"(2["connected"])").name == "connected");
  CHECK(parsed(R"(30["disconnect"])").last == R"("disconnect")");
}

TEST_CASE("what a packet announces has limits") {
  const auto n = [](std::uint64_t number) { return std::to_string(number); };
  CHECK(parsed("5" + n(limits::kSioAttachments) + "-[\"a\"]").attachments ==
        limits::kSioAttachments);
  CHECK(refused("5" + n(limits::kSioAttachments + 1) + "-[\"a\"]"));
  CHECK(refused("599999999999999999999999-[\"a\"]"));
  CHECK(parsed("2" + n(limits::kSioAckId) + "[\"a\"]").id == limits::kSioAckId);
  CHECK(refused("2" + n(limits::kSioAckId + 1) + "[\"a\"]"));
  CHECK(refused("299999999999999999999999[\"a\"]"));
  CHECK(parsed("2[\"" + std::string(limits::kSioEventBytes, 'e') + "\"]").name.size() ==
        limits::kSioEventBytes);
  CHECK(refused("2[\"" + std::string(limits::kSioEventBytes + 1, 'e') + "\"]"));
  const std::string space = "/" + std::string(limits::kSioNamespaceBytes - 1, 'n');
  CHECK(parsed("2" + space + ",[\"a\"]").space == space);
  CHECK(refused("2" + space + "n,[\"a\"]"));
}

TEST_CASE("heads are written as the protocol's examples say, and read again") {
  std::string out;
  const auto written = [&](const PacketHead& head) {
    out.clear();
    append_head(out, head);
    return out;
  };
  CHECK(written({}) == "42");
  CHECK(written({PacketType::kEvent, "/admin", 456, 0}) == "42/admin,456");
  CHECK(written({PacketType::kAck, "/", 0, 0}) == "430");
  CHECK(written({PacketType::kEvent, "/admin", 456, 1}) == "451-/admin,456");
  CHECK(written({PacketType::kAck, "/", 7, 12}) == "4612-7");
  out.clear();
  append_disconnect(out, "/");
  CHECK(out == "41");
  out.clear();
  append_disconnect(out, "/admin");
  CHECK(out == "41/admin,");

  append_head(out = "", {PacketType::kEvent, "/x", 3, 2});
  out += R"(["n",)";
  append_placeholder(out, 0);
  out += ',';
  append_placeholder(out, 11);
  out += ']';
  const Packet back = parsed(std::string_view{out}.substr(1));
  CHECK(back.type == PacketType::kBinaryEvent);
  CHECK(back.space == "/x");
  CHECK(back.id == 3);
  CHECK(back.attachments == 2);
  CHECK(back.last == R"({"_placeholder":true,"num":11})");
}
