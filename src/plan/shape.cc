#include "plan/shape.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/limits.h"

namespace gend::plan {

namespace {

using namespace std::chrono_literals;

constexpr Duration kMaxDuration = 10min;  // of executors that count iterations; k6's
constexpr double kLongestNs = 100.0 * 365 * 24 * 3600 * 1e9;

double level_value(const std::optional<Given<RateText>>& given, double fallback,
                   const ScenarioText& scenario, const Options& options) {
  if (!scenario.is_open_model())
    return scaled_users(given ? given->value.count : fallback, options.load_scale);
  const RateText rate = given ? given->value : RateText{fallback, std::nullopt};
  return per_second(rate, time_unit_of(scenario)) * options.load_scale;
}

Shape constant(double level, Duration duration, const Options& options) {
  return {level, {{scaled(duration, options.time_scale), level}}};
}

// What was written but could not be read is complained of already, and counts as nothing.
Duration duration_of(const ScenarioText& scenario) {
  return scenario.duration ? scenario.duration->value : Duration{};
}
Duration max_duration_of(const ScenarioText& scenario) {
  if (scenario.max_duration) return scenario.max_duration->value;
  return scenario.find_key("maxDuration") != nullptr ? Duration{} : Duration{kMaxDuration};
}

double users_of(const std::optional<Given<std::int64_t>>& given, const Options& options) {
  return scaled_users(given ? static_cast<double>(given->value) : 1, options.load_scale);
}

Shape ramping(double start, const ScenarioText& scenario, const Options& options) {
  Shape shape{start, {}};
  for (const StageText& stage : scenario.stages) {
    const Duration duration = stage.duration ? stage.duration->value : Duration{};
    shape.stages.push_back({scaled(duration, options.time_scale),
                            level_value(stage.target, 0, scenario, options), stage.name});
    if (stage.name.empty()) shape.stages.back().name = std::to_string(shape.stages.size());
  }
  return shape;
}

}  // namespace

double scaled_users(double users, double load_scale) {
  const double exact = users * load_scale;
  // 100 x 0.07 is 7.000000000000001 in binary: that is seven users, not eight.
  return std::ceil(exact * (1 - 1e-12));
}

std::uint64_t scaled_iterations(std::uint64_t iterations, double load_scale) {
  const double scaled = scaled_users(static_cast<double>(iterations), load_scale);
  return static_cast<std::uint64_t>(
      std::min(scaled, static_cast<double>(limits::kIterations)));
}

Duration scaled(Duration duration, double time_scale) {
  const double ns = static_cast<double>(duration.count()) * time_scale;
  return Duration{static_cast<std::int64_t>(std::llround(std::min(ns, kLongestNs)))};
}

double per_second(const RateText& rate, Duration time_unit) {
  return rate.count / to_seconds(rate.per.value_or(time_unit));
}

Duration time_unit_of(const ScenarioText& scenario) {
  const bool usable = scenario.time_unit && scenario.time_unit->value > Duration{};
  return usable ? scenario.time_unit->value : Duration{1s};
}

Shape shape_of(const ScenarioText& scenario, const Options& options) {
  if (!scenario.executor) return {};
  switch (scenario.executor->value) {
    case Executor::kConstantVus:
      return constant(users_of(scenario.vus, options), duration_of(scenario), options);
    case Executor::kSharedIterations:
    case Executor::kPerVuIterations:
      return constant(users_of(scenario.vus, options), max_duration_of(scenario), options);
    case Executor::kExternallyControlled:
      if (!scenario.is_open_model())
        return constant(users_of(scenario.vus, options), duration_of(scenario), options);
      [[fallthrough]];
    case Executor::kConstantArrivalRate:
      return constant(level_value(scenario.rate, 0, scenario, options), duration_of(scenario),
                      options);
    case Executor::kRampingVus: return ramping(users_of(scenario.start_vus, options), scenario,
                                               options);
    case Executor::kRampingArrivalRate:
      return ramping(level_value(scenario.start_rate, 0, scenario, options), scenario, options);
  }
  return {};
}

}  // namespace gend::plan
