#include "store/record.h"

#include <chrono>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "report/history.h"
#include "report/summary_json.h"

namespace gend::store {
namespace {

using Json = nlohmann::ordered_json;

std::string findings_of(const stats::GeneratorVerdict& verdict) {
  Json findings = Json::array();
  for (const stats::Finding& each : verdict.findings)
    findings.push_back({{"severity", stats::name_of(each.severity)},
                        {"resource", stats::name_of(each.resource)},
                        {"words", each.words}});
  return report::json_line(findings);
}

std::int64_t wall_ms_of(const report::RunResult& result) {
  return result.started_wall_ms +
         std::chrono::duration_cast<std::chrono::milliseconds>(result.elapsed).count();
}

}  // namespace

Standing standing_of(const report::RunResult& result, report::RunStatus status) {
  Standing standing{.status = std::move(status),
                    .summary = report::json_line(report::summary_json(result)),
                    .thresholds = {},
                    .verdict = std::string{stats::name_of(result.verdict.verdict)},
                    .limiting = std::string{stats::name_of(result.verdict.limiting)},
                    .findings = findings_of(result.verdict)};
  for (const stats::ThresholdResult& each : result.thresholds)
    standing.thresholds.push_back({.selector = each.threshold->selector,
                                   .threshold = each.threshold->source,
                                   .ok = each.ok, .has_data = each.has_data,
                                   .value = each.value});
  return standing;
}

Beginning beginning_of(const report::RunResult& result, report::RunStatus status,
                       std::string plan_text) {
  return {.standing = standing_of(result, std::move(status)),
          .plan_text = std::move(plan_text),
          .schema = report::schema_json(*result.schema, result.secrets).dump(),
          .host = result.host, .ring = result.ring, .version = result.version,
          .shards = result.shards, .open_model = result.has_open_model};
}

Second second_of(const report::RunResult& result) {
  GEND_ASSERT(result.interval != nullptr);
  const stats::Recorder& recorder = result.interval->recorder;
  const Duration length = recorder.to - recorder.from;
  return {.frame = stats::frame_of(*result.schema, *result.interval, result.elapsed - length,
                                   result.elapsed),
          .wall_ms = wall_ms_of(result),
          .events = result.events};
}

}  // namespace gend::store
