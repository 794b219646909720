#include "target/behaviour.h"

#include <doctest/doctest.h>

#include <cmath>

#include "support/seed.h"

using namespace gend;
using namespace gend::target;
using namespace std::chrono_literals;

TEST_CASE("latencies are read, and whatever is none is refused with the forms there are") {
  CHECK(parse_latency("fixed 5ms")->first == 5ms);
  CHECK(parse_latency("normal 20ms 1.5ms")->second == 1500us);
  CHECK(parse_latency("uniform 1ms 1ms").has_value());
  for (const char* bad : {"", "5ms", "fixed", "fixed 5", "fixed 5ms 6ms", "normal 5ms", "exp -1ms",
                          "uniform 2ms 1ms", "fixed 1h", "fixed 1..5ms", "often 1ms"})
    CHECK_MESSAGE(!parse_latency(bad).has_value(), bad);
}

TEST_CASE("what is drawn has the mean and the deviation that were asked for") {
  Rng rng{test::seed()};
  struct Case {
    const char* text;
    double mean_ms, deviation_ms;
  };
  for (const Case& c : {Case{"fixed 5ms", 5, 0}, Case{"uniform 1ms 5ms", 3, 4 / std::sqrt(12.0)},
                        Case{"normal 50ms 5ms", 50, 5}, Case{"exp 10ms", 10, 10}}) {
    const Latency latency = *parse_latency(c.text);
    constexpr int kDrawn = 20'000;
    double sum = 0;
    for (int i = 0; i < kDrawn; ++i) sum += to_ms(latency.sample(rng));
    // Six standard errors.
    CHECK(std::abs(sum / kDrawn - c.mean_ms) <= 6 * c.deviation_ms / std::sqrt(kDrawn) + 1e-6);
  }
}

TEST_CASE("failures come as often as they were asked for, and no request has two") {
  const Failures failures = *parse_failures("0.25:503,0.5:reset");
  Rng rng{test::seed()};
  int status = 0, reset = 0, none = 0;
  constexpr int kDrawn = 20'000;
  for (int i = 0; i < kDrawn; ++i) {
    const auto* one = failures.sample(rng);
    if (one == nullptr)
      ++none;
    else
      ++(one->status == 503 ? status : reset);
  }
  const double six_deviations = 6 * std::sqrt(kDrawn * 0.25);
  CHECK(std::abs(status - kDrawn * 0.25) < six_deviations);
  CHECK(std::abs(reset - kDrawn * 0.5) < six_deviations);
  CHECK(std::abs(none - kDrawn * 0.25) < six_deviations);
  for (const char* bad : {"503", "0.1:", "0.1:200", "1.1:503", "0.6:503,0.5:reset", "x:503"})
    CHECK_MESSAGE(!parse_failures(bad).has_value(), bad);
}

TEST_CASE("limits name tiers; those that are not named keep their own") {
  const auto limits = parse_limits("free=100,enterprise=7");
  REQUIRE(limits.has_value());
  CHECK(*limits == std::array<std::uint32_t, 4>{100, 0, 0, 7});
  for (const char* bad : {"gold=1", "free", "free=0", "free=x"})
    CHECK_MESSAGE(!parse_limits(bad).has_value(), bad);
}
