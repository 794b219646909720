#include "sim/simulation.h"

#include <algorithm>
#include <array>

namespace gend::sim {

using namespace std::chrono_literals;

Duration bucket_for(Duration length) {
  static constexpr std::array<Duration, 31> kBuckets{
      1ms,   2ms,   5ms,   10ms,  20ms,  50ms,   100ms,  200ms,  500ms, 1s,    2s,
      5s,    10s,   15s,   30s,   1min,  2min,   3min,   5min,   10min, 15min, 20min,
      30min, 60min, 90min, 120min, 180min, 240min, 360min, 720min, 1440min};
  constexpr int kRows = 40;
  const auto fits = [&](Duration bucket) { return bucket * kRows >= length; };
  const auto found = std::ranges::find_if(kBuckets, fits);
  return found == kBuckets.end() ? kBuckets.back() : *found;
}

Duration planned_length(const plan::Program& program) {
  Duration length{};
  for (const plan::Scenario& scenario : program.scenarios)
    length = std::max(length, scenario.start_time + scenario.duration());
  return length;
}

}  // namespace gend::sim
