// The target's own metrics, as far as the plan observes them, and this host's.
#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

// The latest level and the extremes; null without any.
Json levels_of(const RunResult& result, const stats::Selector& selector) {
  const stats::Selected selected =
      stats::select(*result.schema, result.total->recorder, selector);
  if (!stats::has_samples(selected)) return nullptr;
  const double units = stats::units_of(*selected.metric);
  return {{"value", static_cast<double>(selected.gauge.value) / units},
          {"min", static_cast<double>(selected.gauge.min) / units},
          {"max", static_cast<double>(selected.gauge.max) / units}};
}

Json source_json(const RunResult& result, const ObservedFacts& source) {
  Json series = Json::array();
  for (const ObservedFacts::Series& each : source.series)
    series.push_back({{"metric", each.metric},
                      {"reads", each.written},
                      {"values", levels_of(result, {each.metric, {}})}});
  Json json{{"name", source.name},       {"kind", source.kind},
            {"url", source.url},         {"every_s", to_seconds(source.every)},
            {"polls", source.polls},     {"failed", source.failed},
            {"answers", source.answers}, {"series", std::move(series)}};
  if (source.failed > 0) {
    json["last_fault"] = source.last_fault;
    json["last_failed_at_s"] = to_seconds(source.failed_at);
  }
  return json;
}

}  // namespace

nlohmann::ordered_json observed_json(const RunResult& result) {
  Json sources = Json::array();
  for (const ObservedFacts& source : result.observed)
    sources.push_back(source_json(result, source));
  return sources;
}

nlohmann::ordered_json host_json(const RunResult& result) {
  Json host = Json::object();
  for (const stats::Series& series : result.schema->series()) {
    const bool of_host = series.metric.starts_with(stats::kHostPrefix) &&
                         stats::find_metric(series.metric) != nullptr;
    if (!of_host) continue;
    Json levels = levels_of(result, {series.metric, series.tags});
    if (levels.is_null()) continue;
    if (series.tags.empty()) host[series.metric] = std::move(levels);
    else host[series.metric][tag_of(series.tags, "cpu")] = std::move(levels);
  }
  return host;
}

}  // namespace gend::report
