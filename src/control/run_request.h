#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "control/exit_rules.h"
#include "control/problem.h"
#include "plan/load.h"

namespace gend::control {

// The body of POST /v1/check, /v1/explain and /v1/runs:
//   {"plan": {"name": "smoke.yaml", "text": "…"}, "set": {"NAME": "value"}, "environment": {…},
//    "files": {"data/users.csv": "<sha256>"}, "time_scale": 1, "load_scale": 1, "strict": false}
// Only "plan" has to be there. The client reads the plan file and sends of its environment only the
// variables which the plan declares. Anything else in the body is an error: a misspelt option must
// not be ignored.
struct RunRequest {
  std::string plan_name, plan_text;
  plan::Options options;
  std::map<std::string, std::string> files;  // name in the plan → SHA-256 of what was sent before
  Strict strict = Strict::kNo;
};

std::expected<RunRequest, Problem> run_request_from_json(std::string_view text);
std::string to_json(const RunRequest& request);

}  // namespace gend::control
