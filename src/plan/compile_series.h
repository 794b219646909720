#pragma once

#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// Makes every series that the run will record and enters their slots into the program.
ScenarioSeries add_scenario_series(const std::string& scenario, const TagsText& tags,
                                   stats::Schema& schema);
// Also fills Check::series of `request.checks`. `tags`: of the scenario and the step together.
void add_http_series(const std::string& scenario, const TagsText& tags, HttpRequest& request,
                     stats::Schema& schema);

stats::Tags with_scenario(const TagsText& tags, const std::string& scenario);

// Complains of a threshold that no series of the plan can ever answer: it would always pass.
void check_selector(const ThresholdText& threshold, const stats::Schema& schema,
                    Reporter& reporter);

}  // namespace gend::plan
