#pragma once

#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "demo/population.h"
#include "target/message.h"

namespace gend::target {

// How long an answer takes: "fixed 5ms", "uniform 1ms 5ms", "normal 20ms 5ms", "exp 10ms".
struct Latency {
  enum class Kind : std::uint8_t { kNone, kFixed, kUniform, kNormal, kExponential };
  Kind kind = Kind::kNone;
  Duration first{};   // the length, the shortest, or the mean
  Duration second{};  // the longest, or the standard deviation

  // Never below zero or above kLongestDelay.
  Duration sample(Rng& rng) const;
};

// What goes wrong, and how often: "0.01:503,0.001:reset".
struct Failures {
  struct One {
    double share = 0;
    int status = 0;  // 0: `fault`
    Fault fault = Fault::kNone;
  };
  std::vector<One> all{};

  // The failure of this request; null for most.
  const One* sample(Rng& rng) const;
};

std::expected<Duration, std::string> parse_duration(std::string_view text);  // "20ms", "1m"
std::expected<Latency, std::string> parse_latency(std::string_view text);
std::expected<Failures, std::string> parse_failures(std::string_view text);
// "free=20,starter=200": requests a window; 0 for tiers that are not named.
std::expected<std::array<std::uint32_t, demo::kTiers>, std::string> parse_limits(
    std::string_view text);
// "503", "reset", "close" or "hang": the value of X-Fail.
std::expected<Failures::One, std::string> parse_failure(std::string_view text);

}  // namespace gend::target
