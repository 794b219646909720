// Members, deliveries that are held back, and what is counted of them, in a time of its own.
#include "target/fanout.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace gend;
using namespace gend::target;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t kHead = 2;  // "##" stands for a frame's head

struct Scene {
  World world{2, 1};
  Fanout fanout{world, 0};
  Room* room = fanout.room("r");
  std::vector<std::unique_ptr<Client>> clients;
  TimePoint now{100s};
  std::uint64_t sequence = 0;

  ~Scene() {
    for (auto& client : clients) fanout.forget(*client);
  }
  Client& member() {
    clients.push_back(std::make_unique<Client>());
    clients.back()->number = clients.size();
    CHECK(fanout.join(*clients.back(), *room) == Fanout::Joined::kNow);
    return *clients.back();
  }
  void publish(const std::string& text, std::uint64_t sender = 77, std::uint64_t except = 0) {
    Broadcast message{.room = room,
                      .sender = sender,
                      .sequence = ++sequence,
                      .except = except,
                      .received = now,
                      .frame = "##" + text};
    message.head = kHead;
    fanout.publish(std::move(message), now);
  }
  // What has been handed over so far, taken by the kernel.
  std::string sent(Client& client) {
    const std::string bytes = client.out.bytes;
    fanout.handed(client.out, now);
    client.out.clear();
    return bytes;
  }
  void pass(Duration time) {
    now += time;
    fanout.expire(now);
  }
  const RoomCounts& counts() const { return room->of_thread[0]; }
};

DeliveryFaults faults(double drop, double duplicate, double reorder) {
  return {.drop = drop, .duplicate = duplicate, .reorder = reorder};
}

}  // namespace

TEST_CASE("every member is sent every message once, but for whom it is to pass over") {
  Scene scene;
  Client &a = scene.member(), &b = scene.member();
  scene.publish("1");
  scene.publish("2", 77, b.number);
  CHECK(scene.sent(a) == "##1##2");
  CHECK(scene.sent(b) == "##1");
  CHECK(scene.counts().messages == 2);
  CHECK(scene.counts().owed == 3);
  CHECK(scene.counts().sent == 3);
}

TEST_CASE("members come and go in any order") {
  Scene scene;
  Client &a = scene.member(), &b = scene.member(), &c = scene.member();
  CHECK(scene.fanout.join(b, *scene.room) == Fanout::Joined::kBefore);
  CHECK(scene.fanout.leave(a, *scene.room));
  CHECK_FALSE(scene.fanout.leave(a, *scene.room));
  scene.publish("1");
  CHECK(scene.fanout.leave(c, *scene.room));
  CHECK(scene.fanout.join(a, *scene.room) == Fanout::Joined::kNow);
  scene.publish("2");
  CHECK(scene.sent(a) == "##2");
  CHECK(scene.sent(b) == "##1##2");
  CHECK(scene.sent(c) == "##1");
  CHECK(scene.counts().members == 2);
}

TEST_CASE("what is held back follows the next one of its sender, and is counted as reordered") {
  Scene scene;
  Client& a = scene.member();
  scene.fanout.set_faults(faults(0, 0, 1));
  scene.publish("1");
  scene.publish("2");
  scene.fanout.set_faults({});
  scene.publish("x", 78);  // somebody else's
  CHECK(scene.sent(a) == "##x");
  scene.publish("3");
  CHECK(scene.sent(a) == "##3##1##2");
  CHECK(scene.counts().reordered == 2);
  scene.pass(5s);
  CHECK(scene.sent(a).empty());
  CHECK(scene.counts().sent == 4);
}

TEST_CASE("what is held back and not followed is sent after its patience, in order") {
  Scene scene;
  Client& a = scene.member();
  scene.fanout.set_faults(faults(0, 0, 1));
  scene.publish("1");
  scene.publish("2");
  scene.pass(kReorderPatience - 1ns);
  CHECK(scene.sent(a).empty());
  scene.pass(1ns);
  CHECK(scene.sent(a) == "##1##2");
  CHECK(scene.counts().reordered == 0);
}

TEST_CASE("duplicates are two in a row, and what is dropped is not sent") {
  Scene scene;
  Client& a = scene.member();
  scene.fanout.set_faults(faults(0, 1, 0));
  scene.publish("1");
  scene.fanout.set_faults(faults(1, 0, 0));
  scene.publish("2");
  CHECK(scene.sent(a) == "##1##1");
  CHECK(scene.counts().owed == 2);
  CHECK(scene.counts().sent == 1);
  CHECK(scene.counts().duplicated == 1);
  CHECK(scene.counts().dropped == 1);
}

TEST_CASE("a delayed one is late by its delay, and overtaken by what came after it") {
  Scene scene;
  Client& a = scene.member();
  DeliveryFaults late;
  REQUIRE(parse_delay("1:500ms", late).has_value());
  scene.fanout.set_faults(late);
  scene.publish("1");
  scene.fanout.set_faults({});
  scene.pass(100ms);
  scene.publish("2");
  CHECK(scene.sent(a) == "##2");
  scene.pass(400ms - 1ns);
  CHECK(scene.sent(a).empty());
  scene.pass(1ns);
  CHECK(scene.sent(a) == "##1");
  CHECK(scene.counts().delayed == 1);
  CHECK(scene.counts().reordered == 1);
}

TEST_CASE("what a receiver did not wait for is gone, and nothing is left over") {
  Scene scene;
  Client& a = scene.member();
  scene.fanout.set_faults(faults(0, 0, 1));
  scene.publish("1");
  scene.fanout.set_faults(faults(0, 1, 0));
  scene.publish("x", 78);  // waits in two copies to be handed over
  scene.fanout.forget(a);
  CHECK(scene.counts().gone == 2);
  CHECK(scene.counts().members == 0);
  CHECK(scene.fanout.next() == kNever);
  CHECK(scene.fanout.dirty().empty());
  scene.publish("2");
  CHECK(scene.counts().owed == 2);
}

TEST_CASE("a polling member gets payloads, without heads and with separators") {
  Scene scene;
  Client& a = scene.member();
  a.polling = true;
  scene.publish("4a");
  scene.publish("4b");
  CHECK(scene.sent(a) == "4a\x1e" "4b");
}

TEST_CASE("a message is posted to the other threads that have members, and to no others") {
  Scene scene;
  scene.publish("1");
  CHECK(scene.fanout.outboxes()[1].empty());
  scene.room->of_thread[1].members = 3;
  scene.publish("2");
  REQUIRE(scene.fanout.outboxes()[1].broadcasts.size() == 1);
  CHECK(scene.fanout.outboxes()[1].broadcasts[0].frame == "##2");
  CHECK(scene.fanout.busy());
  CHECK(scene.counts().owed == 0);
}

TEST_CASE("rooms have names of some length, and clients are in so many") {
  Scene scene;
  CHECK(scene.fanout.room("") == nullptr);
  CHECK(scene.fanout.room(std::string(limits::kTargetRoomName + 1, 'r')) == nullptr);
  CHECK(scene.fanout.room("r") == scene.room);
  Client& a = scene.member();
  for (std::size_t i = 1; i < limits::kTargetRoomsJoined; ++i)
    CHECK(scene.fanout.join(a, *scene.fanout.room("n" + std::to_string(i))) ==
          Fanout::Joined::kNow);
  CHECK(scene.fanout.join(a, *scene.fanout.room("more")) == Fanout::Joined::kTooMany);
}

TEST_CASE("the latency of deliveries is known to ten microseconds") {
  World world{2, 1};
  for (int i = 1; i <= 1000; ++i)
    world.rooms.latency_of(i % 2 == 0 ? 0U : 1U).add(std::chrono::microseconds{i * 100});
  const std::string json = world.rooms.json();
  // The middles of the bins of 50 ms, 95 ms and 99 ms.
  CHECK(json.find(R"("latency":{"count":1000,"p50_us":50005,"p95_us":95005,"p99_us":99005,)"
                  R"("max_us":100000})") != std::string::npos);
  world.clear_counts();
  CHECK(world.rooms.json().find(R"("count":0,"p50_us":0)") != std::string::npos);
}
