#include "stats/slope.h"

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "stats/dependence.h"
#include "support/seed.h"
#include "stats/synthetic.h"

using namespace gend;
using namespace gend::stats;

namespace {

std::vector<Point> line(std::size_t n, double begin, double per_unit) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < n; ++i)
    points.push_back({static_cast<double>(i), begin + per_unit * static_cast<double>(i)});
  return points;
}

// How often the interval of a series that wanders around a line leaves zero out on the far side.
struct Alarms {
  double share;
  double bound;  // of the nominal 5 %
};
Alarms alarms_of(std::size_t n, double phi, double per_unit, const std::string& what) {
  Rng rng = Rng::for_stream(test::seed(), n + static_cast<std::size_t>(phi * 100));
  const int trials = test::trials(80);
  int alarms = 0;
  for (int trial = 0; trial < trials; ++trial) {
    auto points = line(n, 100, per_unit);
    const auto noise = test::wandering(n, phi, rng);
    for (std::size_t i = 0; i < n; ++i) points[i].value += noise[i];
    const auto slope = slope_of(points, 0.95);
    REQUIRE(slope.has_value());
    alarms += slope->low > 0 || slope->high < 0;
  }
  return {test::told("slope, " + what, alarms, trials), test::at_most(0.05, trials)};
}

}  // namespace

TEST_CASE("points on a line have its slope, and no doubt about it") {
  const auto slope = slope_of(line(40, 7, 0.5), 0.95);
  REQUIRE(slope.has_value());
  CHECK(slope->per_unit == doctest::Approx(0.5));
  CHECK(slope->low == doctest::Approx(0.5));
  CHECK(slope->high == doctest::Approx(0.5));
  CHECK(slope->begin == doctest::Approx(7));
  CHECK(slope->end == doctest::Approx(26.5));
  CHECK(slope->length == 39);
}

TEST_CASE("a level that never moves has no slope") {
  const auto slope = slope_of(line(40, 7, 0), 0.95);
  REQUIRE(slope.has_value());
  CHECK(slope->per_unit == 0);
  CHECK(slope->low == 0);
  CHECK(slope->high == 0);
}

TEST_CASE("one wild point in five does not move the slope much") {
  auto points = line(100, 50, 0.2);
  for (std::size_t i = 0; i < points.size(); i += 5) points[i].value = 1e6;
  const auto slope = slope_of(points, 0.95);
  REQUIRE(slope.has_value());
  CHECK(std::abs(slope->per_unit - 0.2) < 0.05);
}

TEST_CASE("few points say nothing of a slope") {
  CHECK_FALSE(slope_of(line(kSlopePointsFewest - 1, 1, 1), 0.95).has_value());
  CHECK(slope_of(line(kSlopePointsFewest, 1, 1), 0.95).has_value());
}

TEST_CASE("unequal steps in time count as what they are") {
  std::vector<Point> points;
  for (int i = 0; i < 20; ++i) points.push_back({static_cast<double>(i * i), 3.0 * i * i + 1});
  CHECK(slope_of(points, 0.95)->per_unit == doctest::Approx(3));
}

TEST_CASE("a steady level is called a slope about as often as the interval says") {
  const auto independent = alarms_of(60, 0, 0, "60 points, independent");
  CHECK(independent.share <= independent.bound);
  const auto longer = alarms_of(200, 0, 0, "200 points, independent");
  CHECK(longer.share <= longer.bound);
}

// docs/measurement.md has the rates of a long measurement.
TEST_CASE("resemblance of neighbours does not make slopes out of nothing") {
  const int trials = test::trials(80);
  CHECK(alarms_of(60, 0.5, 0, "60 points, phi 0.5").share <= test::at_most(0.15, trials));
  CHECK(alarms_of(200, 0.5, 0, "200 points, phi 0.5").share <= test::at_most(0.12, trials));
  CHECK(alarms_of(200, 0.8, 0, "200 points, phi 0.8").share <= test::at_most(0.15, trials));
}

TEST_CASE("a slope that is there is found") {
  // Over the whole length the level rises by 3 standard deviations of a point: the error of a
  // slope over 200 points is 0.25 of one over that length.
  const auto found = alarms_of(200, 0, 3.0 / 200, "200 points, rises by 3 deviations");
  CHECK(found.share > 0.99);
  CHECK(alarms_of(200, 0.5, 3.0 / 200, "the same, phi 0.5").share > 0.97);
}

TEST_CASE("independent values need no blocks, resembling ones need long ones") {
  Rng rng{test::seed()};
  double independent = 0, resembling = 0, inflation = 0;
  for (int i = 0; i < 20; ++i) {
    independent += dependence_of(test::wandering(500, 0, rng)).block / 20;
    const auto found = dependence_of(test::wandering(500, 0.8, rng));
    resembling += found.block / 20;
    inflation += found.inflation / 20;
  }
  CHECK(independent < 5);
  CHECK(resembling > 10);
  // (1 + phi) / (1 - phi) = 9, and estimates of it are rather low.
  CHECK(inflation > 5);
  CHECK(inflation < 13);
}

TEST_CASE("series without anything to say have no resemblance") {
  CHECK(dependence_of(std::vector<double>(100, 3.0)).block == 1);
  CHECK(dependence_of({}).inflation == 1);
  std::vector<double> alternating;
  for (int i = 0; i < 100; ++i) alternating.push_back(i % 2);
  CHECK(dependence_of(alternating).inflation == 1);
}
