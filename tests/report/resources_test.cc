// What a report says of the target's own metrics and of this host.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "report/summary_json.h"
#include "report/text.h"

using namespace gend;
using namespace gend::report;
using namespace std::chrono_literals;

namespace {

struct WatchedRun {
  WatchedRun() {
    schema.declare("observe_app_memory", stats::Kind::kGauge, stats::Contains::kDefault);
    schema.declare("observe_app_cpu", stats::Kind::kGauge, stats::Contains::kDefault);
    memory = schema.add("observe_app_memory", {});
    cpu = schema.add("observe_app_cpu", {});
    host_cpu = schema.add("host_cpu", {});
    core = schema.add("host_cpu_core", {{"cpu", "1"}});
    clock = schema.add("host_clock_synchronized", {});
    drops = schema.add("host_net_drops", {});
    total = std::make_unique<stats::Snapshot>(schema);
    result.schema = &schema;
    result.total = total.get();
    result.observed.push_back({.name = "app",
                               .kind = "prometheus",
                               .url = "http://h/metrics",
                               .every = 5s,
                               .polls = 12,
                               .failed = 2,
                               .last_fault = "Connection refused",
                               .failed_at = 34s,
                               .series = {{"observe_app_memory", "memory{a=\"b\"}"},
                                          {"observe_app_cpu", "rate(cpu)"}}});
  }
  // One interval later, in the metrics' own units.
  void sample(std::uint32_t slot, double value) {
    stats::Snapshot interval{schema};
    interval.recorder.gauge(slot, static_cast<std::int64_t>(value * 1e6));
    total->merge(interval, stats::Recorder::Over::kIntervals);
  }
  std::string text() const { return summary_text(summary_json(result), {.width = 100}); }

  stats::Schema schema;
  std::unique_ptr<stats::Snapshot> total;
  std::uint32_t memory, cpu, host_cpu, core, clock, drops;
  RunResult result;
};

}  // namespace

TEST_CASE("sources are told with how they did, and their series with the latest and the extremes") {
  WatchedRun run;
  run.sample(run.memory, 5e10);  // more than 2^52 millionths
  run.sample(run.memory, 2.5e9);
  const auto source = summary_json(run.result)["observed"][0];
  CHECK(source["name"] == "app");
  CHECK(source["kind"] == "prometheus");
  CHECK(source["every_s"] == 5);
  CHECK(source["polls"] == 12);
  CHECK(source["failed"] == 2);
  CHECK(source["last_fault"] == "Connection refused");
  CHECK(source["last_failed_at_s"] == 34);
  CHECK(source["series"][0]["reads"] == "memory{a=\"b\"}");
  CHECK(source["series"][0]["values"]["value"] == 2.5e9);
  CHECK(source["series"][0]["values"]["min"] == 2.5e9);
  CHECK(source["series"][0]["values"]["max"] == 5e10);
  CHECK(source["series"][1]["values"].is_null());
  const std::string text = run.text();
  CHECK(text.find("OBSERVED") != text.npos);
  CHECK(text.find("http://h/metrics, 12 polls, 2 without an answer") != text.npos);
  CHECK(text.find("observe_app_memory") != text.npos);
  CHECK(text.find("max=50.0G") != text.npos);
  CHECK(text.find("no value") != text.npos);
  CHECK(text.find("METRICS OF THE PLAN") == text.npos);
}

TEST_CASE("this host's gauges are told where there are values, those of one processor apart") {
  WatchedRun run;
  run.sample(run.host_cpu, 12.5);
  run.sample(run.host_cpu, 80.25);
  run.sample(run.core, 99);
  run.sample(run.drops, 0);
  run.sample(run.clock, 0);
  const auto host = summary_json(run.result)["host"];
  CHECK(host["host_cpu"]["value"] == 80.25);
  CHECK(host["host_cpu"]["min"] == 12.5);
  CHECK(host["host_cpu_core"]["1"]["max"] == 99);
  CHECK_FALSE(host.contains("host_load"));
  const std::string text = run.text();
  CHECK(text.find("THIS HOST") != text.npos);
  CHECK(text.find("80.2%") != text.npos);
  CHECK(text.find("the clock is not synchronised") != text.npos);
  CHECK(text.find("packets dropped") == text.npos);  // none were
}

TEST_CASE("a run that watched nothing says nothing of it, and neither does a damaged summary") {
  WatchedRun run;
  run.result.observed.clear();
  CHECK(run.text().find("OBSERVED") == std::string::npos);
  CHECK(run.text().find("THIS HOST") == std::string::npos);
  auto summary = summary_json(run.result);
  summary["observed"] = {1, nullptr, {{"series", 3}}};
  summary["host"] = {{"host_cpu", 3}};
  CHECK_FALSE(summary_text(summary, {.width = 80}).empty());
}

TEST_CASE("names and addresses of a plan do nothing to a terminal") {
  WatchedRun run;
  run.result.observed[0].url = "http://h/\x1b[31m";
  CHECK(run.text().find('\x1b') == std::string::npos);
}
