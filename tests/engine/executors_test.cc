#include <chrono>
#include <cmath>
#include <set>

#include <doctest/doctest.h>

#include "engine/arrivals.h"
#include "engine/programs.h"
#include "sim/driver.h"
#include "sim/targets.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::test;
using namespace std::chrono_literals;
using engine::Command;
using plan::Executor;

namespace {

// The due times of a whole scenario as so many shares of it see them, by arrival number.
std::map<std::uint64_t, Duration> all_arrivals(const plan::Scenario& scenario, std::uint64_t seed,
                                               std::uint32_t shares) {
  std::map<std::uint64_t, Duration> found;
  for (std::uint32_t i = 0; i < shares; ++i) {
    const engine::Arrivals arrivals{scenario, seed, 0};
    engine::ArrivalCursor cursor{arrivals, {i, shares}};
    for (auto due = cursor.due(); due; due = cursor.due()) {
      CHECK(found.emplace(cursor.number(), *due).second);
      cursor.advance();
    }
  }
  return found;
}

}  // namespace

TEST_CASE("shared iterations: all users together make as many as asked for, and the run ends then") {
  auto program = make_program({.executor = Executor::kSharedIterations, .start = 10,
                               .stages = {{10min, 10}}, .max_vus = 10});
  program.scenarios[0].iterations = 1003;
  for (const std::uint32_t shards : {1u, 3u}) {
    sim::ConstantTarget target{20ms};
    sim::Driver driver{program, target, shards};
    const auto& total = driver.run();
    CHECK(total.health.completed == 1003);
    CHECK(total.health.planned == 1003);
    // 1003 iterations over 10 users of 20 ms each: 101 rounds of the busiest.
    CHECK(driver.now() < TimePoint{3s});
  }
}

TEST_CASE("shared iterations: what maxDuration leaves no time for is dropped, with that reason") {
  auto program = make_program({.executor = Executor::kSharedIterations, .start = 2,
                               .stages = {{1s, 2}}, .max_vus = 2});
  program.scenarios[0].iterations = 1000;
  sim::ConstantTarget target{10ms};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  CHECK(total.health.completed == 200);
  CHECK(total.health.dropped_no_time == 800);
}

TEST_CASE("iterations per user: each makes its own, whatever the others do") {
  auto program = make_program({.executor = Executor::kPerVuIterations, .start = 7,
                               .stages = {{10min, 7}}, .max_vus = 7});
  program.scenarios[0].iterations = 5;
  for (const std::uint32_t shards : {1u, 2u}) {
    sim::ConstantTarget target{3ms};
    sim::Driver driver{program, target, shards};
    CHECK(driver.run().health.completed == 35);
  }
}

TEST_CASE("externally controlled users: begin, change, pause and resume as they are told") {
  auto program = make_program({.executor = Executor::kExternallyControlled, .start = 2,
                               .stages = {{10s, 2}}, .max_vus = 10, .think = 90ms});
  sim::ConstantTarget target{10ms};
  sim::Driver driver{program, target, 2};
  driver.run_until(TimePoint{2s});
  driver.post({.kind = Command::Kind::kUsers, .value = 10, .at = TimePoint{2s}});
  driver.run_until(TimePoint{4s});
  driver.post({.kind = Command::Kind::kPause, .at = TimePoint{4s}});
  driver.run_until(TimePoint{6s});
  driver.post({.kind = Command::Kind::kResume, .at = TimePoint{6s}});
  driver.run_until(TimePoint{8s});
  driver.post({.kind = Command::Kind::kUsers, .value = 0, .at = TimePoint{8s}});
  const auto& total = driver.run();
  // 100 ms an iteration: 2 users for 2 s, 10 for 2 s, none for 2 s, 10 for 2 s, none.
  CHECK(total.health.completed >= 440 - 20);
  CHECK(total.health.completed <= 440 + 20);
  const auto& per_second = driver.completed_per_interval();
  REQUIRE(per_second.size() >= 8);
  CHECK(per_second[5] == 0);
  CHECK(per_second[1] == 20);
  CHECK(per_second[3] == 100);
}

TEST_CASE("externally controlled users begin when their scenario does, as many as were asked for") {
  auto program = make_program({.executor = Executor::kExternallyControlled, .start = 2,
                               .stages = {{10s, 2}}, .max_vus = 10, .think = 90ms});
  program.scenarios[0].start_time = 1500ms;
  sim::ConstantTarget target{10ms};
  for (const bool asked_before : {false, true}) {
    sim::Driver driver{program, target, 2};
    driver.run_until(TimePoint{500ms});
    if (asked_before)
      driver.post({.kind = Command::Kind::kUsers, .value = 10, .at = TimePoint{500ms}});
    driver.run();
    // 100 ms an iteration; the scenario begins in the middle of the second second.
    const std::uint64_t users = asked_before ? 10 : 2;
    const auto& per_second = driver.completed_per_interval();
    REQUIRE(per_second.size() >= 4);
    CHECK(per_second[0] == 0);
    CHECK(per_second[1] >= 4 * users);
    CHECK(per_second[1] <= 5 * users);
    CHECK(per_second[2] == 10 * users);
  }
}

TEST_CASE("an externally controlled rate: arrivals follow it, and none are made up for a pause") {
  plan::Scenario scenario;
  scenario.executor = Executor::kExternallyControlled;
  scenario.open_model = true;
  scenario.start = 10;
  engine::Arrivals arrivals{scenario, 1, 0};
  arrivals.change_rate(1s, 100);
  arrivals.change_rate(2s, 0);
  arrivals.change_rate(5s, 10);
  engine::ArrivalCursor cursor{arrivals, {0, 1}};
  std::map<std::int64_t, int> in_second;
  for (int i = 0; i < 130; ++i, cursor.advance())
    ++in_second[std::chrono::floor<std::chrono::seconds>(cursor.due().value()).count()];
  CHECK(in_second == std::map<std::int64_t, int>{{0, 10}, {1, 100}, {5, 10}, {6, 10}});
}

TEST_CASE("arrivals are the same for one share and for seven, even and Poisson") {
  plan::Scenario scenario;
  scenario.executor = Executor::kRampingArrivalRate;
  scenario.open_model = true;
  scenario.start = 5;
  scenario.stages = {{10s, 100}, {5s, 0}};
  for (const auto how : {plan::Arrivals::kEven, plan::Arrivals::kPoisson}) {
    scenario.arrivals = how;
    const auto one = all_arrivals(scenario, test::seed(), 1);
    CHECK(one.size() > 500);
    CHECK(all_arrivals(scenario, test::seed(), 7) == one);
  }
}

TEST_CASE("Poisson arrivals: as many as the rate says, with gaps as an exponential has them") {
  plan::Scenario scenario;
  scenario.executor = Executor::kConstantArrivalRate;
  scenario.open_model = true;
  scenario.start = 1000;
  scenario.stages = {{100s, 1000}};
  scenario.arrivals = plan::Arrivals::kPoisson;
  const auto found = all_arrivals(scenario, test::seed(), 1);
  // 100,000 expected, standard deviation sqrt(100,000) = 316.
  CHECK(std::abs(static_cast<double>(found.size()) - 100'000) < 5 * 316);
  double sum = 0, squares = 0;
  Duration before{};
  for (const auto& [number, due] : found) {
    const double gap = to_seconds(due - before);
    sum += gap;
    squares += gap * gap;
    before = due;
  }
  const auto n = static_cast<double>(found.size());
  const double mean = sum / n, deviation = std::sqrt(squares / n - mean * mean);
  CHECK(deviation / mean == doctest::Approx(1).epsilon(0.02));  // 1 for an exponential
}

TEST_CASE("segments: any number of processes with any numbers of shards own everything once") {
  for (const std::uint64_t users : {1u, 2u, 5u, 100u, 101u}) {
    for (const std::uint32_t hosts : {1u, 2u, 3u, 8u}) {
      std::set<std::uint64_t> seen;
      std::uint64_t owned = 0;
      for (std::uint32_t host = 0; host < hosts; ++host) {
        const std::uint32_t shards = 1 + host % 4;  // hosts differ
        for (std::uint32_t shard = 0; shard < shards; ++shard) {
          const auto share = engine::Share::of_scenario({shard, shards}, {host, hosts}, users);
          for (std::uint64_t n = 0; n < users; ++n)
            if (!share.idle() && share.owns(n)) seen.insert(n), ++owned;
          // Whoever owns arrivals has users for them.
          CHECK((share.idle() || share.how_many_of(users) > 0));
        }
      }
      CHECK(seen.size() == users);
      CHECK(owned == users);
    }
  }
}

TEST_CASE("segments: two processes together start what one would") {
  for (const Executor executor : {Executor::kConstantArrivalRate, Executor::kConstantVus,
                                  Executor::kSharedIterations}) {
    auto program = make_program({.executor = executor, .start = 20, .stages = {{5s, 20}},
                                 .max_vus = 20, .think = 500ms});
    program.scenarios[0].iterations = 333;
    const auto run = [&](std::uint32_t index, std::uint32_t count) {
      program.segment = {index, count};
      sim::ConstantTarget target{5ms};
      sim::Driver driver{program, target, 2};
      return driver.run().health.started;
    };
    const std::uint64_t whole = run(0, 1);
    CHECK(run(0, 2) + run(1, 2) == whole);
    CHECK(run(0, 3) + run(1, 3) + run(2, 3) == whole);
  }
}

TEST_CASE("a user is small: what it needs beyond its connection and its values") {
  CHECK(sizeof(engine::Vu) <= 512);
  MESSAGE("sizeof(Vu) = " << sizeof(engine::Vu));
}
