#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/rng.h"
#include "base/time.h"

namespace gend::sim {

// How long a model takes to serve one request: a distribution.
struct Latency {
  enum class Kind : std::uint8_t {
    kFixed,        // a
    kUniform,      // a to b
    kExponential,  // mean a
    kLognormal     // median a, 99th percentile b
  };
  Kind kind = Kind::kFixed;
  Duration a{std::chrono::milliseconds{20}}, b{};
};

inline constexpr std::string_view kLatencyForms =
    "20ms, 10ms..50ms, exponential:30ms, lognormal:20ms,p99=200ms";

// The error is a sentence without its place.
std::expected<Latency, std::string> parse_latency(std::string_view text);
std::string show(const Latency& latency);  // reads back as the same

Duration draw(const Latency& latency, Rng& rng);

}  // namespace gend::sim
