#include "engine/user_level.h"

#include <doctest/doctest.h>

#include <vector>

using namespace gend;
using namespace gend::engine;
using namespace std::chrono_literals;

namespace {

std::vector<UserLevel::Step> all_steps(double start, const std::vector<plan::Stage>& stages) {
  UserLevel level{Curve{start, stages}};
  std::vector<UserLevel::Step> steps;
  while (const auto step = level.next()) {
    steps.push_back(*step);
    level.advance();
  }
  return steps;
}

}  // namespace

TEST_CASE("constant users all begin at once and none is told to end before the scenario does") {
  const auto steps = all_steps(3, {{10s, 3}});
  REQUIRE(steps.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    CHECK(steps[i].at == 0s);
    CHECK(steps[i].user == i);
    CHECK(steps[i].change == UserLevel::Change::kBegin);
  }
}

TEST_CASE("on a ramp to n over T user k begins at (k + 1) T / n, and the mirror ramp ends them") {
  const auto steps = all_steps(0, {{10s, 10}, {5s, 10}, {10s, 0}});
  REQUIRE(steps.size() == 20);
  for (std::uint64_t k = 0; k < 10; ++k) {
    CHECK(steps[k].at == 1s * (k + 1));
    CHECK(steps[k].user == k);
  }
  // Falling: the user that came last goes first, one second into the ramp.
  for (std::uint64_t i = 0; i < 10; ++i) {
    CHECK(steps[10 + i].at == 15s + 1s * (i + 1));
    CHECK(steps[10 + i].user == 9 - i);
    CHECK(steps[10 + i].change == UserLevel::Change::kEnd);
  }
}

TEST_CASE("a jump up and a jump down move all users at the same instant") {
  const auto steps = all_steps(2, {{1s, 2}, {0s, 5}, {1s, 5}, {0s, 1}, {1s, 1}});
  REQUIRE(steps.size() == 2 + 3 + 4);
  for (std::size_t i = 2; i < 5; ++i) CHECK(steps[i].at == 1s);
  for (std::size_t i = 5; i < 9; ++i) CHECK(steps[i].at == 2s);
  CHECK(steps[8].user == 1);
}

TEST_CASE("a ramp that turns half way gives every begin its end") {
  const auto steps = all_steps(0, {{4s, 2}, {4s, 0}, {4s, 2}, {4s, 0}});
  int wanted = 0;
  for (const auto& step : steps) wanted += step.change == UserLevel::Change::kBegin ? 1 : -1;
  CHECK(wanted == 0);
  CHECK(steps.size() == 8);
}
