#include "control/run_request.h"

#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "control/sha256.h"
#include "plan/units.h"

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

Complaint read_segment(const Json& value, plan::Segment& into) {
  const auto segment =
      value.is_string() ? parse_segment(value.get<std::string>()) : std::nullopt;
  if (!segment) return R"("segment" must be a text like "2/3": part 2 of 3)";
  into = *segment;
  return {};
}

Complaint read_start_at(const Json& value, std::optional<std::string>& into) {
  if (!value.is_string()) return R"("start_at" must be a text: "2026-11-21T08:00:00Z" or "+10s")";
  into = value.get<std::string>();
  return {};
}

Complaint read_out(const Json& value, std::vector<std::string>& into) {
  const char* const wrong = R"("out" must be a list of texts like "statsd=host:8125")";
  if (!value.is_array()) return wrong;
  for (const Json& each : value) {
    if (!each.is_string()) return wrong;
    into.push_back(each.get<std::string>());
  }
  return {};
}

Complaint read_member(const std::string& key, const Json& value, RunRequest& request) {
  if (key == "plan") return read_plan(value, request);
  if (key == "set") return read_names(value, key, request.options.set);
  if (key == "environment") return read_names(value, key, request.options.environment);
  if (key == "files") return read_files(value, request.files);
  if (key == "time_scale") return read_scale(value, key, request.options.time_scale);
  if (key == "load_scale") return read_scale(value, key, request.options.load_scale);
  if (key == "segment") return read_segment(value, request.options.segment);
  if (key == "start_at") return read_start_at(value, request.start_at);
  if (key == "strict") return read_strict(value, request.strict);
  if (key == "out") return read_out(value, request.out);
  return "\"" + key + "\" is not known; known are plan, set, environment, files, time_scale, "
         "load_scale, segment, start_at, strict, out";
}

}  // namespace

std::optional<plan::Segment> parse_segment(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto part = plan::parse_integer(text.substr(0, slash));
  const auto count = plan::parse_integer(text.substr(slash + 1));
  if (!part || !count || *part < 1 || *count < *part || *count > kSegments)
    return std::nullopt;
  return plan::Segment{static_cast<std::uint32_t>(*part - 1), static_cast<std::uint32_t>(*count)};
}

std::string show_segment(const plan::Segment& segment) {
  return fmt::format("{}/{}", segment.index + 1, segment.count);
}

std::optional<double> parse_rate_per_second(std::string_view text) {
  const auto rate = plan::parse_rate(text);
  if (!rate) return std::nullopt;
  return rate->count / to_seconds(rate->per.value_or(std::chrono::seconds{1}));
}

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
  Json json{{"plan", {{"name", request.plan_name}, {"text", request.plan_text}}},
                  {"set", request.options.set},
                  {"environment", request.options.environment},
                  {"files", request.files},
                  {"time_scale", request.options.time_scale},
                  {"load_scale", request.options.load_scale},
                  {"segment", show_segment(request.options.segment)},
                  {"strict", request.strict == Strict::kYes}};
  if (!request.out.empty()) json["out"] = request.out;
  if (request.start_at) json["start_at"] = *request.start_at;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gend::control
