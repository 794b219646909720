#include "control/problem.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace gend::control {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kTypePrefix = "/problems/";

// The text of a field that may be missing or of another type: documents come from outside.
std::string text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

struct Kind {
  int status;
  const char* type;
  const char* title;
};

Kind kind_of(ExitCode code) {
  switch (code) {
    case ExitCode::kTargetNotAllowed:
      return {403, "target-not-allowed", "The target is not on the list of allowed targets"};
    case ExitCode::kBadPlan:
      return {422, "bad-plan", "The plan cannot be carried out"};
    case ExitCode::kHostCannotCarry:
      return {503, "host-cannot-carry", "This host cannot carry the plan"};
    case ExitCode::kBusy:
      return {409, "busy", "Another run is going on"};
    case ExitCode::kUsage:
      return {400, "bad-request", "The request could not be understood"};
    case ExitCode::kPass:
    case ExitCode::kGeneratorSaturated:
    case ExitCode::kNoDaemon:
    case ExitCode::kRunLost:
    case ExitCode::kThresholdsFailed:
    case ExitCode::kInterrupted:
    case ExitCode::kAbortedByPlan:
      break;
  }
  return {500, "failed", "The request failed"};
}

Problem make(ExitCode code, std::string detail) {
  const Kind kind = kind_of(code);
  return {.status = kind.status, .type = kind.type, .title = kind.title,
          .detail = std::move(detail), .remedy = {}, .errors = {}, .exit_code = code};
}

}  // namespace

std::string to_json(const Problem& problem) {
  Json json{{"type", std::string{kTypePrefix} + problem.type},
            {"title", problem.title},
            {"status", problem.status},
            {"detail", problem.detail}};
  if (!problem.remedy.empty()) json["remedy"] = problem.remedy;
  if (!problem.errors.empty()) json["errors"] = problem.errors;
  json["exit_code"] = std::to_underlying(problem.exit_code);
  // Details quote what clients sent; bytes that are no UTF-8 must not stop the answer.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<Problem> problem_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Problem problem;
  std::string type = text_of(json, "type");
  if (!type.starts_with(kTypePrefix)) return std::nullopt;
  problem.type = type.substr(kTypePrefix.size());
  problem.title = text_of(json, "title");
  problem.detail = text_of(json, "detail");
  problem.remedy = text_of(json, "remedy");
  if (const auto it = json.find("status"); it != json.end() && it->is_number_integer())
    problem.status = it->get<int>();
  if (const auto it = json.find("exit_code"); it != json.end() && it->is_number_integer())
    problem.exit_code = static_cast<ExitCode>(it->get<int>());
  if (const auto it = json.find("errors"); it != json.end() && it->is_array())
    for (const Json& line : *it)
      if (line.is_string()) problem.errors.push_back(line.get<std::string>());
  return problem;
}

Problem problem_of(const Error& error) {
  Problem problem = make(error.code, error.message);
  problem.remedy = error.remedy;
  return problem;
}

Problem bad_request(std::string detail) { return make(ExitCode::kUsage, std::move(detail)); }

Problem not_found(std::string detail) {
  return {.status = 404, .type = "not-found", .title = "There is no such thing here",
          .detail = std::move(detail), .remedy = {}, .errors = {},
          .exit_code = ExitCode::kUsage};
}

Problem no_such_run(const std::string& id) {
  return not_found("there is no run \"" + id + "\" (genctl runs lists them)");
}

Problem not_running(const std::string& id) {
  return {.status = 409, .type = "not-running", .title = "The run is over",
          .detail = "run " + id + " is over already", .remedy = {}, .errors = {},
          .exit_code = ExitCode::kPass};
}

Problem bad_plan(std::vector<std::string> complaints) {
  const std::size_t n = complaints.size();
  Problem problem = make(ExitCode::kBadPlan, n == 1 ? complaints.front()
                                                    : std::to_string(n) + " complaints");
  problem.errors = std::move(complaints);
  return problem;
}

}  // namespace gend::control
