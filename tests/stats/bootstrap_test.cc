#include "stats/bootstrap.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/seed.h"
#include "stats/synthetic.h"

using namespace gend;
using namespace gend::stats;
using test::Server;

namespace {

constexpr std::array<double, 3> kPercentiles{50, 95, 99};

// In how many of the trials the interval left no difference out, for each percentile.
struct Rates {
  std::array<double, 3> share{};
  int trials = 0;
};
Rates rates_of(const Server& before, const Server& after, const std::string& what) {
  Rng rng = Rng::for_stream(test::seed(), before.seconds + 1000 * before.requests);
  Rates rates{.share = {}, .trials = test::trials(60)};
  std::array<int, 3> found{};
  for (int trial = 0; trial < rates.trials; ++trial) {
    const auto a = test::seconds_of(before, rng), b = test::seconds_of(after, rng);
    const auto contrasts = contrast_percentiles(a, b, kPercentiles, rng);
    for (std::size_t p = 0; p < kPercentiles.size(); ++p) {
      const Interval interval = interval_of(contrasts[p], 0.95);
      found[p] += interval.low > 0 || interval.high < 0;
    }
  }
  for (std::size_t p = 0; p < kPercentiles.size(); ++p)
    rates.share[p] = test::told("difference, " + what + ", p" +
                                    std::to_string(static_cast<int>(kPercentiles[p])),
                                found[p], rates.trials);
  return rates;
}

std::vector<Part> failures_of(std::size_t cells, double share, double phi, Rng& rng) {
  std::vector<Part> parts;
  for (const double level : test::wandering(cells, phi, rng)) {
    double hits = 0;
    const double here = share * std::exp(0.3 * level - 0.045);
    for (int i = 0; i < 100; ++i) hits += rng.unit() < here ? 1 : 0;
    parts.push_back({hits, 100});
  }
  return parts;
}

}  // namespace

TEST_CASE("two runs of equal servers differ about as often as the interval says") {
  const auto rates = rates_of({}, {}, "60 s, independent");
  for (const double share : rates.share) CHECK(share <= test::at_most(0.055, rates.trials));
}

// docs/measurement.md has the rates of a long measurement.
TEST_CASE("servers whose slowness lasts for seconds do not make differences out of nothing") {
  auto rates = rates_of({.phi = 0.5}, {.phi = 0.5}, "60 s, phi 0.5");
  for (const double share : rates.share) CHECK(share <= test::at_most(0.15, rates.trials));
  rates = rates_of({.seconds = 300, .requests = 20, .phi = 0.8},
                   {.seconds = 300, .requests = 20, .phi = 0.8}, "300 s, phi 0.8");
  for (const double share : rates.share) CHECK(share <= test::at_most(0.15, rates.trials));
}

TEST_CASE("a server that is a fifth slower is found out in a minute") {
  const auto rates = rates_of({}, {.median_ms = 24}, "60 s, 20 % slower");
  CHECK(rates.share[0] > 0.98);
  CHECK(rates.share[1] > 0.9);
}

TEST_CASE("what the plan does is in both runs and costs no certainty") {
  Rng rng{test::seed()};
  const Server steady{.seconds = 120, .wander = 0.05};
  Server ramp = steady;
  ramp.slower_by_the_end = 4;
  const std::array median{50.0};
  const auto error_of = [&](const Server& server) {
    const auto a = test::seconds_of(server, rng), b = test::seconds_of(server, rng);
    return contrast_percentiles(a, b, median, rng)[0].log_error;
  };
  // The medians of the ramp's seconds differ by a factor of five: drawn independently, the median
  // of a run would vary by a fifth of itself and more.
  CHECK(error_of(ramp) < 4 * error_of(steady));
  CHECK(error_of(ramp) < 0.08);
}

TEST_CASE("a run against itself differs by nothing, and the buckets' width is the doubt") {
  Rng rng{test::seed()};
  const auto run = test::seconds_of({}, rng);
  for (const Contrast& contrast : contrast_percentiles(run, run, kPercentiles, rng)) {
    CHECK(contrast.before == contrast.after);
    CHECK(contrast.has_ratio);
    CHECK(contrast.log_error == doctest::Approx(std::sqrt(2.0 / 12) / 128));
    const Interval interval = interval_of(contrast, 0.95);
    CHECK(interval.low < 0);
    CHECK(interval.high > 0);
    CHECK(interval.high < 0.01 * contrast.before);
  }
}

TEST_CASE("the estimates are the percentiles of the whole runs") {
  Rng rng{test::seed()};
  const auto a = test::seconds_of({}, rng), b = test::seconds_of({.median_ms = 40}, rng);
  Histogram whole;
  for (const auto& second : b) whole.merge(second);
  const auto contrasts = contrast_percentiles(a, b, kPercentiles, rng);
  for (std::size_t p = 0; p < kPercentiles.size(); ++p)
    CHECK(contrasts[p].after == whole.percentile(kPercentiles[p]));
}

TEST_CASE("times that are zero have differences and no ratio") {
  Rng rng{test::seed()};
  Histogram zeros;
  zeros.add_n(0, 10);
  const std::vector<Histogram::Slice> run(20, zeros.slice());
  const std::array median{50.0};
  const auto contrast = contrast_percentiles(run, test::seconds_of({.seconds = 20}, rng), median,
                                             rng)[0];
  CHECK_FALSE(contrast.has_ratio);
  CHECK(contrast.before == 0);
  CHECK(interval_of(contrast, 0.95).low > 0);
}

TEST_CASE("cells without a sample are no obstacle") {
  Rng rng{test::seed()};
  auto a = test::seconds_of({}, rng), b = test::seconds_of({}, rng);
  for (std::size_t i = 0; i < a.size(); i += 2) a[i] = {};
  for (std::size_t i = 5; i < b.size(); ++i) b[i] = {};
  const auto contrasts = contrast_percentiles(a, b, kPercentiles, rng);
  const Interval interval = interval_of(contrasts[0], 0.95);
  CHECK(std::isfinite(interval.low));
  CHECK(std::isfinite(interval.high));
}

TEST_CASE("blocks are never fewer than eight, nor more than 64") {
  Rng rng{test::seed()};
  const auto few = test::seconds_of({.seconds = 9, .phi = 0.9}, rng);
  const auto others = test::seconds_of({.seconds = 9, .phi = 0.9}, rng);
  CHECK(contrast_percentiles(few, others, kPercentiles, rng)[0].blocks >= kBlocksFewest);
  const auto many = test::seconds_of({.seconds = 600, .requests = 2, .wander = 0}, rng);
  const auto other = test::seconds_of({.seconds = 600, .requests = 2, .wander = 0}, rng);
  CHECK(contrast_percentiles(many, other, kPercentiles, rng)[0].blocks <= kBlocksMost);
}

TEST_CASE("the same seed draws the same") {
  Rng rng{test::seed()};
  const auto a = test::seconds_of({}, rng), b = test::seconds_of({}, rng);
  Rng one{7}, two{7}, three{8};
  const double first = contrast_percentiles(a, b, kPercentiles, one)[0].log_error;
  CHECK(contrast_percentiles(a, b, kPercentiles, two)[0].log_error == first);
  CHECK(contrast_percentiles(a, b, kPercentiles, three)[0].log_error != first);
}

TEST_CASE("shares of failures: equal ones rarely differ, a doubled one does") {
  Rng rng{test::seed()};
  const int trials = test::trials(150);
  int alarms = 0, found = 0;
  for (int i = 0; i < trials; ++i) {
    const auto a = failures_of(60, 0.05, 0, rng);
    const auto equal = failures_of(60, 0.05, 0, rng), worse = failures_of(60, 0.1, 0, rng);
    const Interval same = interval_of(contrast_of(a, equal, rng), 0.95);
    alarms += same.low > 0 || same.high < 0;
    found += interval_of(contrast_of(a, worse, rng), 0.95).low > 0;
  }
  CHECK(test::told("shares, equal", alarms, trials) <= test::at_most(0.055, trials));
  CHECK(test::told("shares, doubled", found, trials) > 0.99);
}

// The error of a mean of n independent values is their deviation over the root of n.
TEST_CASE("the error of a mean is the one of the textbook") {
  Rng rng{test::seed()};
  std::vector<Part> a, b;
  for (int i = 0; i < 640; ++i) {
    a.push_back({100 + 10 * test::normal(rng), 1});
    b.push_back({100 + 10 * test::normal(rng), 1});
  }
  const Contrast contrast = contrast_of(a, b, rng);
  const double expected = 10 * std::sqrt(2.0 / 640);
  // An error estimated from 64 blocks is itself good to 9 %.
  CHECK(std::abs(contrast.error / expected - 1) < 0.45);
  CHECK(std::abs(contrast.log_error / (expected / 100) - 1) < 0.45);
}
