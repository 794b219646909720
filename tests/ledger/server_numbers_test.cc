// Members that are owed the numbers of a server (`sequence:`).
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "base/rng.h"
#include "ledger/membership.h"
#include "ledger/sender.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;
using Kind = Delivery::Kind;

namespace {

constexpr TimePoint kStart{std::chrono::hours{1}};

struct Served {
  Board board{{.run = 7, .epoch = kStart, .shards = 2}};
  RoomId room = *board.room("v1");
  TimePoint now = kStart;

  void join(Membership& member, unsigned shard = 0) {
    REQUIRE(member.join(board, {.room = room,
                                .shard = shard,
                                .numbers = Numbers::kServer,
                                .late = std::chrono::milliseconds{200}}));
  }
  Kind get(Membership& member, std::uint64_t number) {
    return member.deliver_number(number, std::nullopt, now).kind;
  }
  RoomTotals totals() const { return board.rooms().at(0); }
};

}  // namespace

TEST_CASE("a member is owed the server's numbers from the first that it gets") {
  Served s;
  Membership member;
  s.join(member);
  for (const std::uint64_t n : {1000, 1001, 1003}) CHECK(s.get(member, n) == Kind::kFirst);
  CHECK(s.get(member, 999) == Kind::kNotOwed);
  CHECK(s.get(member, 1001) == Kind::kDuplicate);
  const auto settled = member.settle(s.now);
  CHECK(settled.owed == 4);
  CHECK(settled.lost == 1);
  CHECK(s.totals().balanced());
}

TEST_CASE("the last numbers that others got are owed, too") {
  Served s;
  Membership a, b;
  s.join(a);
  s.join(b, 1);
  for (std::uint64_t n = 10; n < 20; ++n) s.get(a, n);
  s.get(b, 12);
  b.leave(s.now);
  CHECK_FALSE(b.complete());
  for (std::uint64_t n = 13; n < 20; ++n) CHECK(s.get(b, n) == Kind::kFirst);
  CHECK(b.complete());
  CHECK(s.get(b, 20) == Kind::kNotOwed);
  CHECK(b.settle(s.now).delivered == 8);
  CHECK(a.settle(s.now).lost == 1);  // 20: the server has sent it
}

TEST_CASE("a member that got nothing is owed what others got since it joined") {
  Served s;
  Membership early, a, deaf;
  s.join(early);
  s.join(a);
  for (std::uint64_t n = 500; n < 510; ++n) s.get(a, n);
  s.join(deaf);
  for (std::uint64_t n = 510; n < 513; ++n) s.get(a, n);
  CHECK(deaf.settle(s.now).lost == 3);    // above the highest at its join
  CHECK(early.settle(s.now).lost == 13);  // nobody knew a number yet: from the first of all
  CHECK(a.settle(s.now).owed == 13);
}

TEST_CASE("where nobody got anything, nobody is owed anything") {
  Served s;
  Membership a, b;
  s.join(a);
  s.join(b);
  b.pause();
  CHECK(a.settle(s.now).owed == 0);
  CHECK(b.settle(s.now).owed == 0);
}

TEST_CASE("everything up to the first new number after an absence was missed") {
  Served s;
  Membership a, b;
  s.join(a);
  s.join(b);
  for (std::uint64_t n = 0; n < 10; ++n) {
    s.get(a, n);
    if (n < 5) s.get(b, n);
  }
  b.pause();
  for (std::uint64_t n = 10; n < 20; ++n) s.get(a, n);
  b.resume(s.now);
  CHECK(s.get(b, 23) == Kind::kFirst);  // 20..22: of those the room knew nothing at the resume
  CHECK(s.get(b, 25) == Kind::kFirst);
  CHECK(s.get(b, 7) == Kind::kFirst);  // replayed after all
  const auto settled = b.settle(s.now);
  CHECK(settled.delivered == 8);
  CHECK(settled.missed_away == 4 + 10 + 3);
  CHECK(settled.lost == 1);  // 24
  CHECK(settled.owed == 26);
}

TEST_CASE("a recovery that replays everything leaves nothing missed, and later losses are losses") {
  Served s;
  Membership a, b;
  s.join(a);
  s.join(b);
  for (std::uint64_t n = 0; n < 5; ++n) s.get(b, n);
  b.pause();
  for (std::uint64_t n = 0; n < 20; ++n) s.get(a, n);
  b.resume(s.now);
  for (std::uint64_t n = 5; n < 24; ++n)
    if (n != 22) {
      CHECK(s.get(b, n) == Kind::kFirst);
    }
  const auto settled = b.settle(s.now);
  CHECK(settled.missed_away == 0);
  CHECK(settled.lost == 1);
}

TEST_CASE("an absence before the first number is an absence") {
  Served s;
  Membership a, b, c;
  s.join(a);
  s.join(b);
  s.join(c);
  b.pause();
  c.pause();
  for (std::uint64_t n = 100; n < 110; ++n) s.get(a, n);
  b.resume(s.now);
  CHECK(s.get(b, 111) == Kind::kFirst);
  const auto settled = b.settle(s.now);
  CHECK(settled.missed_away == 11);
  CHECK(settled.lost == 0);
  CHECK(c.settle(s.now).missed_away == 12);
}

TEST_CASE("numbers that jump out of all proportion are garbled and harm nobody") {
  Served s;
  Membership a, b;
  s.join(a);
  s.join(b);
  s.get(a, 3);
  s.get(b, 3);
  for (const std::uint64_t bad :
       {~std::uint64_t{0}, ~std::uint64_t{0} - 1, std::uint64_t{1} << 62, 5 + limits::kLedgerJump})
    CHECK(s.get(a, bad) == Kind::kGarbled);
  CHECK(s.get(a, 4) == Kind::kFirst);
  CHECK(a.settle(s.now).lost == 0);
  CHECK(b.settle(s.now).owed == 2);
  CHECK(s.totals().garbled == 4);
  CHECK(s.totals().balanced());
}

TEST_CASE("latency is the caller's; without one nothing is late") {
  Served s;
  Membership member;
  s.join(member);
  const auto late = member.deliver_number(1, std::chrono::milliseconds{201}, s.now);
  CHECK(late.late);
  CHECK(late.latency == std::chrono::milliseconds{201});
  CHECK_FALSE(member.deliver_number(2, std::nullopt, s.now).late);
  CHECK(member.deliver_number(3, std::chrono::milliseconds{-5}, s.now).latency.count() == 0);
  CHECK(s.totals().late == 1);
}

TEST_CASE("stamps and server's numbers in one room do not mix") {
  Served s;
  Membership stamps, numbers;
  REQUIRE(stamps.join(s.board, {.room = s.room}));
  s.join(numbers);
  Sender sender;
  REQUIRE(sender.open(s.board, s.room, 0, s.now));
  const Stamp stamp = sender.next(s.now).stamp;
  for (std::uint64_t n = 50; n < 60; ++n) s.get(numbers, n);
  CHECK(stamps.deliver(stamp, s.now).kind == Kind::kFirst);
  CHECK(stamps.settle(s.now).owed == 1);
  CHECK(numbers.settle(s.now).owed == 10);
}

TEST_CASE("the spread of a server's messages is booked by the receiver that takes it") {
  Served s;
  Membership a, b;
  s.join(a, 0);
  s.join(b, 1);
  a.deliver_number(0, std::nullopt, s.now);
  b.deliver_number(0, std::nullopt, s.now + std::chrono::microseconds{70});
  s.now += std::chrono::seconds{3};
  for (std::uint64_t n = 1; n < 16; ++n) CHECK_FALSE(a.deliver_number(n, {}, s.now).spread);
  CHECK(a.deliver_number(16, {}, s.now).spread == Duration{std::chrono::microseconds{70}});
  CHECK(s.totals().spreads == 1);
  CHECK(s.totals().spread_max == Duration{std::chrono::microseconds{70}});
}

TEST_CASE("random deliveries of a server's numbers are counted as by hand") {
  for (std::uint64_t round = 0; round < 1000; ++round) {
    CAPTURE(round);
    Rng rng = Rng::for_stream(test::seed(), round);
    Served s;
    const std::uint64_t count = 1 + rng.below(400), begin = rng.below(3) * 1'000'000;
    std::vector<std::unique_ptr<Membership>> members;
    std::vector<std::set<std::uint64_t>> got(1 + rng.below(5));
    std::uint64_t duplicated = 0, highest = 0;
    for (std::size_t m = 0; m < got.size(); ++m) {
      members.push_back(std::make_unique<Membership>());
      s.join(*members.back(), static_cast<unsigned>(m % 2));
    }
    std::vector<std::pair<std::uint64_t, std::size_t>> arrivals;  // by rank: reordered a little
    for (std::uint64_t n = 1; n < count; ++n)
      for (std::size_t m = 0; m < got.size(); ++m)
        for (std::uint64_t copies = rng.below(10) == 0 ? rng.below(3) : 1; copies > 0; --copies)
          arrivals.emplace_back((n * 8 + rng.below(60)) << 32 | n, m);
    std::sort(arrivals.begin(), arrivals.end());
    // All begin with one number, so that what each is owed is known.
    for (std::size_t m = 0; m < got.size(); ++m) {
      s.get(*members[m], begin);
      got[m].insert(begin);
    }
    for (const auto& [rank, m] : arrivals) {
      const std::uint64_t number = begin + (rank & 0xFFFFFFFF);
      const bool first = got[m].insert(number).second;
      duplicated += !first;
      highest = std::max(highest, number);
      REQUIRE(s.get(*members[m], number) == (first ? Kind::kFirst : Kind::kDuplicate));
    }
    highest = std::max(highest, begin);
    for (std::size_t m = 0; m < got.size(); ++m) {
      const auto settled = members[m]->settle(s.now);
      REQUIRE(settled.owed == highest - begin + 1);
      REQUIRE(settled.delivered == got[m].size());
      REQUIRE(settled.lost == settled.owed - got[m].size());
    }
    REQUIRE(s.totals().duplicated == duplicated);
    REQUIRE(s.totals().balanced());
  }
}
