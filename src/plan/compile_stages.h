#pragma once

#include <cstdint>
#include <optional>

#include "plan/program.h"

namespace gend::plan {

// Series of a scenario's requests by the stage they were wanted in, when it has 2 to
// limits::kTaggedStages of them. The index of the facet, for its requests.
std::optional<std::uint16_t> add_stage_facet(const Scenario& scenario, Program& program);

}  // namespace gend::plan
