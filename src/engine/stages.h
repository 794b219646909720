#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "plan/program.h"

namespace gend::engine {

// Which stage of its scenario a moment belongs to, for the `stage` tag. A request belongs to the
// stage it was wanted in, however late it is carried out: so a backlog counts for the stage that
// made it.
class Stages {
 public:
  // `start`: of the run.
  Stages(const plan::Scenario& scenario, TimePoint start) {
    // Scenarios with other numbers of stages have no such tag.
    if (scenario.stages.size() < 2 || scenario.stages.size() > limits::kTaggedStages) return;
    TimePoint at = start + scenario.start_time;
    for (const plan::Stage& stage : scenario.stages) ends_.push_back(at += stage.duration);
    ends_.pop_back();
  }

  std::uint8_t at(TimePoint wanted) const {
    return static_cast<std::uint8_t>(std::ranges::upper_bound(ends_, wanted) - ends_.begin());
  }

 private:
  std::vector<TimePoint> ends_;  // of all stages but the last
};

}  // namespace gend::engine
