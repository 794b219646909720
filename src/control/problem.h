#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gend/exit_code.h"

namespace gend::control {

// An error answer of the API: a problem document (RFC 9457). `remedy`, `errors` and `exit_code` are
// our extension members; a program looks at `type`, a person reads the rest.
struct Problem {
  int status = 500;
  std::string type;    // the last part of "/problems/<type>": "busy", "bad-plan", …
  std::string title;   // the same words for every problem of this type
  std::string detail;  // this one: place, what was found, what was expected
  std::string remedy;  // may be empty
  std::vector<std::string> errors;  // one line each, when there are several
  ExitCode exit_code = ExitCode::kUsage;
};

std::string to_json(const Problem& problem);
// Empty when the text is no problem document of ours.
std::optional<Problem> problem_from_json(std::string_view text);

// A start-up failure as an answer: 403 target not allowed, 422 bad plan, 503 host cannot carry.
Problem problem_of(const Error& error);

Problem bad_request(std::string detail);
Problem not_found(std::string detail);
Problem no_such_run(const std::string& id);
Problem not_running(const std::string& id);
Problem bad_plan(std::vector<std::string> complaints);

}  // namespace gend::control
