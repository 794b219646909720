#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/run_result.h"
#include "report/terminal.h"

namespace gend::report {

// The latest second of a run and how far it has come, for whoever watches: small, one a second.
// Latency is of this second only: corrected for plans with an open model, else service time, as
// `latency` says; in ms. Without an interval (not started, or over) it is of the whole run.
nlohmann::ordered_json interval_json(const RunResult& result);

// Whether the latest interval is worth showing. What is left over when a run ends, less than a
// tenth of a second, is not, unless it is nearly all there is: one answer in a microsecond is no
// million a second.
bool has_rates(const RunResult& result);

// A few lines with a progress bar, for a terminal that redraws them; each at most options.width
// columns and ending in a newline. The number of lines does not change from second to second.
std::string live_view(const nlohmann::ordered_json& interval, const TextOptions& options);

// One plain line without colours and without a newline, for logs and pipes.
std::string live_line(const nlohmann::ordered_json& interval);

}  // namespace gend::report
