#include "ledger/membership.h"

#include <doctest/doctest.h>

#include <vector>

#include "ledger/sender.h"

using namespace gend;
using namespace gend::ledger;
using Kind = Delivery::Kind;

namespace {

constexpr TimePoint kStart{std::chrono::hours{1}};

// One room on one shard, with a clock.
struct Room1 {
  Board board{{.run = 7, .epoch = kStart, .shards = 1}};
  RoomId room = *board.room("v1");
  TimePoint now = kStart;

  void open(Sender& sender) { REQUIRE(sender.open(board, room, 0, now)); }
  void join(Membership& member, Duration late = Duration::max()) {
    REQUIRE(member.join(board, {.room = room, .late = late}));
  }
  std::vector<Stamp> send(Sender& sender, int count) {
    std::vector<Stamp> stamps;
    for (int i = 0; i < count; ++i) stamps.push_back(sender.next(now).stamp);
    return stamps;
  }
  RoomTotals totals() const { return board.rooms().at(0); }
};

}  // namespace

TEST_CASE("a member is owed what is sent between its join and its leave, of every sender") {
  Room1 r;
  Sender early, late_sender;
  r.open(early);
  const auto before = r.send(early, 3);
  Membership member;
  r.join(member);
  const auto during = r.send(early, 4);
  r.open(late_sender);
  const auto more = r.send(late_sender, 5);
  member.leave(r.now);
  const auto after = r.send(early, 6);
  Sender too_late;
  r.open(too_late);
  const auto strange = r.send(too_late, 1);

  for (const auto& stamps : {during, more})
    for (const Stamp& stamp : stamps) {
      CHECK_FALSE(member.complete());
      CHECK(member.deliver(stamp, r.now).kind == Kind::kFirst);
    }
  CHECK(member.complete());
  for (const auto& stamps : {before, after, strange})
    for (const Stamp& stamp : stamps)
      CHECK(member.deliver(stamp, r.now).kind == Kind::kNotOwed);
  const auto settled = member.settle(r.now);
  CHECK(settled.owed == 9);
  CHECK(settled.delivered == 9);
  CHECK(settled.lost == 0);
  CHECK(r.totals().sent == 19);
  CHECK(r.totals().delivered == 9);
  CHECK(r.totals().not_owed == 10);
  CHECK(r.totals().balanced());
}
