#include "stats/frame.h"

#include <doctest/doctest.h>

#include "base/rng.h"
#include "support/seed.h"

namespace {

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

Schema some_schema() {
  Schema schema;
  for (const char* name : {"a", "b", "c"}) {
    schema.add("http_req_duration", {{"scenario", name}});
    schema.add("data_sent", {{"scenario", name}});
    schema.add("checks", {{"scenario", name}});
    schema.add("vus", {{"scenario", name}});
    schema.add("http_reqs", {{"scenario", name}});
  }
  return schema;
}

void fill(Snapshot& snapshot, const Schema& schema, Rng& rng) {
  Recorder& r = snapshot.recorder;
  for (std::uint64_t i = rng.below(200); i > 0; --i)
    r.trend_ticks(static_cast<std::uint32_t>(rng.below(schema.slots(Kind::kTrend))),
                  static_cast<std::int64_t>(rng() >> (4 + rng.below(60))));
  for (std::uint64_t i = rng.below(4); i > 0; --i)
    r.count(static_cast<std::uint32_t>(rng.below(schema.slots(Kind::kCounter))), rng.below(1u << 20));
  for (std::uint64_t i = rng.below(9); i > 0; --i)
    r.rate(static_cast<std::uint32_t>(rng.below(schema.slots(Kind::kRate))), rng.below(2) == 1);
  for (std::uint64_t i = rng.below(4); i > 0; --i)
    r.gauge(static_cast<std::uint32_t>(rng.below(schema.slots(Kind::kGauge))),
            static_cast<std::int64_t>(rng.below(99)) - 30);
  for (std::uint64_t i = rng.below(30); i > 0; --i)
    r.tally(static_cast<std::uint32_t>(rng.below(schema.slots(Kind::kTally))),
            Tally::key(Outcome::kOk, 200 + static_cast<int>(rng.below(5))));
  snapshot.health.planned = rng.below(1000);
  snapshot.health.busiest = rng.unit();
  snapshot.health.busy = Duration{static_cast<std::int64_t>(rng.below(1'000'000'000))};
  snapshot.health.memory_bytes = static_cast<std::int64_t>(rng.below(1u << 30));
}

void check_same(const Schema& schema, const Snapshot& a, const Snapshot& b) {
  for (std::uint32_t i = 0; i < schema.slots(Kind::kTrend); ++i) {
    const Histogram &x = a.recorder.trend_at(i), &y = b.recorder.trend_at(i);
    CHECK(x.count() == y.count());
    CHECK(x.min() == y.min());
    CHECK(x.max() == y.max());
    CHECK(x.sum() == y.sum());
    CHECK(std::ranges::equal(x.buckets(), y.buckets()));
  }
  for (std::uint32_t i = 0; i < schema.slots(Kind::kCounter); ++i)
    CHECK(a.recorder.counter_at(i) == b.recorder.counter_at(i));
  for (std::uint32_t i = 0; i < schema.slots(Kind::kRate); ++i) {
    CHECK(a.recorder.rate_at(i).hits == b.recorder.rate_at(i).hits);
    CHECK(a.recorder.rate_at(i).total == b.recorder.rate_at(i).total);
  }
  for (std::uint32_t i = 0; i < schema.slots(Kind::kGauge); ++i) {
    const Gauge &x = a.recorder.gauge_at(i), &y = b.recorder.gauge_at(i);
    CHECK(x.set == y.set);
    CHECK((!x.set || (x.value == y.value && x.min == y.min && x.max == y.max)));
  }
  for (std::uint32_t i = 0; i < schema.slots(Kind::kTally); ++i)
    CHECK(a.recorder.tally_at(i).counts == b.recorder.tally_at(i).counts);
  for (const std::uint32_t group : schema.gauge_groups()) {
    const Gauge &x = a.recorder.gauge_level(group), &y = b.recorder.gauge_level(group);
    CHECK(x.set == y.set);
    CHECK((!x.set || (x.min == y.min && x.max == y.max)));
  }
  CHECK(a.health.planned == b.health.planned);
  CHECK(a.health.busiest == b.health.busiest);
  CHECK(a.health.busy == b.health.busy);
  CHECK(a.health.memory_bytes == b.health.memory_bytes);
}

TEST_CASE("intervals that were written and read back add up to the same run") {
  const Schema schema = some_schema();
  Rng rng{test::seed()};
  Snapshot straight{schema}, kept{schema}, interval{schema};
  for (int second = 0; second < 200; ++second) {
    interval.clear();
    fill(interval, schema, rng);
    straight.merge(interval, Recorder::Over::kIntervals);
    const std::string bytes =
        encode(frame_of(schema, interval, std::chrono::seconds{second}, (second + 1) * 1s));
    const auto frame = decode_frame(bytes);
    REQUIRE(frame);
    CHECK(fits(*frame, schema));
    CHECK(frame->to - frame->from == 1s);
    CHECK(encode(*frame) == bytes);
    merge(kept, *frame);
  }
  check_same(schema, straight, kept);
}

TEST_CASE("a second of a few samples takes a few bytes a series") {
  Schema schema;
  for (int i = 0; i < 200; ++i) schema.add("http_req_duration", {{"scenario", std::to_string(i)}});
  Snapshot snapshot{schema};
  for (std::uint32_t i = 0; i < 200; ++i)
    for (int n = 0; n < 3; ++n) snapshot.recorder.trend(i, (20 + n) * 1ms);
  // Slot, number of buckets, three of at most two bytes and a count, sum (4 to 5), 0, min and max
  // (4 each).
  CHECK(encode(frame_of(schema, snapshot, 0s, 1s)).size() < 200 * 25 + 100);
}

TEST_CASE("what is not a whole frame is none") {
  const Schema schema = some_schema();
  Rng rng{test::seed()};
  Snapshot snapshot{schema};
  fill(snapshot, schema, rng);
  const std::string bytes = encode(frame_of(schema, snapshot, 5s, 6s));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_frame(std::string_view{bytes}.substr(0, size)));
  CHECK_FALSE(decode_frame(bytes + '\0'));
  CHECK_FALSE(decode_frame("\x02" + bytes.substr(1)));
}

TEST_CASE("spoiled bytes give no frame, or a consistent one") {
  const Schema schema = some_schema();
  Rng rng{test::seed()};
  Snapshot snapshot{schema}, into{schema};
  for (int round = 0; round < 20'000; ++round) {
    if (round % 100 == 0) {
      snapshot.clear();
      fill(snapshot, schema, rng);
    }
    std::string bytes = encode(frame_of(schema, snapshot, 5s, 6s));
    for (std::uint64_t n = 1 + rng.below(3); n > 0; --n)
      bytes[rng.below(bytes.size())] = static_cast<char>(rng());
    const auto frame = decode_frame(bytes);
    if (!frame) continue;
    for (const Frame::Trend& at : frame->trends) {
      std::uint64_t count = 0;
      for (const auto& [bucket, n] : at.slice.buckets) count += n;
      CHECK(count == at.slice.count);
    }
    if (fits(*frame, schema)) merge(into, *frame);
  }
}

}  // namespace
