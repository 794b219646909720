#include "report/format_run.h"

#include <algorithm>
#include <chrono>

#include "base/rng.h"
#include "report/run_result.h"
#include "report/summary_json.h"
#include "stats/snapshot.h"
#include "stats/threshold.h"

namespace gend::test {
namespace {

using namespace std::chrono_literals;
using stats::Tally;

struct Step {
  std::uint32_t service, corrected, reqs, failed;
};

struct Slots {
  explicit Slots(stats::Schema& schema) {
    for (const std::string& name : hostile_names()) {
      const stats::Tags tags{{"scenario", "crowd"}, {"name", name}, {"method", "GET"}};
      steps.push_back({schema.add("http_req_duration", tags),
                       schema.add("http_req_duration_corrected", tags),
                       schema.add("http_reqs", tags), schema.add("http_req_failed", tags)});
      checks.push_back(schema.add("checks", {{"check", name}, {"scenario", "crowd"}}));
    }
    schema.declare("basket", stats::Kind::kTrend, stats::Contains::kDefault);
    schema.declare("orders", stats::Kind::kCounter, stats::Contains::kDefault);
    basket = schema.add("basket", {{"scenario", "crowd"}});
    orders = schema.add("orders", {{"scenario", "crowd"}});
    vus = schema.add("vus", {{"scenario", "crowd"}});
    received = schema.add("data_received", {{"scenario", "crowd"}});
    facet = schema.add_facet("http_reqs", {{"scenario", "crowd"}, {"village", "=1+1"}});
  }
  std::vector<Step> steps;
  std::vector<std::uint32_t> checks;
  std::uint32_t basket, orders, vus, received, facet;
};

// Values at the edges of buckets, then any of 14 orders of magnitude.
std::int64_t some_value(Rng& rng, std::size_t i) {
  constexpr std::int64_t kEdges[] = {0, 1, 127, 128, 255, 256, 257, 511, 512, 1'000'000, 4'000'000};
  if (i < std::size(kEdges)) return kEdges[i];
  return static_cast<std::int64_t>(rng() >> (20 + rng() % 40));
}

}  // namespace

const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> kNames{
      "plain", "=cmd|'/c calc'!A1", "@SUM(1+1)", "+1", "-2+3", "<script>alert(1)</script>", "]]>",
      "a|b", "`code` ``x``", "back\\|slash", "[x](http://evil.example)", "@alice #1",
      "http://evil.example/?a=1&b=2", "two\nlines\r\n# heading", "\x1b[31mred", "\xe2\x80\xaetxt",
      "bad \xff byte", "\"quoted, comma\"", "&amp;&#60;", "\xef\xbf\xbf", " blank ", "*b* _i_ ~s~",
      "<!-- c", "| --- |", "\tTab", "'apostrophe'", "<img src=x onerror=alert(1)>", "漢字 😀"};
  return kNames;
}

FormatRun::FormatRun() {
  history.schema = std::make_unique<stats::Schema>();
  stats::Schema& schema = *history.schema;
  const Slots slots{schema};
  Rng rng{5};
  stats::Snapshot total{schema}, second{schema};
  for (std::uint64_t now : {0, 1, 3, 4}) {
    second.clear();
    stats::Recorder& r = second.recorder;
    Recorded service{"http_req_duration", now, {}}, corrected{"http_req_duration_corrected", now, {}};
    Recorded basket{"basket", now, {}};
    for (std::size_t i = 0; i < 20 * slots.steps.size(); ++i) {
      const Step& step = slots.steps[i % slots.steps.size()];
      const std::int64_t value = some_value(rng, i), late = value + 1'000'000;
      const bool fails = i % 50 == 49;
      r.trend_ticks(step.service, value);
      r.trend_ticks(step.corrected, late);
      service.values.push_back(value);
      corrected.values.push_back(late);
      const std::size_t key = fails ? Tally::key(Outcome::kStatus5xx, 503)
                                    : Tally::key(Outcome::kOk, 200);
      r.tally(step.reqs, key);
      r.tally(slots.facet, key);
      r.rate(step.failed, fails);
      r.rate(slots.checks[i % slots.checks.size()], i % slots.checks.size() != 1 || i > 100);
      ++requests;
      failed += fails ? 1 : 0;
    }
    r.custom(stats::Kind::kTrend, slots.basket, 2.5);
    basket.values.push_back(2'500'000);
    r.custom(stats::Kind::kCounter, slots.orders, 0.25);
    r.gauge(slots.vus, static_cast<std::int64_t>(10 + now));
    r.count(slots.received, 1000);
    const Duration from = std::chrono::seconds{now};
    history.frames.push_back(stats::frame_of(schema, second, from, from + 1s));
    stats::merge(total, history.frames.back());
    recorded.insert(recorded.end(), {service, corrected, basket});
  }

  std::vector<stats::Threshold> thresholds;
  report::RunResult result;
  result.schema = &schema;
  result.total = &total;
  result.id = "20261121-014309-formats";
  result.name = "formats | <b>";
  result.plan_file = "=plan.yaml";
  result.owner = "alice (uid 1000)";
  result.state = report::RunState::kFinished;
  result.exit_code = ExitCode::kThresholdsFailed;
  result.end_reason = "finished";
  result.started_wall_ms = 1'795'225'389'042;
  result.elapsed = result.planned = 5s;
  result.has_open_model = true;
  result.version = "0.1.0";
  result.scenarios = {{.name = "crowd", .executor = "constant-arrival-rate", .open_model = true,
                       .duration = 5s, .peak = 10, .max_vus = 14, .steps = "28 requests"}};
  for (const std::string& name : hostile_names()) {
    result.checks.push_back(name);
    result.events.push_back({1s, name, name});
    result.notes.push_back(name);
    result.warnings.push_back(name);
    thresholds.push_back({.source = "p(95)<100000", .selector = "http_req_duration{name:" + name + "}",
                          .parsed = {"http_req_duration", {{"name", name}}},
                          .assertion = stats::parse_assertion("p(95)<100000").value()});
  }
  thresholds.push_back({.source = "rate<0.01", .selector = "http_req_failed",
                        .parsed = {"http_req_failed", {}},
                        .assertion = stats::parse_assertion("rate<0.01").value()});
  result.checks.push_back("never reached");
  for (const auto& threshold : thresholds)
    result.thresholds.push_back(
        stats::evaluate(threshold, schema, total.recorder, result.elapsed));
  // As it comes to whoever renders it: through JSON, where every text is UTF-8.
  history.summary =
      nlohmann::ordered_json::parse(report::json_text(report::summary_json(result)));
  history.plan_text = "name: formats\n";
}

}  // namespace gend::test
