#include "plan/level.h"

#include <algorithm>

namespace gend::plan {

Duration duration_of(Level level) {
  Duration total{};
  for (const Stage& stage : level.stages) total += stage.duration;
  return total;
}

Duration Scenario::duration() const {
  return duration_of(level_of(*this));
}

double peak_of(Level level) {
  double peak = level.start;
  for (const Stage& stage : level.stages) peak = std::max(peak, stage.target);
  return peak;
}

double level_at(Level level, Duration since) {
  if (since < Duration{}) return 0;
  double from = level.start;
  for (const Stage& stage : level.stages) {
    if (since < stage.duration) {
      return from + (stage.target - from) * (to_seconds(since) / to_seconds(stage.duration));
    }
    since -= stage.duration;
    from = stage.target;
  }
  return 0;
}

double area_until(Level level, Duration until) {
  double area = 0, from = level.start;
  for (const Stage& stage : level.stages) {
    if (until <= Duration{}) break;
    const Duration part = std::min(until, stage.duration);
    if (part > Duration{}) {
      const double share = to_seconds(part) / to_seconds(stage.duration);
      const double reached = from + (stage.target - from) * share;
      area += (from + reached) / 2 * to_seconds(part);
    }
    until -= stage.duration;
    from = stage.target;
  }
  return area;
}

}  // namespace gend::plan
