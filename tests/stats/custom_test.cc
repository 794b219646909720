#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "stats/recorder.h"
#include "stats/threshold.h"

// Metrics of a plan's own, and facets: what a selector sees of them.
using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;
using enum Recorder::Over;

namespace {

double value_of(const Schema& schema, const Recorder& recorder, std::string_view selector,
                std::string_view assertion) {
  return aggregate(select(schema, recorder, parse_selector(selector).value()),
                   parse_assertion(assertion).value(), 10s);
}

std::uint32_t declared(Schema& schema, const char* name, Kind kind,
                       Contains contains = Contains::kDefault) {
  REQUIRE(schema.declare(name, kind, contains) != nullptr);
  return schema.add(name, {{"scenario", "a"}});
}

}  // namespace

TEST_CASE("fractions of a plan's own counters and gauges are kept") {
  Schema schema;
  const auto paid = declared(schema, "paid", Kind::kCounter);
  const auto stock = declared(schema, "stock", Kind::kGauge);
  Recorder recorder{schema};
  recorder.custom(Kind::kCounter, paid, 0.25);
  recorder.custom(Kind::kCounter, paid, 2);
  recorder.custom(Kind::kGauge, stock, -1.5);
  CHECK(value_of(schema, recorder, "paid", "count>0") == 2.25);
  CHECK(value_of(schema, recorder, "paid", "rate>0") == 0.225);
  CHECK(value_of(schema, recorder, "stock", "value>0") == -1.5);
}

TEST_CASE("trends of a plan are in its own unit, times in ms") {
  Schema schema;
  const auto size = declared(schema, "size", Kind::kTrend);
  const auto lasted = declared(schema, "lasted", Kind::kTrend, Contains::kTime);
  Recorder recorder{schema};
  for (const double items : {1.0, 2.0, 6.0}) recorder.custom(Kind::kTrend, size, items);
  recorder.custom(Kind::kTrend, lasted, 12.5);
  CHECK(value_of(schema, recorder, "size", "avg<9") == 3);
  CHECK(value_of(schema, recorder, "size", "max<9") == 6);
  CHECK(value_of(schema, recorder, "lasted", "max<9") == 12.5);
  CHECK(recorder.trend_at(lasted).max() == 12'500'000);  // nanoseconds, as of any other time
}

TEST_CASE("what is no number and what a counter cannot take are no samples") {
  Schema schema;
  const auto paid = declared(schema, "paid", Kind::kCounter);
  const auto size = declared(schema, "size", Kind::kTrend);
  const auto good = declared(schema, "good", Kind::kRate);
  Recorder recorder{schema};
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    recorder.custom(Kind::kCounter, paid, bad);
    recorder.custom(Kind::kTrend, size, bad);
    recorder.custom(Kind::kRate, good, bad);
  }
  recorder.custom(Kind::kCounter, paid, -3);
  CHECK(recorder.counter_at(paid) == 0);
  CHECK(recorder.trend_at(size).count() == 0);
  CHECK(recorder.rate_at(good).total == 0);
  recorder.custom(Kind::kCounter, paid, 1e300);
  CHECK(recorder.counter_at(paid) == static_cast<std::uint64_t>(Histogram::kMaxValue));
}

TEST_CASE("a plan's rate is hit by every number but 0") {
  Schema schema;
  const auto good = declared(schema, "good", Kind::kRate);
  Recorder recorder{schema};
  for (const double value : {0.0, 1.0, -2.0, 0.5}) recorder.custom(Kind::kRate, good, value);
  CHECK(value_of(schema, recorder, "good", "rate>0") == 0.75);
}

TEST_CASE("a plan's gauge is the latest level that any shard set, never their sum") {
  Schema schema;
  const auto stock = declared(schema, "stock", Kind::kGauge);
  Recorder one{schema}, two{schema}, second{schema}, total{schema};
  one.custom(Kind::kGauge, stock, 7);
  two.custom(Kind::kGauge, stock, 5);
  second.merge(one, kShards);
  second.merge(two, kShards);
  total.merge(second, kIntervals);
  CHECK(value_of(schema, total, "stock", "value>0") == 5);
  CHECK(total.gauge_at(stock).max == 7'000'000);
  // The next second only the first shard sets it; what the other still holds is old.
  second.clear();
  one.clear();
  two.clear();
  one.custom(Kind::kGauge, stock, 9);
  second.merge(one, kShards);
  second.merge(two, kShards);
  total.merge(second, kIntervals);
  CHECK(value_of(schema, total, "stock", "value>0") == 9);
  // And a second in which nobody does changes nothing.
  second.clear();
  one.clear();
  second.merge(one, kShards);
  second.merge(two, kShards);
  total.merge(second, kIntervals);
  CHECK(value_of(schema, total, "stock", "value>0") == 9);
}

TEST_CASE("facets are seen by those who name them, and by nobody else") {
  Schema schema;
  const auto whole = schema.add("http_reqs", {{"scenario", "crowd"}, {"name", "login"}});
  const auto village = schema.add_facet("http_reqs", {{"scenario", "crowd"}, {"village", "7"}});
  const auto other = schema.add_facet("http_reqs", {{"scenario", "crowd"}, {"village", "8"}});
  const auto stage = schema.add_facet("http_reqs", {{"scenario", "crowd"}, {"stage", "2"}});
  Recorder recorder{schema};
  const auto request = [&](std::uint32_t of_village, int status) {
    const auto key = Tally::key(status == 200 ? Outcome::kOk : Outcome::kStatus5xx, status);
    for (const auto slot : {whole, of_village, stage}) recorder.tally(slot, key);
  };
  for (int i = 0; i < 5; ++i) request(village, 200);
  for (int i = 0; i < 3; ++i) request(other, 503);
  const auto count = [&](std::string_view selector) {
    return value_of(schema, recorder, selector, "count>0");
  };
  CHECK(count("http_reqs") == 8);
  CHECK(count("http_reqs{scenario:crowd}") == 8);
  CHECK(count("http_reqs{name:login}") == 8);
  CHECK(count("http_reqs{status:503}") == 3);
  CHECK(count("http_reqs{village:7}") == 5);
  CHECK(count("http_reqs{village:8,status:503}") == 3);
  CHECK(count("http_reqs{stage:2,scenario:crowd}") == 8);
  CHECK(count("http_reqs{stage:2,scenario:other}") == 0);
  CHECK(count("http_reqs{village:7,stage:2}") == 0);
  CHECK(count("http_reqs{village:7,name:login}") == 0);
}
