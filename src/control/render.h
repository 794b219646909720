#pragma once

#include <string>

#include "export/families.h"
#include "report/run_result.h"

// What the control side hands out of a run, as text. All pure.
namespace gend::control {

std::string summary_of(const report::RunResult& result);  // the JSON summary, so far or final
std::string indented(const std::string& summary);         // one that was kept on one line
// One line of the stream, with its newline: where the run stands, and its latest second.
std::string second_line(const report::RunResult& result);
std::string last_line(const std::string& summary);  // {"final": …} on one line, with its newline
// OpenMetrics text; of no run at all when `result` is null.
std::string metrics_of(const report::RunResult* result, exporter::Names names);

}  // namespace gend::control
