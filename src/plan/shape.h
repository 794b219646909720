#pragma once

#include <cstdint>
#include <vector>

#include "plan/load.h"
#include "plan/profile.h"
#include "plan/program.h"

namespace gend::plan {

// What a scenario's text means as load over time, scaled: durations by --time-scale, users and
// rates by --load-scale. Users are rounded up, so that nobody who was there vanishes; rates are
// exact.
struct Shape {
  double start = 0;  // users, or arrivals per second
  std::vector<Stage> stages;
};
Shape shape_of(const ScenarioText& scenario, const Options& options);

double scaled_users(double users, double load_scale);
// Rounded up as users are; saturates at limits::kIterations.
std::uint64_t scaled_iterations(std::uint64_t iterations, double load_scale);
// Saturates at 100 years, which no limit allows.
Duration scaled(Duration duration, double time_scale);

// Arrivals per second.
double per_second(const RateText& rate, Duration time_unit);
Duration time_unit_of(const ScenarioText& scenario);

}  // namespace gend::plan
