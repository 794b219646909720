#pragma once

#include <string>

#include "base/error.h"
#include "cli/options.h"
#include "cli/plan_file.h"
#include "report/compare.h"
#include "report/history.h"

// What `compare` and `run --baseline` share.
namespace gend::cli {

// "10%", or "http_req_duration=5%" for one metric, into `options`. What is wrong with the text;
// empty when nothing is. 0 to 1000 per cent.
std::string add_tolerance(const std::string& text, report::CompareOptions& options);

// The refusal of a comparison: all its reasons, and what can be done.
Error refusal_of(const report::Objections& objections, ExitCode code);

// An earlier run that the one to come shall be compared with. What speaks against it already is
// said before the run begins; the host that generates the load, and whether it is SATURATED, are
// known afterwards.
Expected<report::History> load_baseline(const Options& options, const PlanFile& plan);

// The exit code of a comparison: 99 when anything that is judged is worse.
int exit_code_of(const report::Comparison& comparison);

// The run that has just ended beside its baseline. Error 90 when one of them is SATURATED, 2 for
// what else forbids the comparison.
Expected<report::Comparison> compare_with(const report::History& baseline,
                                          const report::History& run,
                                          const report::CompareOptions& options);

}  // namespace gend::cli
