#include "sim/latency.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include <fmt/format.h>

#include "plan/units.h"

namespace gend::sim {
namespace {

using Parsed = std::expected<Latency, std::string>;

// The 99th percentile of the standard normal distribution: ln(p99 / median) is so many sigma.
constexpr double kNormal99 = 2.3263478740408408;
// Nobody waits longer; a longer time would overflow what adds it up.
constexpr Duration kLongest = std::chrono::hours{24};

constexpr std::string_view kExponential = "exponential:", kLognormal = "lognormal:", kP99 = ",p99=";

std::optional<Duration> length_of(std::string_view text) {
  const auto parsed = plan::parse_duration(text);
  return parsed && *parsed <= kLongest ? parsed : std::nullopt;
}

Duration scaled(Duration d, double factor) {
  const double product = static_cast<double>(d.count()) * factor;
  const double most = static_cast<double>(kLongest.count());
  return Duration{static_cast<std::int64_t>(std::llround(std::min(product, most)))};
}

// Box and Muller; one of the two values is enough here.
double standard_normal(Rng& rng) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - rng.unit()));
  return radius * std::cos(2.0 * std::numbers::pi * rng.unit());
}

Parsed bad(std::string_view text) {
  return std::unexpected{
      fmt::format("\"{}\" is no latency of at most 24h ({})", text, kLatencyForms)};
}

Parsed parse_uniform(std::string_view text, std::size_t dots) {
  const auto from = length_of(text.substr(0, dots)), to = length_of(text.substr(dots + 2));
  if (!from || !to) return bad(text);
  if (*from > *to)
    return std::unexpected{fmt::format("\"{}\": the first time is the longer one", text)};
  return Latency{Latency::Kind::kUniform, *from, *to};
}

Parsed parse_lognormal(std::string_view text) {
  const std::string_view values = text.substr(kLognormal.size());
  const std::size_t comma = values.find(kP99);
  if (comma == values.npos) return bad(text);
  const auto median = length_of(values.substr(0, comma));
  const auto p99 = length_of(values.substr(comma + kP99.size()));
  if (!median || !p99) return bad(text);
  if (*median <= Duration::zero() || *p99 < *median)
    return std::unexpected{
        fmt::format("\"{}\": the median must be above 0 and p99 no less than it", text)};
  return Latency{Latency::Kind::kLognormal, *median, *p99};
}

}  // namespace

Parsed parse_latency(std::string_view text) {
  if (text.starts_with(kLognormal)) return parse_lognormal(text);
  if (text.starts_with(kExponential)) {
    const auto mean = length_of(text.substr(kExponential.size()));
    return mean ? Parsed{Latency{Latency::Kind::kExponential, *mean, {}}} : bad(text);
  }
  if (const std::size_t dots = text.find(".."); dots != text.npos) return parse_uniform(text, dots);
  const auto fixed = length_of(text);
  return fixed ? Parsed{Latency{Latency::Kind::kFixed, *fixed, {}}} : bad(text);
}

std::string show(const Latency& latency) {
  const std::string a = plan::show_duration(latency.a), b = plan::show_duration(latency.b);
  switch (latency.kind) {
    case Latency::Kind::kFixed: break;
    case Latency::Kind::kUniform: return a + ".." + b;
    case Latency::Kind::kExponential: return std::string{kExponential}.append(a);
    case Latency::Kind::kLognormal: return std::string{kLognormal}.append(a).append(kP99).append(b);
  }
  return a;
}

Duration draw(const Latency& latency, Rng& rng) {
  switch (latency.kind) {
    case Latency::Kind::kFixed: break;
    case Latency::Kind::kUniform: return latency.a + scaled(latency.b - latency.a, rng.unit());
    case Latency::Kind::kExponential: return scaled(latency.a, -std::log(1.0 - rng.unit()));
    case Latency::Kind::kLognormal: {
      const double sigma = std::log(static_cast<double>(latency.b.count()) /
                                    static_cast<double>(latency.a.count())) /
                           kNormal99;
      return scaled(latency.a, std::exp(sigma * standard_normal(rng)));
    }
  }
  return latency.a;
}

}  // namespace gend::sim
