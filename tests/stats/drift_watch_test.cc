#include "stats/drift_watch.h"

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "stats/synthetic.h"
#include "stats/threshold_watch.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

namespace {

// A run of `seconds` whose whole load is steady, with one threshold on drift or leak.
struct Soak {
  Schema schema;
  std::uint32_t duration = schema.add("http_req_duration", {});
  std::uint32_t failed = schema.add("http_req_failed", {});
  std::uint32_t memory = schema.add("gen_memory", {});
  std::vector<Threshold> thresholds;
  ThresholdWatch watch;
  Recorder total{schema};
  Duration now{};

  Soak(std::string_view selector, std::string_view source, Duration length)
      : thresholds{made(selector, source, length)}, watch{schema, thresholds} {}

  static std::vector<Threshold> made(std::string_view selector, std::string_view source,
                                     Duration length) {
    std::vector<Threshold> all(1);
    all[0].source = source;
    all[0].selector = selector;
    all[0].parsed = parse_selector(selector).value();
    all[0].assertion = parse_assertion(source).value();
    all[0].steady_to = length;
    return all;
  }
  ThresholdResult second(const Recorder& interval) {
    watch.add(interval, now, now + 1s);
    now += 1s;
    return watch.results(total, now)[0];
  }
  ThresholdResult level(std::int64_t bytes) {
    Recorder interval{schema};
    interval.gauge(memory, bytes);
    return second(interval);
  }
  ThresholdResult failures(int failures, int all) {
    Recorder interval{schema};
    for (int i = 0; i < all; ++i) interval.rate(failed, i < failures);
    return second(interval);
  }
};

// What a soak of this server says in the end.
ThresholdResult end_of(const test::Server& server, std::string_view source, Rng& rng) {
  Soak soak{"http_req_duration", source, std::chrono::seconds{server.seconds}};
  ThresholdResult last;
  for (const auto& slice : test::seconds_of(server, rng)) {
    Recorder interval{soak.schema};
    for (const auto& [bucket, n] : slice.buckets)
      for (std::uint64_t i = 0; i < n; ++i)
        interval.trend_ticks(soak.duration, Histogram::lower_bound(bucket));
    last = soak.second(interval);
  }
  return last;
}

}  // namespace

TEST_CASE("memory that grows steadily is a leak, and its growth an hour is told") {
  Soak soak{"gen_memory", "leak<1000000", 600s};
  ThresholdResult last;
  for (int i = 0; i < 600; ++i) last = soak.level(50'000'000 + 1000 * i);
  CHECK(last.has_data);
  CHECK(last.value == doctest::Approx(3'600'000));
  CHECK(last.low == doctest::Approx(3'600'000));
  CHECK_FALSE(last.ok);
  CHECK(last.lasting);
  CHECK(last.seen == 540s);  // without the first tenth
}

TEST_CASE("memory that grows less than is allowed is none") {
  Soak soak{"gen_memory", "leak<4000000", 600s};
  ThresholdResult last;
  for (int i = 0; i < 600; ++i) last = soak.level(50'000'000 + 1000 * i);
  CHECK(last.ok);
  CHECK(last.has_data);
}

TEST_CASE("what a run takes while it warms up is no leak") {
  Soak soak{"gen_memory", "leak<1000", 600s};
  ThresholdResult last;
  for (int i = 0; i < 600; ++i) last = soak.level(i < 60 ? 1'000'000 * i : 60'000'000);
  CHECK(last.ok);
  CHECK(last.value == 0);
}

TEST_CASE("nothing is said before half of the steady part was seen") {
  Soak soak{"gen_memory", "leak<1", 600s};
  for (int i = 0; i < 320; ++i) CHECK_FALSE(soak.level(1'000'000 * i).has_data);
  ThresholdResult last;
  for (int i = 320; i < 400; ++i) last = soak.level(1'000'000 * i);
  CHECK(last.has_data);
  CHECK_FALSE(last.ok);
}

TEST_CASE("a run that ends too early holds, because nothing speaks against it") {
  Soak soak{"gen_memory", "leak<1", 20s};
  ThresholdResult last;
  for (int i = 0; i < 20; ++i) last = soak.level(1'000'000 * i);
  CHECK(last.ok);
  CHECK_FALSE(last.has_data);
  CHECK_FALSE(last.lasting);
}

TEST_CASE("load outside of the steady part is not looked at") {
  Soak soak{"gen_memory", "leak<1000", 300s};
  ThresholdResult last;
  for (int i = 0; i < 300; ++i) last = soak.level(7);
  for (int i = 0; i < 300; ++i) last = soak.level(1'000'000 * i);
  CHECK(last.ok);
  CHECK(last.value == 0);
}

TEST_CASE("drift of a share of failures is in its own unit") {
  Soak soak{"http_req_failed", "drift(rate)<0.05", 400s};
  ThresholdResult last;
  for (int i = 0; i < 400; ++i) last = soak.failures(i / 4, 1000);
  // From 1 % after the warm-up to 10 %, by 0.025 percentage points a second.
  CHECK(last.value == doctest::Approx(0.09).epsilon(0.03));
  CHECK_FALSE(last.ok);
}

TEST_CASE("latency that doubles over a soak has drifted, whatever its noise") {
  Rng rng{test::seed()};
  const test::Server server{.seconds = 600, .requests = 20, .slower_by_the_end = 1};
  const auto last = end_of(server, "drift(p(95))<0.1", rng);
  CHECK_FALSE(last.ok);
  // From the end of the warm-up on: from 1.1 to 2 times.
  CHECK(last.value == doctest::Approx(0.82).epsilon(0.25));
  CHECK(last.low < last.value);
  CHECK(last.high > last.value);
}

// docs/measurement.md has the rates of a long measurement.
TEST_CASE("latency that wanders is rarely called drifting") {
  Rng rng{test::seed()};
  const int trials = test::trials(10);
  int alarms = 0, certain = 0;
  for (int i = 0; i < trials; ++i) {
    const test::Server server{.seconds = 600, .requests = 10, .phi = 0.8};
    const auto last = end_of(server, "drift(med)<0.1", rng);
    alarms += !last.ok;
    certain += last.low > 0 || last.high < 0;
  }
  CHECK(test::told("drift, 600 s, phi 0.8, 10 %", alarms, trials) <= test::at_most(0.05, trials));
  CHECK(test::told("drift, 600 s, phi 0.8, any", certain, trials) <= test::at_most(0.12, trials));
}

TEST_CASE("a whole day is kept in as many cells as a minute") {
  Soak soak{"gen_memory", "leak<1", 24h};
  ThresholdResult last;
  for (int i = 0; i < 24 * 3600; ++i) {
    Recorder interval{soak.schema};
    interval.gauge(soak.memory, 1000 + i);
    soak.watch.add(interval, soak.now, soak.now + 1s);
    soak.now += 1s;
  }
  last = soak.watch.results(soak.total, soak.now)[0];
  CHECK(last.value == doctest::Approx(3600).epsilon(1e-6));
  CHECK_FALSE(last.ok);
}

TEST_CASE("the language of drift and leak") {
  const auto drift = parse_assertion(" drift ( p(99.9) ) <= 0.25");
  REQUIRE(drift.has_value());
  CHECK(drift->judging == Judging::kDrift);
  CHECK(drift->aggregation == Aggregation::kPercentile);
  CHECK(drift->percentile == 99.9);
  CHECK(text_of(*drift) == "drift(p(99.9))");
  const auto leak = parse_assertion("leak<1e6");
  REQUIRE(leak.has_value());
  CHECK(leak->judging == Judging::kLeak);
  CHECK(text_of(*leak) == "leak");
  for (const char* bad : {"drift<1", "drift(p(95)<1", "drift()<1", "drift(p(95))==0", "leak==0",
                          "leak!=0", "drift(leak)<1", "leak(p(95))<1", "drift(p95)<1"})
    CHECK_FALSE(parse_assertion(bad).has_value());
}

TEST_CASE("leak is of gauges, drift of everything but counts") {
  const auto fits = [](const char* text, Kind kind) {
    return check_aggregation(parse_assertion(text).value(), kind).has_value();
  };
  CHECK(fits("leak<1", Kind::kGauge));
  CHECK_FALSE(fits("leak<1", Kind::kTrend));
  CHECK_FALSE(fits("leak<1", Kind::kCounter));
  CHECK(fits("drift(value)<1", Kind::kGauge));
  CHECK(fits("drift(p(95))<1", Kind::kTrend));
  CHECK(fits("drift(rate)<1", Kind::kTally));
  CHECK_FALSE(fits("drift(count)<1", Kind::kCounter));
  CHECK_FALSE(fits("drift(rate)<1", Kind::kTrend));
}
