#include "plan/check.h"

#include <string>

#include <doctest/doctest.h>

#include "plan/support.h"

using namespace gend::plan;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;
using gend::plan::support::with_scenario;
using gend::plan::support::Lines;

namespace {
}  // namespace

TEST_CASE("each executor says which keys it needs") {
  CHECK(complaints(with_scenario("    executor: constant-vus\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\": constant-vus needs `duration`"});
  CHECK(complaints(with_scenario("    executor: ramping-vus\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\": ramping-vus needs `stages`"});
  CHECK(complaints(with_scenario("    executor: constant-arrival-rate\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\": constant-arrival-rate needs `duration`",
              "p.yaml:3:3: scenario \"s\": constant-arrival-rate needs `rate`"});
  CHECK(complaints(with_scenario("    executor: ramping-arrival-rate\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\": ramping-arrival-rate needs `stages`"});
  CHECK(complaints(with_scenario("")) ==
        Lines{"p.yaml:3:3: scenario \"s\" has no `executor`; write one of constant-vus, "
              "ramping-vus, constant-arrival-rate, ramping-arrival-rate, shared-iterations, "
              "per-vu-iterations, externally-controlled"});
}

TEST_CASE("keys of another executor do not apply") {
  CHECK(complaints(
            with_scenario("    executor: constant-vus\n    duration: 1s\n    startVUs: 3\n")) ==
        Lines{"p.yaml:6:5: `startVUs` does not apply to constant-vus; it takes duration, vus"});
  CHECK(complaints(with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n"
                                 "    rate: 1\n    gracefulRampDown: 1s\n")) ==
        Lines{"p.yaml:7:5: `gracefulRampDown` does not apply to constant-arrival-rate; it takes "
              "rate, duration, timeUnit, preAllocatedVUs, maxVUs, arrivals"});
}

TEST_CASE("fewer users at most than at the start is an error, as in k6") {
  CHECK(complaints(with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n"
                                 "    rate: 1\n    preAllocatedVUs: 10\n    maxVUs: 5\n")) ==
        Lines{"p.yaml:8:13: `maxVUs` 5 is less than `preAllocatedVUs` 10"});
}

TEST_CASE("a load of nothing and a scenario of no length are complaints") {
  CHECK(complaints(with_scenario("    executor: ramping-vus\n    startVUs: 0\n"
                                 "    stages: [{duration: 1s, target: 0}]\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\" makes no load: every level is 0"});
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 0s\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\" lasts 0s"});
  CHECK(complaints(with_scenario("    executor: ramping-vus\n    stages: []\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\" lasts 0s"});
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 1s\n    vus: 0\n")) ==
        Lines{"p.yaml:6:10: `vus` must be at least 1"});
}

TEST_CASE("stages of users have whole targets") {
  CHECK(complaints(with_scenario("    executor: ramping-vus\n"
                                 "    stages: [{duration: 1s, target: 1.5}]\n")) ==
        Lines{"p.yaml:5:37: ramping-vus needs a whole number of users as `target`"});
  CHECK(complaints(with_scenario("    executor: ramping-vus\n"
                                 "    stages: [{duration: 1s, target: 5/s}]\n")) ==
        Lines{"p.yaml:5:37: ramping-vus needs a whole number of users as `target`"});
}

TEST_CASE("a rate has one unit") {
  CHECK(
      complaints(with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n"
                               "    rate: 5/s\n    timeUnit: 1m\n")) ==
      Lines{
          "p.yaml:6:11: a rate with a unit of its own, beside `timeUnit`; leave one of them out"});
}

TEST_CASE("loads beyond the limits are refused, also when a scale makes them so") {
  CHECK(complaints(
            with_scenario("    executor: constant-vus\n    duration: 1s\n    vus: 4000001\n")) ==
        Lines{"p.yaml:6:10: \"4000001\" is not a number of users (0 to 4000000)"});
  Options options;
  options.load_scale = 1e6;
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 1s\n    vus: 5\n"),
                   options) ==
        Lines{"p.yaml:3:3: scenario \"s\" wants 5000000 users, at most 4000000 (--load-scale is "
              "1000000)"});
  options = {};
  options.time_scale = 1e300;
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 1s\n"), options)[0]
            .starts_with(
                "p.yaml:3:3: scenario \"s\" would end after more than 30 days (--time-scale is"));
  CHECK(complaints(with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n"
                                 "    rate: 20000000\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\" wants 20000000 arrivals/s, at most 10000000"});
}

TEST_CASE("a scale that is no number above 0 is refused") {
  for (const double scale : {0.0, -1.0, 1.0 / 0.0, 0.0 / 0.0}) {
    Options options;
    options.load_scale = scale;
    const auto all = complaints(with_flow("      - get: /\n"), options);
    REQUIRE(all.size() == 1);
    CHECK(all[0].starts_with("p.yaml: --load-scale "));
    CHECK(all[0].ends_with(" is not a number above 0"));
  }
}

TEST_CASE("a flow that neither sends nor pauses would spin, and is refused") {
  const std::string never =
      "p.yaml:6:5: the flow of scenario \"s\" never ends an iteration: it neither sends anything "
      "nor "
      "pauses; add a request or a `think`";
  CHECK(complaints(with_flow("      []\n")) == Lines{never});
  CHECK(complaints(with_flow("      - think: 0s\n")) == Lines{never});
  CHECK(complaints(with_flow("      - think: 1ms\n")).empty());
  CHECK(complaints("target: http://h\nscenarios: {s: {executor: constant-vus, duration: 1s}}\n") ==
        Lines{"p.yaml:2:13: scenario \"s\" has no `flow`; say what one iteration does: flow: "
              "[{get: /}]"});
}
