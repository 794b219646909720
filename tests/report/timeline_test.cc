#include "report/timeline.h"

#include <doctest/doctest.h>

#include <map>
#include <numeric>

#include "base/rng.h"
#include "report/timeline_parts.h"
#include "support/seed.h"

namespace {

using namespace gend;
using namespace std::chrono_literals;
using report::History;
using report::timeline_json;
using stats::Tally;
using Json = nlohmann::ordered_json;

// A run whose seconds a test writes one by one.
struct Run {
  History history;
  std::uint32_t duration, corrected, requests, failed, planned, vus_a, vus_b, lag, stock, facet;
  std::unique_ptr<stats::Snapshot> now;

  Run() {
    history.schema = std::make_unique<stats::Schema>();
    history.summary = {{"run", {{"open_model", true}}}};
    stats::Schema& s = *history.schema;
    const stats::Tags step{{"scenario", "a"}, {"name", "login"}, {"method", "POST"}};
    duration = s.add("http_req_duration", step);
    corrected = s.add("http_req_duration_corrected", step);
    requests = s.add("http_reqs", step);
    failed = s.add("http_req_failed", step);
    planned = s.add("gen_planned", {{"scenario", "a"}});
    vus_a = s.add("vus", {{"scenario", "a"}});
    vus_b = s.add("vus", {{"scenario", "b"}});
    lag = s.add("gen_lag", {{"scenario", "a"}});
    REQUIRE(s.declare("stock", stats::Kind::kGauge, stats::Contains::kDefault) != nullptr);
    stock = s.add("stock", {{"scenario", "a"}});
    facet = s.add_facet("http_req_duration_corrected", {{"scenario", "a"}, {"stage", "1"}});
    now = std::make_unique<stats::Snapshot>(s);
  }
  stats::Recorder& r() { return now->recorder; }
  void answer(Outcome outcome, int status, Duration took) {
    r().tally(requests, Tally::key(outcome, status));
    r().rate(failed, outcome != Outcome::kOk);
    r().trend(duration, took);
    r().trend(corrected, 2 * took);
    r().trend(facet, 2 * took);
  }
  void end_second(Duration from) {
    history.frames.push_back(stats::frame_of(*history.schema, *now, from, from + 1s));
    now->clear();
  }
  void end_second() { end_second(static_cast<std::int64_t>(history.frames.size()) * 1s); }
};

std::uint64_t sum_of(const Json& list) {
  std::uint64_t sum = 0;
  for (const auto& n : list) sum += n.get<std::uint64_t>();
  return sum;
}

TEST_CASE("a percentile of several seconds is that of all their samples, not a mean of percentiles") {
  Run run;
  for (int i = 0; i < 98; ++i) run.answer(Outcome::kOk, 200, 1ms);
  run.end_second();
  run.answer(Outcome::kOk, 200, 1s);
  run.answer(Outcome::kOk, 200, 1s);
  run.end_second();
  const Json timeline = timeline_json(run.history, {.points = 1, .columns = 10});
  REQUIRE(timeline["from_s"] == Json::array({0.0}));
  CHECK(timeline["to_s"] == Json::array({2.0}));
  const Json& corrected = timeline["latency"][0];
  CHECK(corrected["metric"] == "http_req_duration_corrected");
  CHECK(corrected["count"][0] == 100);
  // 98 of 100 took 2 ms: a mean of the two seconds' medians would be 501 ms.
  CHECK(corrected["p50"][0].get<double>() == doctest::Approx(2).epsilon(0.005));
  CHECK(corrected["p95"][0].get<double>() == doctest::Approx(2).epsilon(0.005));
  CHECK(corrected["p99"][0].get<double>() == doctest::Approx(2000).epsilon(0.005));
  CHECK(corrected["max"][0] == 2000);
  CHECK(timeline["latency"][1]["metric"] == "http_req_duration");
  CHECK(timeline["latency"][1]["max"][0] == 1000);
}

TEST_CASE("a rest at the end of a run belongs to the point before it, a longer one does not") {
  for (const Duration rest : {Duration{1}, Duration{99ms}, Duration{100ms}, Duration{900ms}}) {
    CAPTURE(rest.count());
    Run run;
    for (int second = 0; second < 3; ++second) {
      run.r().count(run.planned, 10);
      run.end_second();
    }
    run.r().count(run.planned, 1);
    run.answer(Outcome::kOk, 200, 1ms);
    run.end_second(3s);
    run.history.frames.back().to = 3s + rest;
    const Json timeline = timeline_json(run.history);
    const bool apart = rest >= 100ms;
    CHECK(timeline["series"]["planned"] == (apart ? Json{10, 10, 10, 1} : Json{10, 10, 11}));
    CHECK(timeline["to_s"].size() == (apart ? 4 : 3));
    CHECK(timeline["to_s"].back().get<double>() == doctest::Approx(to_seconds(3s + rest)));
    CHECK(timeline["latency"][0]["count"].back() == 1);
  }
  Run gap;  // what comes after a gap is no rest of what was before it
  gap.end_second(0s);
  gap.r().count(gap.planned, 1);
  gap.end_second(5s);
  gap.history.frames.back().to = 5s + 1ms;
  CHECK(timeline_json(gap.history)["to_s"].size() == 2);
}

TEST_CASE("eight hours of seconds are 1,440 points of 20 s, and nothing of them is lost") {
  Run run;
  std::uint64_t planned = 0;
  for (int second = 0; second < 8 * 3600; ++second) {
    run.r().count(run.planned, static_cast<std::uint64_t>(second % 7));
    planned += static_cast<std::uint64_t>(second % 7);
    run.end_second();
  }
  const Json timeline = timeline_json(run.history);
  CHECK(timeline["from_s"].size() == 1440);
  CHECK(timeline["from_s"][1] == 20.0);
  CHECK(timeline["to_s"].back() == 28800.0);
  CHECK(sum_of(timeline["series"]["planned"]) == planned);
  CHECK_FALSE(timeline["series"].contains("lost"));  // nothing of the kind in this run
  for (const auto& [name, values] : timeline["series"].items()) CHECK(values.size() == 1440);
}

TEST_CASE("a gap ends a point, however few points were asked for") {
  Run run;
  for (const auto from : {0s, 1s, 2s, 60s, 61s}) {
    run.r().count(run.planned, 1);
    run.end_second(from);
  }
  const Json timeline = timeline_json(run.history, {.points = 1, .columns = 10});
  CHECK(timeline["from_s"] == Json::array({0.0, 60.0}));
  CHECK(timeline["to_s"] == Json::array({3.0, 62.0}));
  CHECK(timeline["series"]["planned"] == Json::array({3, 2}));
}

TEST_CASE("a history of nothing but gaps has no more than twice the points") {
  Run run;
  for (int i = 0; i < 100; ++i) run.end_second(i * 10s);
  CHECK(timeline_json(run.history, {.points = 10, .columns = 10})["from_s"].size() == 10);
  CHECK(timeline_json(run.history, {.points = 60, .columns = 10})["from_s"].size() == 100);
}

TEST_CASE("each sample is in exactly one cell of the heat map, in its moment and its row") {
  Rng rng{test::seed()};
  Run run;
  std::map<std::size_t, std::uint64_t> by_column;
  std::uint64_t samples = 0;
  std::vector<std::pair<std::size_t, double>> slowest;  // column, corrected ms
  for (std::size_t second = 0; second < 50; ++second) {
    double most = 0;
    for (int i = 0; i < 20; ++i) {
      const auto ns = static_cast<std::int64_t>(1'000 + rng.below(1ULL << (12 + rng.below(20))));
      run.answer(Outcome::kOk, 200, Duration{ns});
      most = std::max(most, 2 * static_cast<double>(ns) / 1e6);
      ++by_column[second / 5];
      ++samples;
    }
    slowest.emplace_back(second / 5, most);
    run.end_second();
  }
  const Json timeline = timeline_json(run.history, {.points = 50, .columns = 10});
  const Json& heat = timeline["latency"][0]["heat"];
  CHECK(heat["every"] == 5);
  REQUIRE(heat["counts"].size() == 10);
  const std::size_t rows = heat["rows_ms"].size() - 1;
  CHECK(rows <= report::HeatMap::kRowsShown);
  std::uint64_t all = 0;
  for (std::size_t column = 0; column < 10; ++column) {
    REQUIRE(heat["counts"][column].size() == rows);
    CHECK(sum_of(heat["counts"][column]) == by_column[column]);
    all += sum_of(heat["counts"][column]);
  }
  CHECK(all == samples);
  for (const auto& [column, ms] : slowest) {
    // Its own row, or the next one: a sample counts by the middle of its bucket, 0.4 % beside it.
    bool found = false;
    for (std::size_t row = 0; row < rows; ++row)
      found = found || (heat["rows_ms"][row].get<double>() <= ms * 1.005 &&
                        ms * 0.995 <= heat["rows_ms"][row + 1].get<double>() &&
                        heat["counts"][column][row].get<std::uint64_t>() > 0);
    CHECK(found);
  }
}

TEST_CASE("users of all scenarios are added up at one moment; a point shows the most of them") {
  Run run;
  run.r().gauge(run.vus_a, 10);
  run.r().gauge(run.vus_b, 5);
  run.end_second();
  run.r().gauge(run.vus_a, 2);
  run.r().gauge(run.vus_b, 30);
  run.end_second();
  const Json timeline = timeline_json(run.history);
  CHECK(timeline["series"]["users"] == Json::array({15, 32}));  // not 40: never at one moment
  CHECK(timeline_json(run.history, {.points = 1, .columns = 1})["series"]["users"] ==
        Json::array({32}));
}

TEST_CASE("a plan's own gauge is a level in its own unit, and nothing where nobody set it") {
  Run run;
  run.r().custom(stats::Kind::kGauge, run.stock, 12.5);
  run.end_second();
  run.end_second();
  const Json timeline = timeline_json(run.history);
  REQUIRE(timeline["gauges"].size() == 1);
  CHECK(timeline["gauges"][0]["metric"] == "stock");
  CHECK(timeline["gauges"][0]["values"] == Json::array({12.5, nullptr}));
}

TEST_CASE("errors are told by kind, the rare ones together, and none is counted twice") {
  Run run;
  // Ten kinds; kind i happens 10 - i times, in the second of its number.
  const std::vector<Outcome> kinds{Outcome::kTimeoutTotal, Outcome::kStatus5xx};
  for (int second = 0; second < 3; ++second) {
    for (int i = 0; i <= second; ++i) run.answer(kinds[0], 0, 1ms);
    if (second > 0) run.answer(kinds[1], 503, 1ms);
    run.answer(Outcome::kOk, 200, 1ms);
    run.end_second();
  }
  const Json timeline = timeline_json(run.history);
  REQUIRE(timeline["errors"].size() == 2);
  CHECK(timeline["errors"][0]["name"] == "timeout.total");
  CHECK(timeline["errors"][0]["count"] == 6);
  CHECK(timeline["errors"][0]["counts"] == Json::array({1, 2, 3}));
  CHECK(timeline["errors"][1]["counts"] == Json::array({0, 1, 1}));
  CHECK(timeline["series"]["requests"] == Json::array({2, 4, 5}));
  CHECK(timeline["series"]["failed"] == Json::array({1, 3, 4}));
}

TEST_CASE("what many kinds of errors there are beyond the most frequent is one kind, other") {
  Run run;
  std::uint64_t made = 0;
  std::size_t kinds = 0;
  for (std::size_t i = 0; i < kOutcomeCount && kinds < 10; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    if (stats::error_name_of_key(Tally::key(outcome, 0)).empty()) continue;
    for (std::size_t n = 0; n <= kinds; ++n, ++made) run.answer(outcome, 0, 1ms);
    ++kinds;
  }
  REQUIRE(kinds == 10);
  run.end_second();
  const Json errors = timeline_json(run.history)["errors"];
  REQUIRE(errors.size() == 8);
  CHECK(errors[0]["count"] == 10);
  CHECK(errors[7]["name"] == "other");
  CHECK(errors[7]["count"] == 1 + 2 + 3);
  std::uint64_t told = 0;
  for (const auto& error : errors) told += error["count"].get<std::uint64_t>();
  CHECK(told == made);
}

TEST_CASE("a trouble lasts until three points were better, and says whether it passed") {
  Run run;
  const auto second = [&](int good, int bad) {
    for (int i = 0; i < good; ++i) run.answer(Outcome::kOk, 200, 1ms);
    for (int i = 0; i < bad; ++i) run.answer(Outcome::kStatus5xx, 503, 1ms);
    run.end_second();
  };
  second(200, 1);  // half a per cent
  second(10, 10);
  second(10, 0);
  second(10, 0);
  second(9, 1);  // not over yet
  for (int i = 0; i < 4; ++i) second(10, 0);
  second(0, 5);
  second(0, 0);  // nothing tried says nothing
  const Json troubles = timeline_json(run.history)["troubles"];
  REQUIRE(troubles.size() == 2);
  CHECK(troubles[0] == Json{{"from_s", 1.0}, {"to_s", 5.0}, {"tried", 50}, {"failed", 11},
                            {"recovered", true}});
  CHECK(troubles[1]["from_s"] == 9.0);
  CHECK(troubles[1]["recovered"] == false);
}

TEST_CASE("the generator's own state is the worst of each point") {
  Run run;
  for (const double busy : {0.25, 0.75, 0.5}) {
    run.now->health.busiest = busy;
    run.now->health.longest_stall = busy == 0.75 ? 120ms : 1ms;
    run.now->health.memory_bytes = 42'000'000;
    run.r().trend(run.lag, 3ms);
    run.end_second();
  }
  const Json series = timeline_json(run.history, {.points = 1, .columns = 1})["series"];
  CHECK(series["busiest_percent"] == Json::array({75.0}));
  CHECK(series["stall_ms"] == Json::array({120.0}));
  CHECK(series["memory_bytes"] == Json::array({42'000'000}));
  CHECK(series["lag_max_ms"] == Json::array({3.0}));
}

TEST_CASE("of nothing there is a timeline without points; frames of another schema are nothing") {
  History empty;
  CHECK(timeline_json(empty)["from_s"].empty());
  empty.schema = std::make_unique<stats::Schema>();
  CHECK(timeline_json(empty)["latency"].empty());
  Run run;
  run.answer(Outcome::kOk, 200, 1ms);
  run.end_second();
  run.history.frames.back().trends.back().slot = 4'000'000'000;
  const Json timeline = timeline_json(run.history);
  CHECK(timeline["from_s"].size() == 1);
  CHECK(timeline["latency"].empty());
}

TEST_CASE("four digits are kept of every size, and nothing infinite comes out") {
  CHECK(report::four_digits(0.12345678) == 0.1235);
  CHECK(report::four_digits(1234567) == 1235000);
  CHECK(report::four_digits(-99.999) == -100);
  CHECK(report::four_digits(0) == 0);
  CHECK(report::four_digits(std::numeric_limits<double>::infinity()) == 0);
}

}  // namespace
