#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "report/mask.h"
#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

// The requests of one scenario that one value of a tag stands for.
struct ValueTotals {
  std::string scenario, value;
  stats::Histogram service, corrected;
  stats::Rate failed;
  std::uint64_t requests = 0;
};
using Values = std::vector<std::unique_ptr<ValueTotals>>;

// Facets have the scenario and one more tag.
std::string facet_tag(const stats::Tags& tags) {
  for (const auto& [key, value] : tags)
    if (stats::is_facet_tag(key)) return key;
  return {};
}

ValueTotals& totals_of(Values& values, const stats::Tags& tags, const std::string& tag) {
  const std::string scenario = tag_of(tags, "scenario"), value = tag_of(tags, tag);
  for (const auto& known : values)
    if (known->value == value && known->scenario == scenario) return *known;
  values.push_back(std::make_unique<ValueTotals>());
  values.back()->scenario = scenario;
  values.back()->value = value;
  return *values.back();
}

void add_series(const stats::Recorder& recorder, const stats::Series& series, ValueTotals& into) {
  if (series.metric == "http_req_duration") {
    into.service.merge(recorder.trend_at(series.slot));
  } else if (series.metric == "http_req_duration_corrected") {
    into.corrected.merge(recorder.trend_at(series.slot));
  } else if (series.metric == "http_reqs") {
    for (const std::uint64_t n : recorder.tally_at(series.slot).counts) into.requests += n;
  } else if (series.metric == "http_req_failed") {
    into.failed.hits += recorder.rate_at(series.slot).hits;
    into.failed.total += recorder.rate_at(series.slot).total;
  }
}

// How much of a stage has been; a name that comes twice has no one place.
const StageFacts* stage_of(const RunResult& result, const ValueTotals& totals) {
  const auto scenario =
      std::ranges::find(result.scenarios, totals.scenario, &ScenarioFacts::name);
  if (scenario == result.scenarios.end()) return nullptr;
  if (std::ranges::count(scenario->stages, totals.value, &StageFacts::name) != 1) return nullptr;
  return &*std::ranges::find(scenario->stages, totals.value, &StageFacts::name);
}

Json row_of(const RunResult& result, const std::string& tag, const ValueTotals& totals) {
  Json row{{"scenario", totals.scenario},
           {"value", masked(totals.value, result.secrets, Ends::kWhole)},
           {"count", totals.requests}};
  const StageFacts* stage = tag == "stage" ? stage_of(result, totals) : nullptr;
  if (stage != nullptr) {
    row["from_s"] = to_seconds(stage->from);
    row["to_s"] = to_seconds(stage->to);
    row["rate"] = per_second(totals.requests, std::min(stage->to, result.elapsed) - stage->from);
  } else {
    row["rate"] = per_second(totals.requests, result.elapsed);
  }
  row["failed"] = totals.failed.hits;
  row["failed_rate"] = share(totals.failed.hits, totals.failed.total);
  row["service"] = trend_values(totals.service);
  row["corrected"] = trend_values(totals.corrected);
  return row;
}

}  // namespace

Json facets_json(const RunResult& result) {
  std::vector<std::pair<std::string, Values>> facets;
  for (const stats::Series& series : result.schema->series()) {
    // Rooms have a list of their own.
    if (!series.facet || series.metric.starts_with("delivery_")) continue;
    const std::string tag = facet_tag(series.tags);
    auto facet = std::ranges::find_if(facets, [&](const auto& f) { return f.first == tag; });
    if (facet == facets.end()) facet = facets.emplace(facets.end(), tag, Values{});
    add_series(result.total->recorder, series, totals_of(facet->second, series.tags, tag));
  }
  Json json = Json::array();
  for (const auto& [tag, values] : facets) {
    Json rows = Json::array();
    for (const auto& totals : values)
      if (totals->requests > 0) rows.push_back(row_of(result, tag, *totals));
    const auto facts = std::ranges::find(result.facets, tag, &FacetFacts::tag);
    json.push_back({{"tag", tag},
                    {"folded", facts == result.facets.end() ? 0 : facts->folded},
                    {"values", std::move(rows)}});
  }
  return json;
}

}  // namespace gend::report
