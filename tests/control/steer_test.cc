#include "control/steer.h"

#include <doctest/doctest.h>

#include "control/facts.h"

using namespace gend;
using control::refusal_of;
using Kind = engine::Command::Kind;

namespace {

plan::Program program_with(std::initializer_list<bool> open_models, std::uint64_t max_vus) {
  plan::Program program;
  for (const bool open : open_models) {
    plan::Scenario scenario;
    scenario.executor = plan::Executor::kExternallyControlled;
    scenario.open_model = open;
    scenario.max_vus = max_vus;
    program.scenarios.push_back(std::move(scenario));
  }
  program.scenarios.emplace_back();  // one that nobody controls
  return program;
}

bool obeys(const plan::Program& program, Kind kind, double value = 0) {
  return !refusal_of({.kind = kind, .value = value}, program);
}

}  // namespace

TEST_CASE("users are a whole number from none to as many as the plan allows") {
  const plan::Program program = program_with({false}, 50);
  for (const double users : {0.0, 1.0, 50.0}) CHECK(obeys(program, Kind::kUsers, users));
  for (const double users : {-1.0, 0.5, 51.0, 1e300})
    CHECK_FALSE(obeys(program, Kind::kUsers, users));
  CHECK(refusal_of({.kind = Kind::kUsers, .value = 51}, program) ==
        "51 users, expected a whole number from 0 to maxVUs, which is 50");
}

TEST_CASE("a rate is for scenarios that have one, users for the others") {
  const plan::Program open = program_with({true}, 50), closed = program_with({false}, 50),
                      both = program_with({true, false}, 50);
  CHECK(obeys(open, Kind::kRate, 1000));
  CHECK_FALSE(obeys(open, Kind::kRate, -1));
  CHECK_FALSE(obeys(open, Kind::kRate, 1e9));
  CHECK_FALSE(obeys(open, Kind::kUsers, 1));
  CHECK_FALSE(obeys(closed, Kind::kRate, 1));
  CHECK(obeys(both, Kind::kRate, 1));
  CHECK(obeys(both, Kind::kUsers, 1));
}

TEST_CASE("pause and resume need something that is controlled from outside") {
  for (const Kind kind : {Kind::kPause, Kind::kResume, Kind::kUsers, Kind::kRate}) {
    CHECK_FALSE(obeys(program_with({}, 0), kind));
  }
  CHECK(obeys(program_with({true}, 1), Kind::kPause));
  CHECK(obeys(program_with({false}, 1), Kind::kResume));
}

TEST_CASE("what was done is told in words") {
  CHECK(control::describe({.kind = Kind::kUsers, .value = 50}) == "users set to 50");
  CHECK(control::describe({.kind = Kind::kRate, .value = 12.5}) == "rate set to 12.5/s");
  CHECK(control::describe({.kind = Kind::kPause}) == "paused");
  CHECK(control::describe({.kind = Kind::kResume}) == "resumed");
}

TEST_CASE("a report says what of each scenario can be changed while it runs") {
  const auto facts = control::scenario_facts(program_with({true, false}, 50));
  REQUIRE(facts.size() == 3);
  CHECK(facts[0].steered == report::Steered::kRate);
  CHECK(facts[1].steered == report::Steered::kUsers);
  CHECK(facts[2].steered == report::Steered::kNot);
}
