#include "control/run_request.h"

#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "control/sha256.h"

namespace gend::control {

namespace {

using Json = nlohmann::ordered_json;
// A complaint about one member, or nothing.
using Complaint = std::optional<std::string>;

Complaint read_plan(const Json& value, RunRequest& request) {
  if (!value.is_object() || !value.contains("name") || !value.contains("text") ||
      !value["name"].is_string() || !value["text"].is_string() || value.size() != 2)
    return R"("plan" must be {"name": "…", "text": "…"})";
  request.plan_name = value["name"].get<std::string>();
  request.plan_text = value["text"].get<std::string>();
  return {};
}

Complaint read_names(const Json& value, const std::string& key,
                     std::map<std::string, std::string>& into) {
  if (!value.is_object()) return "\"" + key + "\" must be an object of strings";
  for (const auto& [name, text] : value.items()) {
    if (!text.is_string()) return "\"" + key + "." + name + "\" must be a string";
    into[name] = text.get<std::string>();
  }
  return {};
}

Complaint read_files(const Json& value, std::map<std::string, std::string>& into) {
  if (Complaint complaint = read_names(value, "files", into)) return complaint;
  for (const auto& [name, sha256] : into)
    if (!is_sha256_hex(sha256))
      return "\"files." + name + "\" must be a SHA-256: 64 digits, 0-9 and a-f";
  return {};
}

Complaint read_scale(const Json& value, const std::string& key, double& into) {
  if (!value.is_number() || !(value.get<double>() > 0))
    return "\"" + key + "\" must be a number above 0";
  into = value.get<double>();
  return {};
}

Complaint read_strict(const Json& value, Strict& into) {
  if (!value.is_boolean()) return "\"strict\" must be true or false";
  into = value.get<bool>() ? Strict::kYes : Strict::kNo;
  return {};
}

Complaint read_member(const std::string& key, const Json& value, RunRequest& request) {
  if (key == "plan") return read_plan(value, request);
  if (key == "set") return read_names(value, key, request.options.set);
  if (key == "environment") return read_names(value, key, request.options.environment);
  if (key == "files") return read_files(value, request.files);
  if (key == "time_scale") return read_scale(value, key, request.options.time_scale);
  if (key == "load_scale") return read_scale(value, key, request.options.load_scale);
  if (key == "strict") return read_strict(value, request.strict);
  return "\"" + key + "\" is not known; known are plan, set, environment, files, time_scale, "
         "load_scale, strict";
}

}  // namespace

std::expected<RunRequest, Problem> run_request_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::unexpected{bad_request("the body must be a JSON object")};
  RunRequest request;
  Problem problem = bad_request("the body has mistakes");
  if (!json.contains("plan")) problem.errors.push_back("\"plan\" is missing");
  for (const auto& [key, value] : json.items())
    if (Complaint complaint = read_member(key, value, request))
      problem.errors.push_back(std::move(*complaint));
  if (problem.errors.empty()) return request;
  problem.detail = problem.errors.front();
  return std::unexpected{std::move(problem)};
}

std::string to_json(const RunRequest& request) {
  const Json json{{"plan", {{"name", request.plan_name}, {"text", request.plan_text}}},
                  {"set", request.options.set},
                  {"environment", request.options.environment},
                  {"files", request.files},
                  {"time_scale", request.options.time_scale},
                  {"load_scale", request.options.load_scale},
                  {"strict", request.strict == Strict::kYes}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gend::control
