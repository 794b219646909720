#include "stats/threshold_watch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

namespace {

Threshold made(std::string_view selector, std::string_view source, Duration window,
               Duration hold = {}) {
  Threshold threshold{.source = std::string{source}, .selector = std::string{selector},
                      .parsed = parse_selector(selector).value(),
                      .assertion = parse_assertion(source).value()};
  threshold.window = window;
  threshold.hold = hold;
  return threshold;
}

// A run second by second: what it measures, and what its only threshold says.
struct Watching {
  Schema schema;
  std::uint32_t duration = schema.add("http_req_duration", {});
  std::uint32_t failed = schema.add("http_req_failed", {});
  std::uint32_t reqs = schema.add("http_reqs", {});
  std::vector<Threshold> thresholds;
  ThresholdWatch watch;
  Recorder total{schema};
  Duration now{};

  explicit Watching(std::vector<Threshold> all)
      : thresholds{std::move(all)}, watch{schema, thresholds} {}

  ThresholdResult second(const Recorder& interval, Duration length = 1s) {
    total.merge(interval, Recorder::Over::kIntervals);
    watch.add(interval, now, now + length);
    now += length;
    return watch.results(total, now)[0];
  }
  // A second with one request of each of these durations, in ms.
  ThresholdResult requests(const std::vector<int>& ms) {
    Recorder interval{schema};
    for (const int each : ms) interval.trend(duration, std::chrono::milliseconds{each});
    return second(interval);
  }
  ThresholdResult failures(int failures, int all) {
    Recorder interval{schema};
    for (int i = 0; i < all; ++i) interval.rate(failed, i < failures);
    return second(interval);
  }
};

}  // namespace

TEST_CASE("a window sees its own seconds and nothing older") {
  Watching run{{made("http_req_duration", "max<100", 3s)}};
  CHECK(run.requests({90}).value == 90);
  CHECK(run.requests({20}).value == 90);
  CHECK(run.requests({10}).value == 90);
  CHECK(run.requests({10}).value == 20);
  const auto last = run.requests({10});
  CHECK(last.value == 10);
  CHECK(last.ok);
  CHECK(last.worst == 90);
  CHECK(last.worst_at == 3s);  // the window that ended then: no earlier one was full
}

TEST_CASE("one bad window fails a threshold for good, and the worst one is told") {
  Watching run{{made("http_req_failed", "rate<0.5", 2s)}};
  for (int i = 0; i < 5; ++i) CHECK(run.failures(0, 10).ok);
  CHECK(run.failures(9, 10).ok);  // 9 of 20
  auto result = run.failures(9, 10);
  CHECK_FALSE(result.ok);
  CHECK(result.lasting);
  for (int i = 0; i < 10; ++i) result = run.failures(0, 10);
  CHECK_FALSE(result.ok);
  CHECK_FALSE(result.lasting);
  CHECK(result.value == 0);
  CHECK(result.worst == 0.9);
  CHECK(result.worst_at == 7s);
}

TEST_CASE("with `for` only an unbroken failure of that length counts") {
  Watching run{{made("http_req_failed", "rate<0.5", 1s, 3s)}};
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 3; ++i) CHECK_FALSE(run.failures(1, 1).lasting);
    CHECK(run.failures(0, 1).ok);
  }
  for (int i = 0; i < 3; ++i) CHECK(run.failures(1, 1).ok);
  const auto fourth = run.failures(1, 1);  // failing since three seconds
  CHECK(fourth.lasting);
  CHECK_FALSE(fourth.ok);
  CHECK_FALSE(run.failures(0, 1).ok);
}

TEST_CASE("a whole-run threshold with `for` is timed, and its last value decides") {
  Watching run{{made("http_req_failed", "rate<0.5", 0s, 2s)}};
  CHECK_FALSE(run.failures(1, 1).lasting);
  CHECK_FALSE(run.failures(1, 1).lasting);
  CHECK(run.failures(1, 1).lasting);
  const auto recovered = run.failures(0, 10);
  CHECK(recovered.ok);
  CHECK_FALSE(recovered.lasting);
  CHECK_FALSE(recovered.has_worst);
}

TEST_CASE("a window that was never full judges the run as far as it went, and aborts nothing") {
  Watching run{{made("http_req_failed", "rate<0.5", 60s)}};
  run.failures(0, 10);
  const auto result = run.failures(20, 20);
  CHECK(result.value == doctest::Approx(20.0 / 30));
  CHECK_FALSE(result.ok);
  CHECK_FALSE(result.lasting);
}

TEST_CASE("delayAbortEval lets a window count before it is full") {
  Threshold threshold = made("http_req_failed", "rate<0.5", 60s);
  threshold.delay_abort_eval = 2s;
  Watching run{{threshold}};
  CHECK_FALSE(run.failures(1, 1).lasting);
  CHECK(run.failures(1, 1).lasting);
}

TEST_CASE("a window without samples passes, but a count of nothing is a count") {
  Watching quiet{{made("http_req_duration", "p(95)<1", 2s)}};
  for (int i = 0; i < 4; ++i) CHECK(quiet.requests({}).ok);
  Watching idle{{made("http_reqs", "rate>5", 2s)}};
  idle.requests({});
  const auto result = idle.requests({});
  CHECK_FALSE(result.ok);
  CHECK(result.lasting);
  CHECK_FALSE(result.has_data);
}

TEST_CASE("a window's rate is over the time that it covers") {
  Watching run{{made("http_reqs", "rate>0", 2s)}};
  for (int i = 0; i < 5; ++i) {
    Recorder interval{run.schema};
    for (int n = 0; n < 10 * (i + 1); ++n) interval.tally(run.reqs, Tally::key(Outcome::kOk, 200));
    const auto result = run.second(interval);
    CHECK(result.value == (i == 0 ? 10 : 10 * i + 5));
  }
}

TEST_CASE("windows agree with a recomputation from all that happened") {
  Rng rng{test::seed()};
  for (const int window : {1, 3, 7, 20}) {
    Watching run{{made("http_req_duration", "p(95)<50", window * 1s),
                  made("http_req_duration", "avg<50", window * 1s),
                  made("http_req_duration", "min<50", window * 1s),
                  made("http_req_duration", "max<50", window * 1s)}};
    std::vector<std::vector<std::int64_t>> seconds;
    for (int second = 0; second < 60; ++second) {
      auto& samples = seconds.emplace_back();
      Recorder interval{run.schema};
      for (std::uint64_t n = rng.below(40); n > 0; --n) {
        samples.push_back(static_cast<std::int64_t>(1 + rng.below(100'000'000)));
        interval.trend(run.duration, Duration{samples.back()});
      }
      run.second(interval);
      Histogram expected;
      for (int back = std::max(0, second + 1 - window); back <= second; ++back)
        for (const auto ns : seconds[static_cast<std::size_t>(back)]) expected.add(ns);
      const auto results = run.watch.results(run.total, run.now);
      CHECK(results[0].value == expected.percentile(95) / 1e6);
      CHECK(results[1].value == expected.mean() / 1e6);
      CHECK(results[2].value == static_cast<double>(expected.min()) / 1e6);
      CHECK(results[3].value == static_cast<double>(expected.max()) / 1e6);
    }
  }
}

TEST_CASE("intervals longer than a second, and windows of fractions, cover no less than asked") {
  Watching run{{made("http_req_duration", "max<1000", 2500ms)}};
  run.requests({500});
  run.requests({400});
  CHECK(run.requests({300}).value == 500);  // 3 s are the fewest whole ones
  CHECK(run.requests({200}).value == 400);
  const Recorder nothing{run.schema};
  CHECK(run.second(nothing, 5s).value == 0);
}
