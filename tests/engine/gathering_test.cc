// Intervals of the run out of what shards hand over, in step and after standing still.
#include "engine/gathering.h"

#include <deque>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "stats/schema.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::engine;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{1000s};

struct Metrics {
  stats::Schema schema;
  std::uint32_t iterations = schema.add("iterations", {});
  std::uint32_t vus = schema.add("vus", {});
};

// One shard with its mailboxes. It counts one iteration a second and has always three users.
struct Shard {
  Mailbox<Delivery, 4> deliveries;
  Mailbox<stats::Snapshot*, 4> empties;
  std::vector<std::unique_ptr<stats::Snapshot>> snapshots;
  stats::Snapshot* active = nullptr;
  const Metrics& metrics;
  TimePoint from = kStart;

  explicit Shard(const Metrics& m) : metrics{m} {
    for (int i = 0; i < 3; ++i) {
      snapshots.push_back(std::make_unique<stats::Snapshot>(m.schema));
      if (i > 0) empties.put(snapshots.back().get());
    }
    active = snapshots.front().get();
  }

  // All up to `second`; nothing, as long as no snapshot is free to go on with.
  void deliver(std::uint64_t second, bool last = false, Duration short_of = {}) {
    stats::Snapshot* const snapshot = active;
    if (!last && !empties.take(active)) return;
    const TimePoint to = kStart + 1s * static_cast<std::int64_t>(second + 1) - short_of;
    snapshot->recorder.from = from;
    snapshot->recorder.to = to;
    snapshot->recorder.count(metrics.iterations,
                             static_cast<std::uint64_t>((to - from + short_of) / 1s));
    snapshot->recorder.gauge(metrics.vus, 3);
    from = to;
    deliveries.put({snapshot, second, last});
  }
};

struct Seen {
  Duration from, to;
  std::uint64_t iterations;
  std::int64_t vus;
  bool operator==(const Seen&) const = default;
};

struct Bed {
  Metrics metrics;
  std::deque<Shard> shards;
  Gathering gathering;
  stats::Snapshot into{metrics.schema};

  explicit Bed(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      shards.emplace_back(metrics);
      gathering.add({shards.back().deliveries, shards.back().empties});
    }
  }

  // Every interval that is whole by now.
  std::vector<Seen> gather() {
    std::vector<Seen> seen;
    while (!gathering.finished() && gathering.look()) {
      into.clear();
      gathering.merge_into(into, kStart);
      const stats::Recorder& r = into.recorder;
      seen.push_back({r.from - kStart, r.to - kStart, r.counter_at(metrics.iterations),
                      r.gauge_at(metrics.vus).value});
    }
    return seen;
  }
};

}  // namespace

TEST_CASE("an interval of the run is whole when every shard has handed it over") {
  Bed bed{2};
  bed.shards[0].deliver(0);
  CHECK(bed.gather().empty());
  bed.shards[1].deliver(0);
  CHECK(bed.gather() == std::vector<Seen>{{0s, 1s, 2, 6}});
  bed.shards[1].deliver(1);
  CHECK(bed.gather().empty());
  bed.shards[0].deliver(1);
  CHECK(bed.gather() == std::vector<Seen>{{1s, 2s, 2, 6}});
}

TEST_CASE("when every shard stood still, as on a host that did, there is one long interval") {
  Bed bed{2};
  for (Shard& shard : bed.shards) shard.deliver(0);
  CHECK(bed.gather() == std::vector<Seen>{{0s, 1s, 2, 6}});
  for (Shard& shard : bed.shards) shard.deliver(4);
  CHECK(bed.gather() == std::vector<Seen>{{1s, 5s, 8, 6}});
  for (Shard& shard : bed.shards) shard.deliver(5);
  CHECK(bed.gather() == std::vector<Seen>{{5s, 6s, 2, 6}});
}

TEST_CASE("a shard that stood still makes the interval of all of them as long") {
  Bed bed{2};
  for (const std::uint64_t second : {0, 1, 2, 3}) {
    bed.shards[0].deliver(second);
    CHECK(bed.gather().empty());
  }
  bed.shards[1].deliver(3);
  // The other one had no snapshot left for its seconds 2 and 3: they come with the next.
  CHECK(bed.gather().empty());
  for (Shard& shard : bed.shards) shard.deliver(4);
  // Five seconds of two shards; three users of each, and not of each second.
  CHECK(bed.gather() == std::vector<Seen>{{0s, 5s, 10, 6}});
}

TEST_CASE("a shard may end before the others, and in the middle of an interval") {
  Bed bed{2};
  bed.shards[0].deliver(0);
  bed.shards[1].deliver(0, true, 400ms);
  CHECK(bed.gather() == std::vector<Seen>{{0s, 1s, 2, 6}});
  bed.shards[0].deliver(1, true, 300ms);
  CHECK(bed.gather() == std::vector<Seen>{{1s, 1700ms, 1, 3}});
  CHECK(bed.gathering.finished());
}

TEST_CASE("however shards stand still: no gap, no overlap, nothing counted twice or elsewhere") {
  const std::uint64_t seed = test::seed();
  for (std::uint64_t trial = 0; trial < 500; ++trial) {
    Rng rng{seed + trial};
    Bed bed{1 + rng.below(4)};
    const std::uint64_t shards = bed.shards.size(), seconds = 5 + rng.below(30);
    std::vector<std::uint64_t> awake(shards, 0);  // when each goes on
    std::vector<Seen> seen;
    for (std::uint64_t second = 0; second < seconds; ++second) {
      const bool last = second + 1 == seconds;
      for (std::uint64_t i = 0; i < shards; ++i) {
        if (rng.below(8) == 0) awake[i] = second + 1 + rng.below(6);
        if (last || awake[i] <= second) bed.shards[i].deliver(second, last);
        if (rng.below(2) == 0 || last)
          for (const Seen& each : bed.gather()) seen.push_back(each);
      }
    }
    CAPTURE(seed + trial);
    REQUIRE(!seen.empty());
    Duration at{};
    for (const Seen& each : seen) {
      CHECK(each.from == at);
      CHECK(each.to > each.from);
      CHECK(each.iterations == shards * static_cast<std::uint64_t>((each.to - each.from) / 1s));
      CHECK(each.vus == static_cast<std::int64_t>(3 * shards));
      at = each.to;
    }
    CHECK(at == 1s * static_cast<std::int64_t>(seconds));
    CHECK(bed.gathering.finished());
  }
}
