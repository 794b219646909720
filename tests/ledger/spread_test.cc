#include "ledger/spread.h"

#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "base/rng.h"
#include "ledger/membership.h"
#include "ledger/sender.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr TimePoint kStart{std::chrono::hours{1}};

std::vector<Duration> rest_of(SpreadRing& ring) {
  std::vector<Duration> all;
  for (std::size_t i = 0; i < SpreadRing::kSlots; ++i)
    if (const auto spread = ring.take(i)) all.push_back(*spread);
  return all;
}

}  // namespace

TEST_CASE("a spread is the last receiver's latency less the first one's, in whatever order") {
  SpreadRing ring;
  CHECK_FALSE(ring.claim(0, kStart));
  for (const int us : {300, 900, 120, 500}) ring.note(0, microseconds{us});
  CHECK(ring.claim(16, kStart + seconds{2}) == Duration{microseconds{780}});
}

TEST_CASE("one receiver has no spread, and nobody none") {
  SpreadRing ring;
  ring.claim(0, kStart);
  ring.claim(1, kStart);
  ring.note(1, microseconds{50});
  CHECK(rest_of(ring).empty());
}

TEST_CASE("two receivers at once are a spread of nothing") {
  SpreadRing ring;
  ring.claim(0, kStart);
  ring.note(0, microseconds{50});
  ring.note(0, microseconds{50});
  CHECK(rest_of(ring) == std::vector<Duration>{Duration::zero()});
}

TEST_CASE("a slot is given to another message after two seconds, not before") {
  SpreadRing ring;
  ring.claim(0, kStart);
  ring.note(0, microseconds{10});
  CHECK_FALSE(ring.claim(16, kStart + seconds{2} - Duration{1}));
  ring.note(16, seconds{1});  // not sampled: the slot is still the other's
  ring.note(0, microseconds{30});
  CHECK(ring.claim(32, kStart + seconds{2}) == Duration{microseconds{20}});
  ring.note(0, seconds{3});  // too late: the slot is not its own any more
  ring.note(32, microseconds{1});
  ring.note(32, microseconds{2});
  CHECK(rest_of(ring) == std::vector<Duration>{microseconds{1}});
  CHECK(rest_of(ring).empty());
}

TEST_CASE("latencies beyond what a slot holds are left out, negative ones are none") {
  SpreadRing ring;
  ring.claim(0, kStart);
  ring.note(0, microseconds{-5});
  ring.note(0, microseconds{7});
  ring.note(0, seconds{17});
  CHECK(rest_of(ring) == std::vector<Duration>{microseconds{7}});
}

TEST_CASE("a ring that nobody claimed takes no notes") {
  SpreadRing ring;
  for (std::uint64_t n = 0; n < 40; ++n) ring.note(n, microseconds{n});
  CHECK(rest_of(ring).empty());
}

TEST_CASE("of a server's numbers the first receiver claims, and times count from then") {
  SpreadRing ring;
  CHECK_FALSE(ring.note_or_claim(1000, kStart));
  CHECK_FALSE(ring.note_or_claim(1000, kStart + microseconds{40}));
  CHECK_FALSE(ring.note_or_claim(1000, kStart + microseconds{90}));
  CHECK_FALSE(ring.note_or_claim(1000, kStart - microseconds{3}));  // looked at its clock before
  CHECK_FALSE(ring.note_or_claim(1016, kStart + seconds{1}));       // the slot is taken
  CHECK(ring.note_or_claim(1032, kStart + seconds{2}) == Duration{microseconds{90}});
  CHECK_FALSE(ring.note_or_claim(1016, kStart + seconds{5}));  // an old one claims nothing
  CHECK_FALSE(ring.note_or_claim(1032, kStart + seconds{5}));
  CHECK(rest_of(ring) == std::vector<Duration>{seconds{3}});
}

TEST_CASE("random messages to random receivers have the spreads that a list of them has") {
  Rng rng{test::seed()};
  for (int round = 0; round < 500; ++round) {
    Board board{{.run = 1, .epoch = kStart, .shards = 1}};
    const RoomId room = *board.room("v1");
    Sender sender;
    REQUIRE(sender.open(board, room, 0, kStart));
    std::vector<Membership> members(1 + rng.below(6));
    for (Membership& member : members) REQUIRE(member.join(board, {.room = room}));

    std::vector<Duration> expected, measured;
    std::map<std::uint64_t, TimePoint> claimed;  // by slot
    TimePoint now = kStart;
    for (int i = 0; i < 100; ++i) {
      now += milliseconds{rng.below(400)};
      const auto next = sender.next(now);
      if (next.spread) measured.push_back(*next.spread);
      const std::uint64_t slot = next.stamp.number % 16;
      const bool sampled = !claimed.contains(slot) || now - claimed[slot] >= seconds{2};
      if (sampled) claimed[slot] = now;
      std::vector<Duration> latencies;
      for (Membership& member : members) {
        if (rng.below(4) == 0) continue;
        latencies.push_back(microseconds{rng.below(1'000'000)});
        member.deliver(next.stamp, now + latencies.back());
        if (rng.below(10) == 0) member.deliver(next.stamp, now + seconds{1});  // again: no matter
      }
      if (!sampled || latencies.size() < 2) continue;
      const auto [low, high] = std::minmax_element(latencies.begin(), latencies.end());
      expected.push_back(*high - *low);
    }
    Sender::Spreads rest;
    for (const Duration spread : sender.close(now, rest)) measured.push_back(spread);
    std::sort(expected.begin(), expected.end());
    std::sort(measured.begin(), measured.end());
    REQUIRE(measured == expected);
    const RoomTotals totals = board.rooms().at(0);
    CHECK(totals.spreads == expected.size());
    CHECK(totals.spread_max == (expected.empty() ? Duration::zero() : expected.back()));
  }
}
