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
    for (const Stamp& stamp : stamps) CHECK(member.deliver(stamp, r.now).kind == Kind::kNotOwed);
  const auto settled = member.settle(r.now);
  CHECK(settled.owed == 9);
  CHECK(settled.delivered == 9);
  CHECK(settled.lost == 0);
  CHECK(r.totals().sent == 19);
  CHECK(r.totals().delivered == 9);
  CHECK(r.totals().not_owed == 10);
  CHECK(r.totals().balanced());
}

TEST_CASE("what is missing when the drain ends is lost, and only then") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member);
  const auto stamps = r.send(sender, 100);
  for (std::size_t i = 0; i < stamps.size(); ++i)
    if (i % 10 != 3) member.deliver(stamps[i], r.now);
  member.leave(r.now);
  CHECK(r.totals().lost == 0);
  CHECK_FALSE(member.complete());
  member.deliver(stamps[3], r.now);  // in the drain
  const auto settled = member.settle(r.now);
  CHECK(settled.owed == 100);
  CHECK(settled.delivered == 91);
  CHECK(settled.lost == 9);
  CHECK(settled.lost_now == 9);
  CHECK(r.totals().expected() == 100);
  CHECK(r.totals().reordered == 1);
  CHECK(r.totals().balanced());
}

TEST_CASE(
    "a member that got nothing at all lost everything, and one that was owed nothing is done") {
  Room1 r;
  Sender sender;
  r.open(sender);
  r.send(sender, 5);
  Membership deaf, brief;
  r.join(deaf);
  r.join(brief);
  brief.leave(r.now);
  CHECK(brief.complete());
  r.send(sender, 7);
  CHECK(deaf.settle(r.now).lost == 7);  // leaves by itself
  CHECK(brief.settle(r.now).owed == 0);
  CHECK(r.totals().balanced());
}

TEST_CASE("latency counts from the stamp, and above the limit a delivery is late") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member, std::chrono::milliseconds{200});
  r.now += std::chrono::hours{5};
  const auto stamps = r.send(sender, 4);
  const auto after = [&](Duration d) { return r.now + d; };
  const auto on_time = member.deliver(stamps[0], after(std::chrono::milliseconds{200}));
  CHECK(on_time.latency == std::chrono::milliseconds{200});
  CHECK_FALSE(on_time.late);
  CHECK(member.deliver(stamps[1], after(std::chrono::microseconds{200'001})).late);
  // A clock read before the message was sent, by a shard that looked at its clock first.
  CHECK(member.deliver(stamps[2], after(std::chrono::microseconds{-3})).latency.count() == 0);
  const auto again = member.deliver(stamps[0], after(std::chrono::seconds{9}));
  CHECK(again.kind == Kind::kDuplicate);
  CHECK_FALSE(again.late);
  CHECK(r.totals().late == 1);
}

TEST_CASE("stamps that nobody sent are garbled, and those of another room are not owed") {
  Room1 r;
  const RoomId other = *r.board.room("v2");
  Sender sender, elsewhere;
  r.open(sender);
  REQUIRE(elsewhere.open(r.board, other, 0, r.now));
  Membership member;
  r.join(member);
  const Stamp good = r.send(sender, 1)[0];
  Stamp bad = good;
  bad.number = 1;  // not sent yet
  CHECK(member.deliver(bad, r.now).kind == Kind::kGarbled);
  bad.number = kNumbers - 1;
  CHECK(member.deliver(bad, r.now).kind == Kind::kGarbled);
  bad = good;
  bad.stream = 99;
  CHECK(member.deliver(bad, r.now).kind == Kind::kGarbled);
  bad.stream = (1U << 30) - 1;
  CHECK(member.deliver(bad, r.now).kind == Kind::kGarbled);
  CHECK(member.deliver(elsewhere.next(r.now).stamp, r.now).kind == Kind::kNotOwed);
  member.note_garbled();
  member.note_foreign();
  CHECK(member.deliver(good, r.now).kind == Kind::kFirst);
  CHECK(r.totals().garbled == 5);
  CHECK(r.totals().foreign == 1);
  CHECK(r.totals().not_owed == 1);
  CHECK(r.board.room_of(good.stream) == r.room);
  CHECK_FALSE(r.board.room_of(99));
}

TEST_CASE("own messages are owed unless they are excluded, whichever comes first") {
  for (const int sent_before : {0, 3})
    for (const bool joins_first : {false, true}) {
      CAPTURE(sent_before);
      CAPTURE(joins_first);
      Room1 r;
      Sender own, other;
      r.open(other);
      Membership member;
      if (joins_first) r.join(member);
      r.open(own);
      if (!joins_first) {
        r.send(own, sent_before);
        r.join(member);
      }
      member.exclude(own.id());
      const auto echoes = r.send(own, 5);
      const auto owed = r.send(other, 2);
      for (const Stamp& stamp : owed) CHECK(member.deliver(stamp, r.now).kind == Kind::kFirst);
      member.leave(r.now);
      CHECK(member.complete());
      CHECK(member.deliver(echoes[2], r.now).kind == Kind::kNotOwed);
      CHECK(member.settle(r.now).owed == 2);
    }
}

TEST_CASE("a sender may go on with the numbers of one that has left, after a rest") {
  Room1 r;
  Membership member;
  r.join(member);
  Sender::Spreads spreads;
  StreamId id = kNoId;
  {
    Sender first;
    r.open(first);
    id = first.id();
    for (const Stamp& stamp : r.send(first, 3)) member.deliver(stamp, r.now);
    first.close(r.now, spreads);
  }
  r.now += limits::kLedgerRest - Duration{1};
  Sender second;
  r.open(second);
  CHECK(second.id() != id);  // not rested
  second.close(r.now, spreads);
  r.now += Duration{1};
  Sender third;
  r.open(third);
  CHECK(third.id() == id);
  Membership its_own;
  r.join(its_own);
  its_own.exclude(id);
  const Stamp stamp = r.send(third, 1)[0];
  CHECK(stamp.number == 3);
  CHECK_FALSE(member.deliver(stamp, r.now).reordered);
  CHECK(member.settle(r.now).delivered == 4);
  CHECK(its_own.settle(r.now).owed == 0);
}

TEST_CASE("what was sent while a member was away is missed, what was missing before stays owed") {
  Room1 r;
  Sender a, b, silent;
  r.open(a);
  r.open(b);
  r.open(silent);
  Membership member;
  r.join(member);
  auto from_a = r.send(a, 5);
  for (const std::size_t i : {0, 1, 3}) member.deliver(from_a[i], r.now);  // 2 and 4 are under way
  member.pause();
  CHECK(member.away());
  r.send(a, 10);
  r.send(b, 4);
  member.resume(r.now);
  CHECK_FALSE(member.away());
  for (const Stamp& stamp : r.send(a, 3)) member.deliver(stamp, r.now);
  const auto from_b = r.send(b, 1);
  member.leave(r.now);
  CHECK_FALSE(member.complete());
  member.deliver(from_a[2], r.now);
  CHECK_FALSE(member.complete());
  member.deliver(from_b[0], r.now);
  CHECK(member.complete());  // nobody waits for what was missed
  const auto settled = member.settle(r.now);
  CHECK(settled.owed == 5 + 10 + 4 + 3 + 1);
  CHECK(settled.missed_away == 1 + 10 + 4);
  CHECK(settled.lost == 0);
  CHECK(r.totals().missed_away == 15);
  CHECK(r.totals().expected() == 8);
  CHECK(r.totals().balanced());
}

TEST_CASE("what the server's recovery replays after an absence is delivered, not missed") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member);
  for (const Stamp& stamp : r.send(sender, 2)) member.deliver(stamp, r.now);
  member.pause();
  const auto missed = r.send(sender, 50);
  r.now += std::chrono::seconds{30};
  member.resume(r.now);
  for (std::size_t i = 0; i < 40; ++i) {
    const auto delivery = member.deliver(missed[i], r.now);
    CHECK(delivery.kind == Kind::kFirst);
    CHECK_FALSE(delivery.reordered);
    CHECK(delivery.latency == std::chrono::seconds{30});
  }
  const auto settled = member.settle(r.now);
  CHECK(settled.delivered == 42);
  CHECK(settled.missed_away == 10);
  CHECK(settled.lost == 0);
}

TEST_CASE("a member that never comes back was away to the end, and so is not short of anything") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member);
  r.send(sender, 1);
  member.pause();
  member.pause();
  r.send(sender, 9);
  member.leave(r.now);
  CHECK(member.complete());
  CHECK(member.settle(r.now).missed_away == 10);
}

TEST_CASE("a resume without a pause changes nothing") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member);
  r.send(sender, 5);
  member.resume(r.now);
  CHECK(member.settle(r.now).lost == 5);
}

TEST_CASE("losses that are written off in passing are told once, and count once") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member);
  std::uint64_t told = 0, sent = 0;
  for (; sent < 20'000; ++sent) {
    const Stamp stamp = sender.next(r.now).stamp;
    r.now += std::chrono::milliseconds{2};
    if (sent % 10 != 0) told += member.deliver(stamp, r.now).lost;
  }
  CHECK(told > 0);
  CHECK(r.totals().lost == told);
  // Twice the patience and the gap that made room are the most that is still held.
  CHECK(told >= (20'000 - 2 * 5'000 - limits::kLedgerWindow / 2) / 10);
  const auto settled = member.settle(r.now);
  CHECK(settled.lost == 2000);
  CHECK(settled.lost_now == 2000 - told);
  CHECK(r.totals().lost == 2000);
  CHECK(r.totals().unclear == 0);
  CHECK(r.totals().balanced());
}

TEST_CASE("write-offs in the drain count towards its end") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  r.join(member);
  const auto stamps = r.send(sender, static_cast<int>(limits::kLedgerWindow) + 100);
  member.leave(r.now);
  member.deliver(stamps.back(), r.now);  // the first hundred are too far behind now
  CHECK(r.totals().lost == 100);
  for (std::size_t i = 100; i + 1 < stamps.size(); ++i) {
    CHECK_FALSE(member.complete());
    REQUIRE(member.deliver(stamps[i], r.now).kind == Kind::kFirst);
  }
  CHECK(member.complete());
  CHECK(member.deliver(stamps[5], r.now).kind == Kind::kUnclear);
  CHECK(member.settle(r.now).lost == 100);
  CHECK(r.totals().unclear == 1);
}

TEST_CASE("a membership joins again after it has settled, and owes nothing to its past") {
  Room1 r;
  Sender sender;
  r.open(sender);
  Membership member;
  for (int round = 0; round < 3; ++round) {
    r.send(sender, 4);
    r.join(member);
    CHECK(member.joined());
    const auto stamps = r.send(sender, 2);
    for (const Stamp& stamp : stamps) member.deliver(stamp, r.now);
    const auto settled = member.settle(r.now);
    CHECK(settled.owed == 2);
    CHECK(settled.delivered == 2);
    CHECK_FALSE(member.joined());
  }
  CHECK(r.totals().joined == 3);
  CHECK(r.totals().balanced());
}

TEST_CASE("a membership that is thrown away is settled") {
  Room1 r;
  Sender sender;
  r.open(sender);
  {
    Membership member;
    r.join(member);
    r.send(sender, 3);
  }
  CHECK(r.totals().lost == 3);
  CHECK(r.totals().balanced());
}

TEST_CASE("an idle member of a quiet room takes less than 200 bytes, and no heap") {
  static_assert(sizeof(Membership) <= 136);
  static_assert(sizeof(Stream) == 64);
  static_assert(sizeof(Window) == 40);
}
