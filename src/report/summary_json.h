#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/run_result.h"

namespace gend::report {

// The summary of a run, so far or final, in the layout of k6's handleSummary (root_group, options,
// state, metrics; times in ms), extended by
//   run        what ran: plan, seed, scenarios, and the work planned, started, completed, dropped
//   generator  the verdict on the generator itself, with what it is drawn from
//   http       one entry for each step of each scenario: counts, latency, statuses, errors
//   errors     everything that went wrong in the whole run, by fine name
//   picks, groups, failed_iterations, captures_missed   what iterations did besides requests
//   facets     requests by stage and by columns of the users' rows
//   samples    single requests worth looking at: the slowest, and some that failed
//   tls, events   handshakes; what people did to the run
// docs/metrics.md describes the fields. Never NaN or infinite: what has no samples is zero, and its
// `count` says so. `result.schema` and `result.total` must be set, unless the run never got that
// far; then only `run` and `generator` say anything.
nlohmann::ordered_json summary_json(const RunResult& result);

// JSON text, two spaces of indentation, ending in a newline. Bytes that are not UTF-8 (names from
// elsewhere) are replaced by U+FFFD, as JSON cannot hold them.
std::string json_text(const nlohmann::ordered_json& json);
std::string json_line(const nlohmann::ordered_json& json);  // on one line

}  // namespace gend::report
