#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/exit_rules.h"
#include "control/problem.h"
#include "plan/load.h"

namespace gend::control {

// The body of POST /v1/check, /v1/explain and /v1/runs:
//   {"plan": {"name": "smoke.yaml", "text": "…"}, "set": {"NAME": "value"}, "environment": {…},
//    "files": {"data/users.csv": "<sha256>"}, "time_scale": 1, "load_scale": 1, "segment": "1/1",
//    "start_at": "+10s", "strict": false,
//    "out": ["statsd=host:8125"]}
// Only "plan" has to be there. The client reads the plan file and sends of its environment only the
// variables which the plan declares. Anything else in the body is an error: a misspelt option must
// not be ignored.
struct RunRequest {
  std::string plan_name, plan_text;
  plan::Options options;
  std::map<std::string, std::string> files;  // name in the plan → SHA-256 of what was sent before
  std::optional<std::string> start_at;  // of a run; see control/start_at.h
  Strict strict = Strict::kNo;
  std::vector<std::string> out;  // --out: exports besides the plan's own
};

// "2/3": the second of three parts, which has the index 1.
inline constexpr std::int64_t kSegments = 1024;  // at most; one process each
std::optional<plan::Segment> parse_segment(std::string_view text);
std::string show_segment(const plan::Segment& segment);

// Arrivals a second of "600/min", "10/s", "10"; nothing for other texts.
std::optional<double> parse_rate_per_second(std::string_view text);

std::expected<RunRequest, Problem> run_request_from_json(std::string_view text);
std::string to_json(const RunRequest& request);

}  // namespace gend::control
