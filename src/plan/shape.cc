#include "plan/shape.h"

#include <algorithm>
#include <cmath>

namespace gend::plan {

namespace {

using namespace std::chrono_literals;

constexpr double kLongestNs = 100.0 * 365 * 24 * 3600 * 1e9;

double level_value(const std::optional<Given<RateText>>& given, double fallback,
                   const ScenarioText& scenario, const Options& options) {
  const bool open = is_open_model(scenario.executor->value);
  if (!open) return scaled_users(given ? given->value.count : fallback, options.load_scale);
  const RateText rate = given ? given->value : RateText{fallback, std::nullopt};
  return per_second(rate, time_unit_of(scenario)) * options.load_scale;
}

Shape constant(double level, const ScenarioText& scenario, const Options& options) {
  const Duration duration = scenario.duration ? scenario.duration->value : Duration{};
  return {level, {{scaled(duration, options.time_scale), level}}};
}

Shape ramping(double start, const ScenarioText& scenario, const Options& options) {
  Shape shape{start, {}};
  for (const StageText& stage : scenario.stages) {
    const Duration duration = stage.duration ? stage.duration->value : Duration{};
    shape.stages.push_back(
        {scaled(duration, options.time_scale), level_value(stage.target, 0, scenario, options)});
  }
  return shape;
}

}  // namespace

double scaled_users(double users, double load_scale) {
  const double exact = users * load_scale;
  // 100 x 0.07 is 7.000000000000001 in binary: that is seven users, not eight.
  return std::ceil(exact * (1 - 1e-12));
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
    case Executor::kConstantVus: {
      const double users = scenario.vus ? static_cast<double>(scenario.vus->value) : 1;
      return constant(scaled_users(users, options.load_scale), scenario, options);
    }
    case Executor::kRampingVus: {
      const double users = scenario.start_vus ? static_cast<double>(scenario.start_vus->value) : 1;
      return ramping(scaled_users(users, options.load_scale), scenario, options);
    }
    case Executor::kConstantArrivalRate:
      return constant(level_value(scenario.rate, 0, scenario, options), scenario, options);
    case Executor::kRampingArrivalRate:
      return ramping(level_value(scenario.start_rate, 0, scenario, options), scenario, options);
    case Executor::kSharedIterations:
    case Executor::kPerVuIterations:
    case Executor::kExternallyControlled: break;  // refused where the plan is read
  }
  return {};
}

}  // namespace gend::plan
