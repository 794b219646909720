#pragma once

#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// The tags of one series, resolved.
using TagValues = std::map<std::string, std::string>;
// Those of the scenario and of the step, which win; without the ones that are facets.
TagValues fixed_tags(const TagsText& scenario, const TagsText& step = {});

// Makes every series that the run will record and enters their slots into the program.
ScenarioSeries add_scenario_series(const std::string& scenario, const TagValues& tags,
                                   stats::Schema& schema);
// Also fills Check::series of `request.checks`. `tags`: of the scenario and the step together.
void add_http_series(const std::string& scenario, const TagValues& tags, HttpRequest& request,
                     stats::Schema& schema);

// Series of captures and checks that have these tags.
void add_inspection_series(const TagValues& tags, std::vector<Capture>& captures,
                           stats::Schema& schema);
void add_inspection_series(const TagValues& tags, std::vector<Check>& checks,
                           stats::Schema& schema);

// When a server of the plan speaks TLS: handshakes of each scenario. Its endpoints must be known.
void add_tls_series(Program& program);

stats::Tags with_scenario(const TagValues& tags, const std::string& scenario);

// What the control side measures: of this host, with a series for each of its processors (when
// their number is not known, for those that thresholds name), and of the sources of `observe`.
void add_host_series(unsigned cpus, const std::vector<ThresholdText>& thresholds,
                     stats::Schema& schema);
void add_observed_series(Program& program);

// Complains of a threshold that no series of the plan can ever answer: it would always pass.
void check_selector(const ThresholdText& threshold, const stats::Schema& schema,
                    Reporter& reporter);

}  // namespace gend::plan
