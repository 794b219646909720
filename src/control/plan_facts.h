#pragma once

#include "plan/program.h"
#include "report/run_result.h"

namespace gend::control {

// Enters what a report has to know of the plan's parts: requests, picks, stages, tags that change,
// notes, and what must be masked. `result.scenarios` must be there already, in the plan's order.
void add_plan_facts(const plan::Program& program, report::RunResult& result);

}  // namespace gend::control
