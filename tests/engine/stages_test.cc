// The `stage` tag, from a plan's text to what its thresholds see.
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "engine/stages.h"
#include "plan/load.h"
#include "plan/support.h"
#include "sim/driver.h"
#include "sim/targets.h"
#include "stats/threshold.h"

using namespace gend;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<const plan::Program> compiled(const std::string& scenario) {
  return plan::support::compiled("target: http://127.0.0.1:1\nseed: 1\nscenarios:\n  s:\n" +
                                 scenario + "    flow: [{get: /}]\n");
}

std::uint64_t requests(const plan::Program& program, const stats::Snapshot& total,
                       const std::string& selector) {
  return stats::select(program.schema, total.recorder, *stats::parse_selector(selector)).count;
}

}  // namespace

TEST_CASE("a moment belongs to the stage that it lies in, the end of one being the next one's") {
  plan::Scenario scenario;
  scenario.start_time = 5s;
  scenario.stages = {{10s, 1}, {0s, 7}, {20s, 1}, {1s, 0}};
  const engine::Stages stages{scenario, TimePoint{100s}};
  CHECK(stages.at(TimePoint{0s}) == 0);
  CHECK(stages.at(TimePoint{105s}) == 0);
  CHECK(stages.at(TimePoint{115s - 1ns}) == 0);
  CHECK(stages.at(TimePoint{115s}) == 2);  // nothing lies in a jump
  CHECK(stages.at(TimePoint{135s - 1ns}) == 2);
  CHECK(stages.at(TimePoint{135s}) == 3);
  CHECK(stages.at(TimePoint{999s}) == 3);
  scenario.stages = {{10s, 1}};
  CHECK(engine::Stages{scenario, TimePoint{}}.at(TimePoint{99s}) == 0);
}

TEST_CASE("requests are counted for the stage in which they were wanted") {
  const auto program = compiled(
      "    executor: ramping-arrival-rate\n    startRate: 10\n    maxVUs: 50\n"
      "    stages: [{duration: 10s, target: 10, name: low}, {duration: 0s, target: 100}, {duration: "
      "10s, target: 100, name: high}, {duration: 0s, target: 20}, {duration: 5s, target: 20}]\n");
  for (const std::uint32_t shards : {1u, 3u}) {
    sim::ConstantTarget target{20ms};
    sim::Driver driver{*program, target, shards};
    const auto& total = driver.run();
    CHECK(requests(*program, total, "http_reqs{stage:low}") == 100);
    CHECK(requests(*program, total, "http_reqs{stage:high,scenario:s}") == 1000);
    CHECK(requests(*program, total, "http_reqs{stage:5,status:200}") == 100);
    CHECK(requests(*program, total, "http_reqs") == 1200);
    CHECK(requests(*program, total, "http_reqs{scenario:s}") == 1200);
  }
}

TEST_CASE("a backlog counts for the stage that made it") {
  // One user carries out 100 arrivals of ten seconds, 200 ms each: the last one ten seconds late.
  const auto program = compiled(
      "    executor: ramping-arrival-rate\n    startRate: 10\n    maxVUs: 1\n"
      "    stages: [{duration: 10s, target: 10, name: peak}, {duration: 0s, target: 0}, {duration: "
      "30s, target: 0, name: after}]\n");
  sim::ConstantTarget target{200ms};
  sim::Driver driver{*program, target, 1};
  const auto& total = driver.run();
  CHECK(requests(*program, total, "http_reqs{stage:peak}") == 100);
  CHECK(requests(*program, total, "http_reqs{stage:after}") == 0);
  const auto selector = stats::parse_selector("http_req_duration_corrected{stage:peak}");
  const auto corrected = stats::select(program->schema, total.recorder, *selector);
  // Arrival n of 0 to 99 is due after n x 100 ms and done after (n + 1) x 200 ms.
  CHECK(stats::aggregate(corrected, *stats::parse_assertion("max<1"), 40s) ==
        doctest::Approx(200 * 100 - 100 * 99).epsilon(0.01));
}
