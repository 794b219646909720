#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "base/assert.h"
#include "report/md5.h"
#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;
using stats::Kind;
using stats::Selected;

// Trends hold value x 10^6: nanoseconds printed as milliseconds, or millionths.
constexpr double kTicksPerUnit = 1e6;

// A number of recorded units in the metric's own: whole where it counts whole things.
Json in_units(std::int64_t recorded, const stats::Metric& metric) {
  if (stats::units_of(metric) == 1) return recorded;
  return static_cast<double>(recorded) / stats::units_of(metric);
}

Json values_of(const Selected& selected, Duration elapsed) {
  switch (selected.metric->kind) {
    case Kind::kCounter:
    case Kind::kTally:
      return {{"count", in_units(static_cast<std::int64_t>(selected.count), *selected.metric)},
              {"rate", per_second(selected.count, elapsed) / stats::units_of(*selected.metric)}};
    case Kind::kGauge:
      return {{"value", in_units(selected.gauge.value, *selected.metric)},
              {"min", in_units(selected.gauge.min, *selected.metric)},
              {"max", in_units(selected.gauge.max, *selected.metric)}};
    case Kind::kRate:
      return {{"rate", share(selected.rate.hits, selected.rate.total)},
              {"passes", selected.rate.hits},
              {"fails", selected.rate.total - selected.rate.hits}};
    case Kind::kTrend: return trend_values(selected.trend);
  }
  GEND_ASSERT(!"a kind has values");
}

Json entry_of(const RunResult& result, const stats::Selector& selector) {
  const Selected selected = stats::select(*result.schema, result.total->recorder, selector);
  GEND_ASSERT(selected.metric != nullptr);
  return {{"type", stats::name_of(selected.metric->kind)},
          {"contains", stats::name_of(selected.metric->contains)},
          {"values", values_of(selected, result.elapsed)}};
}

bool is_recorded(const stats::Schema& schema, std::string_view metric) {
  return std::ranges::any_of(schema.series(),
                             [&](const stats::Series& s) { return s.metric == metric; });
}

void add_thresholds(const RunResult& result, Json& metrics) {
  for (const stats::ThresholdResult& each : result.thresholds) {
    const stats::Threshold& threshold = *each.threshold;
    if (!metrics.contains(threshold.selector))
      metrics[threshold.selector] = entry_of(result, threshold.parsed);
    // k6 writes {"ok": …}; what was measured stands beside it.
    metrics[threshold.selector]["thresholds"][threshold.source] = {
        {"ok", each.ok}, {"has_data", each.has_data}, {"value", each.value}};
    Json& entry = metrics[threshold.selector]["thresholds"][threshold.source];
    if (threshold.assertion.judging != stats::Judging::kLevel)
      entry["steady_s"] = {to_seconds(threshold.steady_from), to_seconds(threshold.steady_to)};
    if (each.has_interval) {
      entry["interval"] = {each.low, each.high};
      entry["seen_s"] = to_seconds(each.seen);
    }
    if (!each.has_worst) continue;
    entry["window_s"] = to_seconds(threshold.window);
    entry["worst"] = each.worst;
    entry["worst_at_s"] = to_seconds(each.worst_at);
  }
}

}  // namespace

double share(std::uint64_t hits, std::uint64_t total) {
  return total == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(total);
}

double per_second(std::uint64_t count, Duration elapsed) {
  return elapsed <= Duration::zero() ? 0 : static_cast<double>(count) / to_seconds(elapsed);
}

Json trend_values(const stats::Histogram& trend) {
  const auto percentile = [&](double p) { return trend.percentile(p) / kTicksPerUnit; };
  return {{"avg", trend.mean() / kTicksPerUnit},
          {"min", static_cast<double>(trend.min()) / kTicksPerUnit},
          {"med", percentile(50)},
          {"max", static_cast<double>(trend.max()) / kTicksPerUnit},
          {"p(90)", percentile(90)},
          {"p(95)", percentile(95)},
          {"p(99)", percentile(99)},
          {"count", trend.count()}};
}

Json metrics_json(const RunResult& result) {
  Json metrics = Json::object();
  for (const stats::Metric* metric : result.schema->metrics()) {
    if (!is_recorded(*result.schema, metric->name)) continue;
    const std::string name{metric->name};
    metrics[name] = entry_of(result, {.metric = name, .tags = {}});
    // k6 always shows the durations of the requests that succeeded beside those of all.
    if (name == "http_req_duration" || name == "http_req_duration_corrected")
      metrics[name + "{expected_response:true}"] =
          entry_of(result, {.metric = name, .tags = {{"expected_response", "true"}}});
  }
  add_thresholds(result, metrics);
  return metrics;
}

Json checks_json(const RunResult& result) {
  std::vector<std::string> names = result.checks;
  std::map<std::string, stats::Rate> by_name;
  for (const stats::Series& series : result.schema->series()) {
    if (series.metric != "checks") continue;
    const auto tag = std::ranges::find(series.tags, "check", &stats::Tags::value_type::first);
    if (tag == series.tags.end()) continue;
    if (std::ranges::find(names, tag->second) == names.end()) names.push_back(tag->second);
    const stats::Rate& rate = result.total->recorder.rate_at(series.slot);
    by_name[tag->second].hits += rate.hits;
    by_name[tag->second].total += rate.total;
  }
  Json checks = Json::array();
  for (const std::string& name : names) {
    const stats::Rate& rate = by_name[name];
    const std::string path = "::" + name;
    checks.push_back({{"name", name},
                      {"path", path},
                      {"id", md5_hex(path)},
                      {"passes", rate.hits},
                      {"fails", rate.total - rate.hits}});
  }
  return checks;
}

}  // namespace gend::report
