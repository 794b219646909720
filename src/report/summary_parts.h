#pragma once

#include <nlohmann/json.hpp>

#include "report/run_result.h"

// The parts that summary_json() is made of.
namespace gend::report {

nlohmann::ordered_json metrics_json(const RunResult& result);
nlohmann::ordered_json checks_json(const RunResult& result);
nlohmann::ordered_json http_json(const RunResult& result);
nlohmann::ordered_json errors_json(const RunResult& result);

// avg, min, med, max, p(90), p(95), p(99) and count of a trend, in ms (or the metric's own unit).
nlohmann::ordered_json trend_values(const stats::Histogram& trend);

// "as many `hits` as in `total`", 0 without any.
double share(std::uint64_t hits, std::uint64_t total);
// Per second of `elapsed`; 0 without time.
double per_second(std::uint64_t count, Duration elapsed);

}  // namespace gend::report
