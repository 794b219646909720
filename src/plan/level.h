#pragma once

#include <span>

#include "base/time.h"
#include "plan/program.h"

namespace gend::plan {

// Load over time: piecewise linear through `start` and the stages. The unit is that of the stages,
// users or arrivals per second.
struct Level {
  double start = 0;
  std::span<const Stage> stages;
};
inline Level level_of(const Scenario& scenario) {
  return {scenario.start, scenario.stages};
}

Duration duration_of(Level level);
double peak_of(Level level);
// At `since` the scenario's start; 0 before it and after the last stage. On a jump (a stage of zero
// length) the level after it.
double level_at(Level level, Duration since);
// The area under the level from the scenario's start until `until`, in units x seconds: for rates
// the number of arrivals. Exact up to double's rounding.
double area_until(Level level, Duration until);

}  // namespace gend::plan
