#pragma once

#include <nlohmann/json.hpp>

#include "plan/program.h"
#include "sim/model.h"
#include "sim/simulation.h"

namespace gend {

// What `genctl simulate --json` prints (docs/plan.md describes it). Times in seconds, latencies in
// milliseconds.
nlohmann::ordered_json simulation_json(const plan::Program& program, const sim::ModelSpec& model,
                                       const sim::Simulation& told);

}  // namespace gend
