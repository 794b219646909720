#include "stats/threshold.h"

#include <doctest/doctest.h>

#include <string>

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  Schema schema;
  std::uint32_t fast, slow, reqs_a, reqs_b, failed, iterations, vus;
  Fixture() {
    fast = schema.add("http_req_duration", {{"name", "fast"}, {"expected_response", "true"}});
    slow = schema.add("http_req_duration", {{"name", "slow"}, {"expected_response", "true"}});
    reqs_a = schema.add("http_reqs", {{"name", "fast"}});
    reqs_b = schema.add("http_reqs", {{"name", "slow"}});
    failed = schema.add("http_req_failed", {});
    iterations = schema.add("iterations", {});
    vus = schema.add("vus", {});
  }

  // 100 fast requests of 1..100 ms with status 200, and 10 slow ones of 1 s: 6 answered with 503,
  // 3 timed out (two of them without a first byte), one answered with an expected 404.
  Recorder filled() const {
    Recorder recorder{schema};
    for (int ms = 1; ms <= 100; ++ms) {
      recorder.trend(fast, std::chrono::milliseconds{ms});
      recorder.tally(reqs_a, Tally::key(Outcome::kOk, 200));
      recorder.rate(failed, false);
    }
    for (int i = 0; i < 10; ++i) recorder.trend(slow, 1s);
    for (int i = 0; i < 6; ++i) recorder.tally(reqs_b, Tally::key(Outcome::kStatus5xx, 503));
    recorder.tally(reqs_b, Tally::key(Outcome::kTimeoutFirstByte, 0));
    recorder.tally(reqs_b, Tally::key(Outcome::kTimeoutFirstByte, 0));
    recorder.tally(reqs_b, Tally::key(Outcome::kTimeoutTotal, 0));
    recorder.tally(reqs_b, Tally::key(Outcome::kOk, 404));
    for (int i = 0; i < 10; ++i) recorder.rate(failed, i != 0);
    recorder.count(iterations, 50);
    recorder.gauge(vus, 4);
    return recorder;
  }

  ThresholdResult result(const Recorder& recorder, std::string_view selector,
                         std::string_view assertion, Duration elapsed = 10s) const {
    threshold = {.source = std::string{assertion}, .selector = std::string{selector},
                 .parsed = parse_selector(selector).value(),
                 .assertion = parse_assertion(assertion).value()};
    return evaluate(threshold, schema, recorder, elapsed);
  }
  mutable Threshold threshold;
};

void holds(const ThresholdResult& result, bool ok, double value) {
  CHECK(result.has_data);
  CHECK(result.ok == ok);
  CHECK(result.value == doctest::Approx(value).epsilon(0.004));
}

}  // namespace

TEST_CASE("trends are compared in milliseconds, over all series or over one") {
  const Fixture f;
  const auto r = f.filled();
  holds(f.result(r, "http_req_duration{name:fast}", "p(95)<95.5"), true, 95);
  holds(f.result(r, "http_req_duration{name:fast}", "p(95)<94.5"), false, 95);
  holds(f.result(r, "http_req_duration{name:fast}", "avg<=50.5"), true, 50.5);
  holds(f.result(r, "http_req_duration{name:fast}", "max==100"), true, 100);
  holds(f.result(r, "http_req_duration{name:fast}", "min!=1"), false, 1);
  holds(f.result(r, "http_req_duration{name:fast}", "med<51"), true, 50);
  // 110 samples: the 105th is one of the ten of 1 s, the 99th is 99 ms.
  holds(f.result(r, "http_req_duration", "p(95)<300"), false, 1000);
  holds(f.result(r, "http_req_duration", "p(90)<300"), true, 99);
  holds(f.result(r, "http_req_duration{expected_response:true}", "max<=1000"), true, 1000);
}

TEST_CASE("tallies count by status and by error") {
  const Fixture f;
  const auto r = f.filled();
  holds(f.result(r, "http_reqs", "count==110"), true, 110);
  holds(f.result(r, "http_reqs", "rate>=11"), true, 11);
  holds(f.result(r, "http_reqs", "rate>11.1", 20s), false, 5.5);
  holds(f.result(r, "http_reqs{status:200}", "count==100"), true, 100);
  holds(f.result(r, "http_reqs{status:503}", "count<6"), false, 6);
  holds(f.result(r, "http_reqs{status:404}", "count==1"), true, 1);
  holds(f.result(r, "http_reqs{error:timeout}", "count==3"), true, 3);
  holds(f.result(r, "http_reqs{error:timeout.first_byte}", "count==2"), true, 2);
  holds(f.result(r, "http_reqs{error:status_5xx}", "count==6"), true, 6);
  holds(f.result(r, "http_reqs{name:slow,error:status_5xx,status:503}", "count==6"), true, 6);
}

TEST_CASE("an expected 404 is not counted as an error") {
  const Fixture f;
  const auto none = f.result(f.filled(), "http_reqs{error:status_4xx}", "count==0");
  CHECK(none.ok);
  CHECK(none.value == 0);
}

TEST_CASE("rates are shares, counters count and rate per second, gauges have a value") {
  const Fixture f;
  const auto r = f.filled();
  holds(f.result(r, "http_req_failed", "rate<0.1"), true, 9.0 / 110);
  holds(f.result(r, "http_req_failed", "rate<0.08"), false, 9.0 / 110);
  holds(f.result(r, "iterations", "count>49"), true, 50);
  holds(f.result(r, "iterations", "rate>5"), false, 5);
  holds(f.result(r, "vus", "value===4"), true, 4);
}

TEST_CASE("without samples a trend, a rate or a gauge passes and says that it has no data") {
  const Fixture f;
  const Recorder empty{f.schema};
  for (const auto& [selector, assertion] :
       {std::pair{"http_req_duration", "p(95)>1"}, {"http_req_failed", "rate>0.5"},
        {"vus", "value>0"}, {"http_req_duration{name:none}", "max>1"}}) {
    const auto result = f.result(empty, selector, assertion);
    CAPTURE(selector);
    CHECK(result.ok);
    CHECK_FALSE(result.has_data);
    CHECK(result.value == 0);
  }
}

TEST_CASE("a count of nothing is zero and is compared, as in k6's last evaluation") {
  const Fixture f;
  const Recorder empty{f.schema};
  const auto reqs = f.result(empty, "http_reqs", "count>100");
  CHECK_FALSE(reqs.ok);
  CHECK_FALSE(reqs.has_data);
  CHECK(f.result(empty, "http_reqs{error:timeout}", "count<1").ok);
  CHECK_FALSE(f.result(empty, "iterations", "count>0").ok);
  // No such series at all: nothing was ever going to be counted.
  CHECK(f.result(empty, "http_reqs{name:none}", "count>100").ok);
}

TEST_CASE("a rate per second over no time is zero, not infinite") {
  const Fixture f;
  CHECK(f.result(f.filled(), "http_reqs", "rate<1", Duration::zero()).value == 0);
}

TEST_CASE("an aggregation that does not fit the metric is refused with those that do") {
  const auto refused = [](std::string_view assertion, Kind kind, std::string_view message) {
    const auto checked = check_aggregation(parse_assertion(assertion).value(), kind);
    REQUIRE_FALSE(checked.has_value());
    CHECK(checked.error().message == message);
  };
  refused("p(95)<1", Kind::kTally, "p(95) does not fit a counter metric, expected one of: count, rate");
  refused("p(99.9)<1", Kind::kRate, "p(99.9) does not fit a rate metric, expected one of: rate");
  refused("avg<1", Kind::kCounter, "avg does not fit a counter metric, expected one of: count, rate");
  refused("count<1", Kind::kGauge, "count does not fit a gauge metric, expected one of: value");
  refused("rate<1", Kind::kTrend,
          "rate does not fit a trend metric, expected one of: avg, min, max, med, p(N)");
  for (const auto& [assertion, kind] :
       {std::pair{"count<1", Kind::kTally}, {"rate<1", Kind::kTally}, {"count<1", Kind::kCounter},
        {"rate<1", Kind::kCounter}, {"value<1", Kind::kGauge}, {"rate<1", Kind::kRate},
        {"avg<1", Kind::kTrend}, {"min<1", Kind::kTrend}, {"max<1", Kind::kTrend},
        {"med<1", Kind::kTrend}, {"p(9)<1", Kind::kTrend}})
    CHECK(check_aggregation(parse_assertion(assertion).value(), kind).has_value());
}
