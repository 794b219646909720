#include "control/render.h"

#include <nlohmann/json.hpp>

#include "export/openmetrics.h"
#include "report/live.h"
#include "report/summary_json.h"

namespace gend::control {

namespace {

using Json = nlohmann::ordered_json;

std::string one_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string summary_of(const report::RunResult& result) {
  return report::summary_json(result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string indented(const std::string& summary) {
  const Json parsed = Json::parse(summary, nullptr, false);
  if (parsed.is_discarded()) return "null\n";
  return parsed.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string second_line(const report::RunResult& result) {
  return one_line(report::interval_json(result));
}

std::string last_line(const std::string& summary) {
  Json parsed = Json::parse(summary, nullptr, false);
  if (parsed.is_discarded()) parsed = nullptr;
  return one_line({{"final", std::move(parsed)}});
}

std::string metrics_of(const report::RunResult* result, exporter::Names names) {
  return exporter::openmetrics(result, names);
}

}  // namespace gend::control
