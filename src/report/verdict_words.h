#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

#include "report/terminal.h"

// How a run ended and what its thresholds found, in the words that every report uses for it.
namespace gend::report {

struct Tone {
  std::string words;  // "✓ PASSED"
  Paint paint;
};
// Of a summary's `run`. Codes may come from a file, so any number is possible.
Tone tone_of(const nlohmann::ordered_json& run);
int exit_code_of(const nlohmann::ordered_json& run);  // -1 when there is none that can be

struct ThresholdCount {
  std::size_t all = 0, held = 0;
};
ThresholdCount count_thresholds(const nlohmann::ordered_json& summary);
std::string thresholds_words(const ThresholdCount& n);  // "2 of 5 thresholds failed"

// "412.30ms", "5.00%", "no samples, so it holds": what a threshold found. `metric` and `threshold`
// are the summary's entries for it, `source` is its text.
std::string measured_words(const std::string& source, const nlohmann::ordered_json& metric,
                           const nlohmann::ordered_json& threshold);

// At what share of this host's ceiling a generator ran, of the summary's `generator`; empty when
// the host was not calibrated. "34% (42.1k/s in the busiest second, of 124k/s; calibrated
// 2026-11-21)", and why that may not hold any more.
struct CeilingWords {
  std::string share, doubt;
};
CeilingWords ceiling_words(const nlohmann::ordered_json& generator);

// "the server answered with a 4xx status: 401 ×5, 403": of one of the summary's `errors`.
std::string error_words(const nlohmann::ordered_json& error);

}  // namespace gend::report
