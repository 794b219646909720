#include "report/compare.h"

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "report/compared_run.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::report;
using test::ComparedServer;
using test::run_of;

namespace {

const CompareRow& row_of(const Comparison& comparison, const std::string& metric,
                         const std::string& statistic, const stats::Tags& tags = {}) {
  const auto found = std::ranges::find_if(comparison.rows, [&](const CompareRow& row) {
    return row.metric == metric && row.statistic == statistic && row.tags == tags;
  });
  REQUIRE(found != comparison.rows.end());
  return *found;
}

bool has_row(const Comparison& comparison, const std::string& metric, const stats::Tags& tags) {
  return std::ranges::any_of(comparison.rows, [&](const CompareRow& row) {
    return row.metric == metric && row.tags == tags;
  });
}

Comparison compared(const History& before, const History& after, CompareOptions options = {}) {
  auto result = compare(before, after, options);
  REQUIRE(result.has_value());
  return std::move(*result);
}

bool mentions(const std::vector<std::string>& lines, const std::string& words) {
  return std::ranges::any_of(lines, [&](const std::string& line) {
    return line.find(words) != line.npos;
  });
}

bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != text.npos;
}

}  // namespace

TEST_CASE("a release that is a third slower is worse, and the report says how much") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng), after = run_of("b", {.orders = {.median_ms = 27}}, rng);
  const auto result = compared(before, after);
  CHECK(result.overall == Change::kWorse);
  const CompareRow& row = row_of(result, "http_req_duration", "p(95)");
  CHECK(row.change == Change::kWorse);
  CHECK(row.low > 0);
  CHECK(row.low < row.after - row.before);
  CHECK(row.high > row.after - row.before);
  CHECK(row_of(result, "http_req_duration", "p(95)", {{"name", "orders"}}).change ==
        Change::kWorse);
  CHECK(row_of(result, "http_req_duration", "p(95)", {{"name", "search"}}).change !=
        Change::kWorse);
  CHECK(contains(comparison_text(result, {}), "✗ WORSE"));
}

TEST_CASE("a release that is a third faster is better") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {.orders = {.seconds = 120, .wander = 0.02},
                                   .search = {.seconds = 120, .median_ms = 5, .wander = 0.02}},
                             rng);
  const auto after = run_of("b", {.orders = {.seconds = 120, .median_ms = 14, .wander = 0.02},
                                  .search = {.seconds = 120, .median_ms = 5, .wander = 0.02}},
                            rng);
  CHECK(row_of(compared(before, after), "http_req_duration", "p(95)").change == Change::kBetter);
}

TEST_CASE("failures that double are worse though every answer is as fast") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {.fails = 0.02}, rng), after = run_of("b", {.fails = 0.05}, rng);
  const auto result = compared(before, after);
  CHECK(result.overall == Change::kWorse);
  const CompareRow& row = row_of(result, "http_req_failed", "rate");
  CHECK(row.change == Change::kWorse);
  CHECK(row.before == doctest::Approx(0.02).epsilon(0.5));
}

TEST_CASE("a run against itself is the same") {
  Rng rng{test::seed()};
  const auto run = run_of("a", {}, rng);
  const auto result = compared(run, run);
  CHECK(result.overall == Change::kSame);
  CHECK(row_of(result, "http_req_duration", "med").change == Change::kSame);
  CHECK(row_of(result, "http_reqs", "per second").change == Change::kSame);
  CHECK(row_of(result, "gen_memory", "mean").gate == Gate::kShown);
}

// docs/measurement.md has the rates of a long measurement. Nominal: at most one comparison of 20.
TEST_CASE("equal releases are rarely told apart, whatever the number of judged quantities") {
  Rng rng{test::seed()};
  const int trials = test::trials(12);
  for (const double phi : {0.0, 0.5, 0.8}) {
    int alarms = 0, same = 0;
    // Without a tolerance every certain difference counts.
    for (int i = 0; i < trials; ++i) {
      const ComparedServer server{.orders = {.phi = phi},
                                  .search = {.requests = 20, .median_ms = 5, .phi = phi}};
      const auto before = run_of("a", server, rng), after = run_of("b", server, rng);
      const auto strict = compared(before, after, {.tolerance = 0});
      alarms += strict.overall == Change::kWorse || strict.overall == Change::kBetter;
      const auto usual = compared(before, after);
      same += usual.overall == Change::kWorse || usual.overall == Change::kBetter;
    }
    const std::string words = "60 s, phi " + std::to_string(phi);
    CHECK(test::told("comparisons, " + words + ", no tolerance", alarms, trials) <=
          test::at_most(phi > 0.6 ? 0.15 : 0.08, trials));
    CHECK(test::told("comparisons, " + words + ", 10 %", same, trials) <=
          test::at_most(phi > 0.6 ? 0.15 : 0.05, trials));
  }
}

TEST_CASE("detection: what a minute of load finds out") {
  Rng rng{test::seed()};
  const int trials = test::trials(12);
  for (const double slower : {1.1, 1.2, 1.3}) {
    int found = 0;
    for (int i = 0; i < trials; ++i) {
      const auto before = run_of("a", {}, rng);
      const auto after = run_of("b", {.orders = {.median_ms = 20 * slower}}, rng);
      found += compared(before, after).overall == Change::kWorse;
    }
    const double share =
        test::told("comparisons, slower by " + std::to_string(slower), found, trials);
    if (slower > 1.25) CHECK(share > 0.9);
  }
}

TEST_CASE("a wide tolerance lets a slower release pass, a narrow one of its metric does not") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng), after = run_of("b", {.orders = {.median_ms = 27}}, rng);
  CHECK(compared(before, after, {.tolerance = 1}).overall != Change::kWorse);
  const auto own = compared(before, after, {.tolerance = 1,
                                            .tolerances = {{"http_req_duration", 0.05}}});
  CHECK(own.overall == Change::kWorse);
}

TEST_CASE("few samples are not enough for high percentiles, and the row says so") {
  Rng rng{test::seed()};
  const ComparedServer small{.orders = {.seconds = 30, .requests = 5},
                             .search = {.seconds = 30, .requests = 1}};
  const auto result = compared(run_of("a", small, rng), run_of("b", small, rng));
  const CompareRow& row = row_of(result, "http_req_duration", "p(99)");
  CHECK(row.change == Change::kUnsure);
  CHECK_FALSE(row.has_interval);
  CHECK(row.why == "180 and 180 samples, 1,000 are needed");
}

TEST_CASE("a few seconds of load decide nothing") {
  Rng rng{test::seed()};
  const ComparedServer brief{.orders = {.seconds = 5}, .search = {.seconds = 5}};
  const auto result = compared(run_of("a", brief, rng), run_of("b", brief, rng));
  CHECK(result.overall == Change::kUnsure);
  CHECK(result.judged == 0);
  CHECK(contains(comparison_text(result, {}), "too little was measured"));
}

TEST_CASE("of runs of different length the common beginning is compared") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {.orders = {.seconds = 90}, .search = {.seconds = 90}}, rng);
  auto after = run_of("b", {}, rng);
  const auto result = compared(before, after);
  CHECK(result.length_s == 60);
  CHECK(mentions(result.notes, "only the first"));
}

TEST_CASE("gaps in one run leave the same stretch of the other out") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng);
  auto after = run_of("b", {}, rng);
  after.frames.erase(after.frames.begin() + 10, after.frames.begin() + 30);
  CHECK(compared(before, after).cells == 40);
}

TEST_CASE("a run of 8 hours is cut into as many cells as a comparison needs, and no more") {
  Rng rng{test::seed()};
  const ComparedServer soak{.orders = {.seconds = 8 * 3600, .requests = 1},
                            .search = {.seconds = 8 * 3600, .requests = 1}};
  const auto run = run_of("a", soak, rng);
  const auto result = compared(run, run);
  CHECK(result.cells <= 512);
  CHECK(result.cell_s == 57);  // 28,800 s by 512, in whole seconds
}

TEST_CASE("runs that were not made alike are refused, each reason by name") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng);
  const auto refused = [&](auto change) {
    auto after = run_of("b", {}, rng);
    change(after);
    const auto result = compare(before, after, {});
    REQUIRE_FALSE(result.has_value());
    CHECK(compare(before, after, {.anyway = Anyway::kYes}).has_value());
    CHECK(result.error().size() == 1);
    return result.error().front();
  };
  CHECK(contains(refused([](History& h) { h.plan_text += "seed: 1\n"; }), "was changed"));
  CHECK(contains(refused([](History& h) {
                   h.plan_text += "seed: 1\n";
                   h.summary["run"]["plan"] = "peak.yaml";
                 }),
                 "different plans: shop.yaml and peak.yaml"));
  CHECK(contains(refused([](History& h) { h.plan_text.clear(); }), "was not kept"));
  CHECK(contains(refused([](History& h) { h.summary["run"]["vars"]["TARGET"] = "http://b"; }),
                 "TARGET"));
  CHECK(contains(refused([](History& h) { h.summary["run"]["load_scale"] = 2; }), "load_scale"));
  CHECK(contains(refused([](History& h) { h.summary["run"]["segment"] = "1/2"; }), "part 1/2"));
  CHECK(contains(refused([](History& h) { h.summary["generator"]["host"] = "64 CPUs"; }),
                 "different hosts"));
  CHECK(contains(refused([](History& h) { h.summary["generator"]["shards"] = 8; }), "8 shards"));
  CHECK(contains(refused([](History& h) { h.summary["generator"]["verdict"] = "SATURATED"; }),
                 "run b is SATURATED"));
  CHECK(contains(refused([](History& h) {
                   h.summary["events"].push_back({{"at_s", 3}, {"what", "users set to 5"},
                                                  {"by", "alice"}});
                 }),
                 "steered"));
}

TEST_CASE("what gend notes of a run by itself is no steering") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng);
  auto after = run_of("b", {}, rng);
  after.summary["events"].push_back({{"at_s", 3}, {"what", "source app does not answer"},
                                     {"by", "gend"}});
  CHECK(objections_to(before, after).empty());
}

TEST_CASE("what was overruled stands in the comparison") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng);
  auto after = run_of("b", {}, rng);
  after.summary["generator"]["verdict"] = "SATURATED";
  const auto result = compared(before, after, {.anyway = Anyway::kYes});
  CHECK(mentions(result.objections, "SATURATED"));
  CHECK(contains(comparison_text(result, {}), "compared anyway"));
  CHECK(contains(comparison_markdown(result), "compared anyway"));
}

TEST_CASE("runs without a common moment are never compared") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng);
  auto after = run_of("b", {}, rng);
  after.frames.clear();
  const auto result = compare(before, after, {.anyway = Anyway::kYes});
  REQUIRE_FALSE(result.has_value());
  CHECK(contains(result.error().front(), "no moment"));
}

TEST_CASE("a tolerance of a metric that nobody measured is a mistake") {
  Rng rng{test::seed()};
  const auto run = run_of("a", {}, rng);
  const auto result = compare(run, run, {.tolerances = {{"http_req_durtion", 0.1}}});
  REQUIRE_FALSE(result.has_value());
  CHECK(contains(result.error().front(), "http_req_durtion"));
}

TEST_CASE("summaries that are damaged compare as far as they can") {
  Rng rng{test::seed()};
  auto before = run_of("a", {}, rng), after = run_of("b", {}, rng);
  for (History* run : {&before, &after}) run->summary = nlohmann::ordered_json::array({1, "x"});
  CHECK(compare(before, after, {}).has_value());
}

TEST_CASE("a plan with secrets is that of the masked text, another one is not") {
  const std::string masked = "a: \"***\"\nb: 2\nc: \"***\"\n";
  CHECK(is_same_plan(masked, "a: s3cret\nb: 2\nc: 'other'\n"));
  CHECK(is_same_plan(masked, masked));
  CHECK_FALSE(is_same_plan(masked, "a: s3cret\nb: 3\nc: other\n"));
  CHECK_FALSE(is_same_plan(masked, "x: s3cret\nb: 2\nc: other\n"));
  CHECK_FALSE(is_same_plan(masked, "a: s3cret\nb: 2\nc: other\nd: 1"));
  CHECK_FALSE(is_same_plan("a: 1\n", "a: 2\n"));
  CHECK(is_same_plan("", ""));
}

TEST_CASE("names cannot play tricks in a comparison") {
  Rng rng{test::seed()};
  auto before = run_of("a", {}, rng), after = run_of("b", {}, rng);
  for (History* run : {&before, &after})
    run->summary["run"]["plan"] = "x\x1b[2J|<img src=x>[a](http://evil)@all";
  const auto result = compared(before, after);
  CHECK_FALSE(contains(comparison_text(result, {}), "\x1b"));
  const std::string markdown = comparison_markdown(result);
  for (const char* bad : {"\x1b", "<img", "](", "@all", "|<"}) CHECK_FALSE(contains(markdown, bad));
}

TEST_CASE("the JSON has every row with its numbers") {
  Rng rng{test::seed()};
  const auto result = compared(run_of("a", {}, rng), run_of("b", {.fails = 0.2}, rng));
  const auto json = comparison_json(result);
  CHECK(json["verdict"] == "worse");
  CHECK(json["rows"].size() == result.rows.size());
  const auto& row = json["rows"][0];
  CHECK(row["metric"] == result.rows[0].metric);
  CHECK(row["interval"][0] == result.rows[0].low);
  CHECK(row["difference"].get<double>() == result.rows[0].after - result.rows[0].before);
  CHECK(json["before"]["id"] == "a");
}

TEST_CASE("the same runs always compare alike") {
  Rng rng{test::seed()};
  const auto before = run_of("a", {}, rng), after = run_of("b", {}, rng);
  CHECK(comparison_json(compared(before, after)) == comparison_json(compared(before, after)));
}

TEST_CASE("a tag that splits nothing has no rows of its own") {
  Rng rng{test::seed()};
  const auto run = run_of("a", {}, rng);
  const auto result = compared(run, run);
  CHECK(has_row(result, "http_req_duration", {{"name", "orders"}}));
  CHECK_FALSE(has_row(result, "http_req_duration", {{"scenario", "load"}}));
  CHECK_FALSE(has_row(result, "http_req_duration", {{"method", "GET"}}));
}
