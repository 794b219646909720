#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "sim/latency.h"
#include "support/seed.h"

using namespace gend;
using namespace std::chrono_literals;
using sim::Latency;

namespace {

std::vector<double> drawn_ms(const std::string& text, std::size_t n) {
  const auto latency = sim::parse_latency(text);
  REQUIRE(latency);
  Rng rng{test::seed()};
  std::vector<double> all(n);
  for (double& each : all) each = to_seconds(sim::draw(*latency, rng)) * 1e3;
  std::ranges::sort(all);
  return all;
}

double mean(const std::vector<double>& all) {
  double sum = 0;
  for (const double each : all) sum += each;
  return sum / static_cast<double>(all.size());
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

TEST_CASE("every form of a latency is read, and shown as it reads") {
  for (const char* text :
       {"20ms", "0s", "10ms..50ms", "exponential:30ms", "lognormal:20ms,p99=200ms", "1.5s"}) {
    CAPTURE(text);
    const auto latency = sim::parse_latency(text);
    REQUIRE(latency);
    CHECK(sim::show(*latency) == text);
  }
}

TEST_CASE("what is no latency is refused, and the message says what would be one") {
  for (const char* text : {"", "20", "-1ms", "fast", "10ms..", "..10ms", "10ms..x", "normal:3ms",
                           "exponential:", "lognormal:20ms", "lognormal:20ms,p95=30ms", "25h",
                           "lognormal:20ms,p99=", "20ms 30ms"}) {
    CAPTURE(text);
    const auto latency = sim::parse_latency(text);
    REQUIRE_FALSE(latency);
    CHECK(latency.error().find("20ms, 10ms..50ms") != std::string::npos);
  }
  CHECK(sim::parse_latency("50ms..10ms").error().find("longer") != std::string::npos);
  CHECK(sim::parse_latency("lognormal:0s,p99=1s").error().find("above 0") != std::string::npos);
  CHECK(sim::parse_latency("lognormal:2s,p99=1s").error().find("p99") != std::string::npos);
}

TEST_CASE("distributions have the moments and quantiles that they are named by") {
  constexpr std::size_t kDraws = 200'000;
  CHECK(mean(drawn_ms("20ms", 10)) == doctest::Approx(20));

  const auto uniform = drawn_ms("10ms..50ms", kDraws);
  CHECK(uniform.front() >= 10);
  CHECK(uniform.back() <= 50);
  CHECK(mean(uniform) == doctest::Approx(30).epsilon(0.01));  // sd of the mean: 0.03

  const auto exponential = drawn_ms("exponential:30ms", kDraws);
  CHECK(mean(exponential) == doctest::Approx(30).epsilon(0.02));
  CHECK(quantile(exponential, 0.5) == doctest::Approx(30 * std::log(2)).epsilon(0.02));

  const auto lognormal = drawn_ms("lognormal:20ms,p99=200ms", kDraws);
  CHECK(quantile(lognormal, 0.5) == doctest::Approx(20).epsilon(0.03));
  CHECK(quantile(lognormal, 0.99) == doctest::Approx(200).epsilon(0.06));
}

TEST_CASE("no draw is longer than a day, however heavy the tail") {
  const auto all = drawn_ms("lognormal:1ns,p99=24h", 20'000);
  CHECK(all.front() >= 0);
  CHECK(all.back() <= 24.0 * 3600 * 1000);
}
