// Begin and end of scenarios: ramps, graceful stop, ramp-down, stops from outside.
#include <doctest/doctest.h>

#include "engine/programs.h"
#include "sim/driver.h"
#include "sim/targets.h"

using namespace gend;
using namespace gend::test;
using namespace std::chrono_literals;
using plan::Executor;

TEST_CASE("iterations under way at the end get gracefulStop to finish, and count") {
  const auto program = make_program({.executor = Executor::kConstantVus,
                                     .start = 4,
                                     .stages = {{10s, 4}},
                                     .max_vus = 4,
                                     .graceful_stop = 5s});
  sim::ConstantTarget target{3s};  // begins at 0, 3, 6, 9: the last ends at 12 s
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  CHECK(total.health.started == 16);
  CHECK(total.health.completed == 16);
  CHECK(total.health.interrupted == 0);
  CHECK(driver.now() == TimePoint{12s});
}

TEST_CASE("what is still under way when gracefulStop is over is cut off, and counted as such") {
  const auto program = make_program({.executor = Executor::kConstantVus,
                                     .start = 4,
                                     .stages = {{10s, 4}},
                                     .max_vus = 4,
                                     .graceful_stop = 1s});
  sim::ConstantTarget target{3s};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  CHECK(total.health.started == 16);
  CHECK(total.health.completed == 12);
  CHECK(total.health.interrupted == 4);
  CHECK(driver.now() == TimePoint{11s});
  const auto& tally = total.recorder.tally_at(program.requests[0].series.reqs);
  CHECK(tally.counts[static_cast<std::size_t>(Outcome::kInterrupted)] == 4);
}

TEST_CASE("on a ramp-down users finish their iteration, or lose it after gracefulRampDown") {
  // Ten users down to none in the instant t = 10 s; an iteration of 4 s began at 8 s.
  for (const Duration grace : {Duration{5s}, Duration{1s}}) {
    const auto program = make_program({.executor = Executor::kRampingVus,
                                       .start = 10,
                                       .stages = {{10s, 10}, {0s, 0}, {10s, 0}},
                                       .max_vus = 10,
                                       .graceful_ramp_down = grace});
    sim::ConstantTarget target{4s};
    sim::Driver driver{program, target, 1};
    const auto& total = driver.run();
    CHECK(total.health.started == 30);
    CHECK(total.health.completed == (grace == 5s ? 30 : 20));
    CHECK(total.health.interrupted == (grace == 5s ? 0 : 10));
  }
}

TEST_CASE("a user that is wanted again before its ramp-down is over goes on") {
  const auto program = make_program({.executor = Executor::kRampingVus,
                                     .start = 1,
                                     .stages = {{5s, 1}, {0s, 0}, {1s, 0}, {0s, 1}, {5s, 1}},
                                     .max_vus = 1,
                                     .graceful_ramp_down = 2s});
  sim::ConstantTarget target{4s};  // 0-4, 4-8 (retired at 5, wanted at 6), 8-12
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  CHECK(total.health.started == 3);
  CHECK(total.health.completed == 3);
  CHECK(total.health.interrupted == 0);
}

TEST_CASE("scenarios begin at their startTime and end on their own") {
  auto program = make_program({.start = 10, .stages = {{2s, 10}}, .max_vus = 5});
  add_scenario(program, "later",
               {.executor = Executor::kConstantVus,
                .start = 1,
                .stages = {{1s, 1}},
                .max_vus = 1,
                .start_time = 5s});
  sim::ConstantTarget target{100ms};
  sim::Driver driver{program, target, 2};
  const auto& total = driver.run();
  CHECK(total.recorder.counter_at(program.scenarios[0].series.iterations) == 20);
  CHECK(total.recorder.counter_at(program.scenarios[1].series.iterations) == 10);
  CHECK(driver.now() == TimePoint{6s});
  // Per second: 10, 10, 0, 0, 0, 10.
  const auto& seconds = driver.completed_per_interval();
  REQUIRE(seconds.size() >= 6);
  CHECK(seconds[2] + seconds[3] + seconds[4] <= 1);  // the one that ended on the boundary
}

TEST_CASE("a graceful stop begins nothing new, and says what was not begun") {
  const auto program = make_program({.start = 100, .stages = {{1h, 100}}, .max_vus = 5});
  sim::ConstantTarget target{100ms};
  sim::Driver driver{program, target, 1};
  driver.post({.kind = engine::Command::Kind::kStopGracefully});
  const auto& total = driver.run();
  CHECK(total.health.planned == total.health.started + total.health.dropped_stopped);
  CHECK(total.health.completed == total.health.started);
  CHECK(driver.now() <= TimePoint{200ms});
}

TEST_CASE("refused connects are outcomes, and a closed loop of them still ends in time") {
  class Refusing : public sim::Target {
   public:
    sim::Reply on_request(TimePoint at) override { return {.at = at}; }
    TimePoint on_connect(TimePoint) override { return kNever; }
  };
  const auto program = make_program({.start = 50, .stages = {{2s, 50}}, .max_vus = 5});
  Refusing target;
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto& tally = total.recorder.tally_at(program.requests[0].series.reqs);
  CHECK(tally.counts[static_cast<std::size_t>(Outcome::kConnectRefused)] == 100);
  CHECK(total.health.completed == 100);
}
