#include "stats/recorder.h"

#include <doctest/doctest.h>

#include "stats/snapshot.h"
#include "stats/threshold.h"

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;
using enum Recorder::Over;

namespace {

struct Fixture {
  Schema schema;
  std::uint32_t trend, counter, rate, vus_a, vus_b, tally;
  Fixture() {
    trend = schema.add("http_req_duration", {});
    counter = schema.add("iterations", {});
    rate = schema.add("checks", {});
    vus_a = schema.add("vus", {{"scenario", "a"}});
    vus_b = schema.add("vus", {{"scenario", "b"}});
    tally = schema.add("http_reqs", {});
  }
  Gauge vus(const Recorder& recorder) const { return select(schema, recorder, {"vus", {}}).gauge; }
};

}  // namespace

TEST_CASE("what two shards recorded adds up") {
  Fixture f;
  Recorder one{f.schema}, two{f.schema}, all{f.schema};
  one.trend(f.trend, 10ms);
  two.trend(f.trend, 30ms);
  one.count(f.counter, 3);
  two.count(f.counter);
  one.rate(f.rate, true);
  two.rate(f.rate, false);
  one.gauge(f.vus_a, 5);
  two.gauge(f.vus_a, 7);
  one.tally(f.tally, Tally::key(Outcome::kOk, 200));
  two.tally(f.tally, Tally::key(Outcome::kOk, 200));
  all.merge(one, kShards);
  all.merge(two, kShards);
  CHECK(all.trend_at(f.trend).count() == 2);
  CHECK(all.trend_at(f.trend).mean() == 20e6);
  CHECK(all.counter_at(f.counter) == 4);
  CHECK(all.rate_at(f.rate).hits == 1);
  CHECK(all.rate_at(f.rate).total == 2);
  CHECK(all.gauge_at(f.vus_a).value == 12);
  CHECK(all.tally_at(f.tally).counts[200] == 2);
}

TEST_CASE("of a gauge the latest level holds, and its range widens over intervals") {
  Fixture f;
  Recorder interval{f.schema}, total{f.schema};
  for (const std::int64_t level : {4, 9, 2}) {
    interval.clear();
    interval.gauge(f.vus_a, level);
    total.merge(interval, kIntervals);
  }
  const Gauge& gauge = total.gauge_at(f.vus_a);
  CHECK(gauge.value == 2);
  CHECK(gauge.min == 2);
  CHECK(gauge.max == 9);
}

TEST_CASE("a recorder that is cleared and merged into again does not count levels twice") {
  Fixture f;
  Recorder shard_one{f.schema}, shard_two{f.schema}, into{f.schema};
  shard_one.gauge(f.vus_a, 5);
  shard_two.gauge(f.vus_a, 7);
  for (int interval = 0; interval < 3; ++interval) {
    into.clear();
    into.merge(shard_one, kShards);
    into.merge(shard_two, kShards);
    CHECK(into.gauge_at(f.vus_a).value == 12);
    CHECK(into.gauge_at(f.vus_a).max == 12);
  }
}

TEST_CASE("a level that nobody sampled in an interval still holds") {
  Fixture f;
  Recorder shard{f.schema}, into{f.schema}, total{f.schema};
  shard.gauge(f.vus_a, 3);
  shard.gauge(f.vus_a, 5);
  into.merge(shard, kShards);
  total.merge(into, kIntervals);
  shard.clear();
  into.clear();
  into.merge(shard, kShards);
  CHECK(into.gauge_at(f.vus_a).value == 5);
  CHECK(into.gauge_at(f.vus_a).min == 5);
  total.merge(into, kIntervals);
  CHECK(total.gauge_at(f.vus_a).value == 5);
  CHECK(total.gauge_at(f.vus_a).min == 3);
}

TEST_CASE("a recorder swapped back in takes over the levels of the one that goes") {
  Fixture f;
  Recorder goes{f.schema}, comes{f.schema};
  comes.gauge(f.vus_a, 1);  // two intervals old
  comes.clear();
  goes.gauge(f.vus_a, 8);
  goes.gauge(f.vus_a, 6);
  comes.carry_gauges(goes);
  CHECK(comes.gauge_at(f.vus_a).value == 6);
  CHECK(comes.gauge_at(f.vus_a).min == 6);
  CHECK(comes.gauge_at(f.vus_a).max == 6);
  CHECK_FALSE(comes.gauge_at(f.vus_b).set);
}

TEST_CASE("two scenarios one after the other never had the sum of their users") {
  Fixture f;
  Recorder interval{f.schema}, total{f.schema};
  const std::int64_t a[] = {10, 10, 0, 0}, b[] = {0, 0, 20, 5};
  for (int i = 0; i < 4; ++i) {
    interval.clear();
    interval.gauge(f.vus_a, a[i]);
    interval.gauge(f.vus_b, b[i]);
    total.merge(interval, kIntervals);
  }
  CHECK(f.vus(total).value == 5);
  CHECK(f.vus(total).max == 20);
  CHECK(f.vus(total).min == 5);
}

TEST_CASE("a peak inside one interval is not lost, though levels are followed once an interval") {
  Fixture f;
  Recorder interval{f.schema}, total{f.schema};
  interval.gauge(f.vus_a, 50);
  interval.gauge(f.vus_a, 0);
  interval.gauge(f.vus_b, 0);
  total.merge(interval, kIntervals);
  CHECK(f.vus(total).max == 50);
  CHECK(f.vus(total).value == 0);
}

TEST_CASE("clearing empties everything but the levels") {
  Fixture f;
  Recorder recorder{f.schema};
  recorder.trend(f.trend, 1ms);
  recorder.count(f.counter);
  recorder.rate(f.rate, true);
  recorder.tally(f.tally, 200);
  recorder.gauge(f.vus_a, 2);
  recorder.gauge(f.vus_a, 6);
  recorder.to = TimePoint{1s};
  recorder.clear();
  CHECK(recorder.trend_at(f.trend).count() == 0);
  CHECK(recorder.counter_at(f.counter) == 0);
  CHECK(recorder.rate_at(f.rate).total == 0);
  CHECK_FALSE(recorder.tally_at(f.tally).touched);
  CHECK(recorder.tally_at(f.tally).counts[200] == 0);
  CHECK(recorder.gauge_at(f.vus_a).value == 6);
  CHECK(recorder.gauge_at(f.vus_a).min == 6);
  CHECK(recorder.to == TimePoint{});
}

TEST_CASE("merged recorders cover the time of both, starting at the first that has any") {
  Fixture f;
  Recorder first{f.schema}, second{f.schema}, total{f.schema};
  first.from = TimePoint{100s};
  first.to = TimePoint{101s};
  second.from = TimePoint{101s};
  second.to = TimePoint{102s};
  total.merge(first, kIntervals);
  total.merge(second, kIntervals);
  total.merge(Recorder{f.schema}, kIntervals);
  CHECK(total.from == TimePoint{100s});
  CHECK(total.to == TimePoint{102s});
}

TEST_CASE("a snapshot merges and clears its recorder and its health together") {
  Fixture f;
  Snapshot one{f.schema}, total{f.schema};
  one.recorder.count(f.counter, 2);
  one.health.planned = 7;
  total.merge(one, kIntervals);
  total.merge(one, kIntervals);
  CHECK(total.recorder.counter_at(f.counter) == 4);
  CHECK(total.health.planned == 14);
  total.clear();
  CHECK(total.recorder.counter_at(f.counter) == 0);
  CHECK(total.health.planned == 0);
}
