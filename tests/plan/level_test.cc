#include "plan/level.h"

#include <chrono>
#include <vector>

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;

namespace {
// 0 to 100 in 10 s, stays 20 s, jumps to 40, falls to 0 in 4 s.
const std::vector<Stage> kStages{{10s, 100}, {20s, 100}, {0s, 40}, {4s, 0}};
const Level kLevel{0, kStages};
}  // namespace

TEST_CASE("between two stages the level is a straight line") {
  CHECK(level_at(kLevel, 0s) == 0);
  CHECK(level_at(kLevel, 5s) == doctest::Approx(50));
  CHECK(level_at(kLevel, 12s) == 100);
  CHECK(level_at(kLevel, 32s) == doctest::Approx(20));
}

TEST_CASE("at a jump the level is the one after it, just before it the one before") {
  CHECK(level_at(kLevel, 30s) == 40);
  CHECK(level_at(kLevel, 30s - 1ns) == doctest::Approx(100));
}

TEST_CASE("outside of the scenario there is no load") {
  CHECK(level_at(kLevel, -1ns) == 0);
  CHECK(level_at(kLevel, 34s) == 0);
}

TEST_CASE("the area is that of triangles and rectangles") {
  CHECK(area_until(kLevel, 10s) == doctest::Approx(500));
  CHECK(area_until(kLevel, 5s) == doctest::Approx(125));
  CHECK(area_until(kLevel, 30s) == doctest::Approx(2500));
  CHECK(area_until(kLevel, 34s) == doctest::Approx(2580));
  CHECK(area_until(kLevel, 1h) == doctest::Approx(2580));
  CHECK(area_until(kLevel, -1s) == 0);
}

TEST_CASE("the peak counts the start and every target") {
  CHECK(peak_of(kLevel) == 100);
  CHECK(peak_of({7, {}}) == 7);
  CHECK(duration_of(kLevel) == Duration{34s});
}
