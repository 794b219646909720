#pragma once

#include <cstdint>

#include "base/time.h"
#include "plan/program.h"

namespace gend::plan {

// The least that says anything of drift or leak: a dozen cells of two seconds, and their warm-up.
inline constexpr std::int64_t kSteadySeconds = 30;

struct Stretch {
  Duration from{}, to{};  // since the run began
};

// The longest part of the run in which every scenario keeps its level of users or arrivals, and one
// has any: what drift and leak are looked for in. Empty (from == to) when there is none.
Stretch steady_part_of(const Program& program);

}  // namespace gend::plan
