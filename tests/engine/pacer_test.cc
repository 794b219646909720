#include "engine/pacer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::engine;
using namespace std::chrono_literals;

namespace {
Pacer constant(double rate, Duration length) {
  return Pacer{Curve{rate, {{length, rate}}}};
}
}  // namespace

TEST_CASE("at a constant rate arrival n is due at n / rate, to the nanosecond") {
  const Pacer pacer = constant(20, 10s);
  CHECK(pacer.total() == 200);
  for (std::uint64_t n = 0; n < 200; ++n) CHECK(pacer.due(n) == 50ms * n);
}

TEST_CASE("an odd rate does not drift: 60 s at 7,919 a second are exactly 475,140 arrivals") {
  const Pacer pacer = constant(7919, 60s);
  CHECK(pacer.total() == 475'140);
  // Integer arithmetic as the witness: floor(n x 10^9 / 7919).
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{7918},
                                std::uint64_t{7919}, std::uint64_t{475'139}})
    CHECK(pacer.due(n).count() == static_cast<std::int64_t>(n * 1'000'000'000ULL / 7919ULL));
}

TEST_CASE("a ramp from 0 to r over T brings r x T / 2 arrivals, the n-th at T x sqrt(2n / (r T))") {
  const Pacer pacer{Curve{0, {{10s, 100}}}};
  CHECK(pacer.total() == 500);
  for (const std::uint64_t n : {0U, 1U, 2U, 125U, 499U}) {
    const double seconds = 10.0 * std::sqrt(2.0 * static_cast<double>(n) / 1000.0);
    CHECK(to_seconds(pacer.due(n)) == doctest::Approx(seconds).epsilon(1e-9));
  }
}

TEST_CASE("a falling ramp mirrors the rising one") {
  const Pacer down{Curve{100, {{10s, 0}}}};
  CHECK(down.total() == 500);
  // N(t) = 100 t - 5 t^2 = 375 at t = 5.
  CHECK(to_seconds(down.due(375)) == doctest::Approx(5.0).epsilon(1e-9));
}

TEST_CASE("nothing is due while the rate is zero, and the first arrival comes with the rate") {
  const Pacer pacer{Curve{0, {{5s, 0}, {0s, 10}, {1s, 10}, {5s, 0}}}};
  CHECK(pacer.total() == 35);
  CHECK(pacer.due(0) == 5s);
  CHECK(pacer.due(1) == 5100ms);
  CHECK(pacer.count_due(4999ms) == 0);
  CHECK(pacer.count_due(5s) == 1);
}

TEST_CASE("a stage of zero length jumps: a spike begins at once") {
  const Pacer pacer{Curve{10, {{1s, 10}, {0s, 200}, {1s, 200}, {0s, 10}, {1s, 10}}}};
  CHECK(pacer.total() == 220);
  CHECK(pacer.due(10) == 1s);
  CHECK(pacer.due(11) == 1005ms);
  CHECK(pacer.due(210) == 2s);
}

TEST_CASE("count_due is the inverse of due for any curve") {
  Rng rng{test::seed()};
  for (int round = 0; round < 50; ++round) {
    std::vector<plan::Stage> stages;
    for (std::uint64_t i = 0; i <= rng.below(6); ++i)
      stages.push_back({Duration{static_cast<std::int64_t>(rng.below(5'000'000'000))},
                        static_cast<double>(rng.below(200))});
    const Pacer pacer{Curve{static_cast<double>(rng.below(200)), stages}};
    Duration before{};
    for (std::uint64_t n = 0; n < pacer.total(); ++n) {
      const Duration due = pacer.due(n);
      REQUIRE(due >= before);
      REQUIRE(due < pacer.rate().length());
      before = due;
      if (n % 16 != 0) continue;
      REQUIRE(pacer.count_due(due) > n);
      REQUIRE(pacer.count_due(due - 1ns) <= n);
    }
    CHECK(pacer.count_due(1h) == pacer.total());
  }
}

TEST_CASE("a scaled rate whose product is not exact in binary gains no arrival") {
  // 0.1 x 21 = 2.1000000000000001 a second for 10 s are 21 arrivals, not 22.
  CHECK(constant(0.1 * 21, 10s).total() == 21);
  CHECK(constant(1.0 / 3.0, 3s).total() == 1);
}
