#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "report/json_read.h"
#include "report/terminal.h"

// An interval (interval_json) in the words that every live view uses for it; safe for a terminal.
namespace gend::report {

std::string bar(double share, std::size_t columns);  // "████░░"
double progress_of(const Json& interval);            // 0 to 1
// Whole seconds: tenths that flicker tell nobody anything.
std::string clock_words(double seconds);
std::string state_words(const Json& interval);      // "running, paused", "waiting until 2026-…"
std::string verdict_words(const Json& interval);    // "SUSPECT (cpu)"
std::string threshold_words(const Json& interval);  // "all 5 hold", "1 of 5 fail"
std::string latency_words(const Json& interval);    // "p50 1.20ms  p95 …"
Paint paint_of_verdict(std::string_view verdict);

}  // namespace gend::report
