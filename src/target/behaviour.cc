#include "target/behaviour.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "target/route.h"
#include "target/text.h"

namespace gend::target {
namespace {

std::vector<std::string_view> words(std::string_view text, char separator) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(separator));
    text.remove_prefix(word.size() + (word.size() < text.size() ? 1 : 0));
    if (!word.empty()) all.push_back(word);
  }
  return all;
}

std::optional<double> decimal(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = number(text.substr(0, dot), 1'000'000'000);
  if (!whole) return std::nullopt;
  if (dot == text.npos) return static_cast<double>(*whole);
  const std::string_view digits = text.substr(dot + 1);
  const auto part = number(digits, 1'000'000'000);
  if (!part || digits.size() > 9) return std::nullopt;
  return static_cast<double>(*whole) +
         static_cast<double>(*part) / std::pow(10.0, static_cast<double>(digits.size()));
}

// Uniform in (0, 1]: the logarithm of it is finite.
double above_zero(Rng& rng) {
  return 1.0 - rng.unit();
}

}  // namespace

Duration Latency::sample(Rng& rng) const {
  const double a = static_cast<double>(first.count()), b = static_cast<double>(second.count());
  double ns = 0;
  switch (kind) {
    case Kind::kNone: return {};
    case Kind::kFixed: ns = a; break;
    case Kind::kUniform: ns = a + (b - a) * rng.unit(); break;
    case Kind::kNormal:  // Box-Muller
      ns = a + b * std::sqrt(-2 * std::log(above_zero(rng))) *
                   std::cos(2 * std::numbers::pi * rng.unit());
      break;
    case Kind::kExponential: ns = -a * std::log(above_zero(rng)); break;
  }
  const auto longest = static_cast<double>(kLongestDelay.count());
  return Duration{static_cast<std::int64_t>(std::clamp(ns, 0.0, longest))};
}

const Failures::One* Failures::sample(Rng& rng) const {
  if (all.empty()) return nullptr;
  double drawn = rng.unit();
  for (const One& one : all) {
    if (drawn < one.share) return &one;
    drawn -= one.share;
  }
  return nullptr;
}

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  const std::size_t unit = text.find_first_not_of("0123456789.");
  const auto value = decimal(text.substr(0, unit));
  const std::string_view name = unit == text.npos ? std::string_view{} : text.substr(unit);
  const double ns = name == "us" ? 1e3 : name == "ms" ? 1e6 : name == "s" ? 1e9
                    : name == "m" ? 60e9 : name == "h" ? 3600e9 : 0;
  if (!value || ns == 0)
    return std::unexpected{fmt::format("\"{}\" is not a duration: write 20ms, 1.5s, 1m", text)};
  return Duration{static_cast<std::int64_t>(std::llround(*value * ns))};
}

std::expected<Latency, std::string> parse_latency(std::string_view text) {
  struct Form {
    std::string_view name;
    Latency::Kind kind;
    std::size_t durations;
  };
  constexpr Form kForms[] = {{"fixed", Latency::Kind::kFixed, 1},
                             {"uniform", Latency::Kind::kUniform, 2},
                             {"normal", Latency::Kind::kNormal, 2},
                             {"exp", Latency::Kind::kExponential, 1}};
  const auto all = words(text, ' ');
  for (const Form& form : kForms) {
    if (all.empty() || all[0] != form.name || all.size() != form.durations + 1) continue;
    Latency latency{.kind = form.kind};
    for (std::size_t i = 1; i < all.size(); ++i) {
      const auto length = parse_duration(all[i]);
      if (!length) return std::unexpected{length.error()};
      if (*length > kLongestDelay)
        return std::unexpected{fmt::format("\"{}\" is longer than 10 minutes", all[i])};
      (i == 1 ? latency.first : latency.second) = *length;
    }
    if (latency.kind == Latency::Kind::kUniform && latency.second < latency.first)
      return std::unexpected{fmt::format("\"{}\": the shortest comes first", text)};
    return latency;
  }
  return std::unexpected{
      fmt::format("\"{}\" is not a latency: write \"fixed 5ms\", \"uniform 1ms 5ms\", "
                  "\"normal 20ms 5ms\" or \"exp 10ms\"",
                  text)};
}

std::expected<Failures::One, std::string> parse_failure(std::string_view text) {
  if (text == "close") return Failures::One{.fault = Fault::kClose};
  if (text == "reset") return Failures::One{.fault = Fault::kReset};
  if (text == "hang") return Failures::One{.fault = Fault::kHang};
  const auto status = number(text, 599);
  if (status && *status >= 400) return Failures::One{.status = static_cast<int>(*status)};
  return std::unexpected{
      fmt::format("\"{}\" is no failure: write a status from 400 to 599, close, reset or hang",
                  text)};
}

std::expected<std::array<std::uint32_t, demo::kTiers>, std::string> parse_limits(
    std::string_view text) {
  std::array<std::uint32_t, demo::kTiers> limits{};
  for (const std::string_view each : words(text, ',')) {
    const std::size_t equals = each.find('=');
    const auto tier = demo::parse_tier(each.substr(0, equals));
    const auto limit =
        equals == each.npos ? std::nullopt : number(each.substr(equals + 1), 1'000'000'000);
    if (!tier || !limit || *limit == 0)
      return std::unexpected{
          fmt::format("\"{}\" is not TIER=NUMBER with free, starter, professional or enterprise",
                      each)};
    limits[static_cast<std::size_t>(*tier)] = static_cast<std::uint32_t>(*limit);
  }
  return limits;
}

std::expected<Failures, std::string> parse_failures(std::string_view text) {
  Failures failures;
  double sum = 0;
  for (const std::string_view each : words(text, ',')) {
    const std::size_t colon = each.find(':');
    const auto share = decimal(each.substr(0, colon));
    if (colon == each.npos || !share || *share > 1)
      return std::unexpected{
          fmt::format("\"{}\" is not SHARE:FAILURE, such as 0.01:503 or 0.001:reset", each)};
    auto one = parse_failure(each.substr(colon + 1));
    if (!one) return std::unexpected{one.error()};
    one->share = *share;
    sum += *share;
    failures.all.push_back(*one);
  }
  if (sum > 1) return std::unexpected{fmt::format("the shares of \"{}\" are more than 1", text)};
  return failures;
}

}  // namespace gend::target
