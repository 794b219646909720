// Iterations that take no time: they may not hold a shard for ever.
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "plan/load.h"
#include "plan/support.h"
#include "sim/driver.h"
#include "sim/targets.h"
#include "stats/threshold.h"

using namespace gend;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<const plan::Program> compiled(const std::string& flow) {
  return plan::support::compiled("target: http://127.0.0.1:9\nscenarios:\n  s:\n    executor: "
                                 "constant-vus\n    vus: 2\n    duration: 1s\n    flow:\n" + flow);
}

std::uint64_t count(const plan::Program& program, const stats::Snapshot& total,
                    const std::string& metric) {
  return stats::select(program.schema, total.recorder, {metric, {}}).count;
}

}  // namespace

TEST_CASE("users whose iterations cannot do anything try again ten times a second") {
  // The first iteration gets a 200, no token; what follows it can never be sent.
  const auto program = compiled(
      "      - once: [{get: /login, expect: {status: 201}, capture: {token: header x-token}}]\n"
      "      - get: /home\n        auth: {bearer: \"${token}\"}\n");
  sim::ConstantTarget target{20ms};
  sim::Driver driver{*program, target, 1};
  const stats::Snapshot& total = driver.run();
  CHECK(count(*program, total, "http_reqs") == 2);
  // From 20 ms on, at 20, 120, …, 920 ms: ten for each user, and the one that logged in.
  CHECK(count(*program, total, "failed_iterations") == 2 * 11);
  CHECK(count(*program, total, "iterations") == 2 * 11);
}

TEST_CASE("users whose iterations find nothing to do look again a thousand times a second") {
  const auto program = compiled("      - if: \"${iteration} % 500 == 499\"\n"
                                "        then: [{get: /}]\n");
  sim::ConstantTarget target{0ms};
  sim::Driver driver{*program, target, 1};
  const stats::Snapshot& total = driver.run();
  CHECK(count(*program, total, "http_reqs") == 2 * 2);
  CHECK(count(*program, total, "iterations") >= 2 * 999);
  CHECK(count(*program, total, "iterations") <= 2 * 1001);
}
