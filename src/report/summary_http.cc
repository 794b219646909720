#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;
using stats::Tally;

// What one step did: the series of one scenario, name and method, whatever else they are tagged by.
struct StepTotals {
  std::string scenario, name, method;
  stats::Histogram service, corrected;
  stats::Rate failed;
  std::uint64_t retries = 0;
  TallyCounts ends{};
};

StepTotals& step_of(std::vector<std::unique_ptr<StepTotals>>& steps, const stats::Tags& tags) {
  const auto scenario = tag_of(tags, "scenario"), name = tag_of(tags, "name"),
             method = tag_of(tags, "method");
  for (const auto& step : steps)
    if (step->scenario == scenario && step->name == name && step->method == method) return *step;
  steps.push_back(std::make_unique<StepTotals>());
  steps.back()->scenario = scenario;
  steps.back()->name = name;
  steps.back()->method = method;
  return *steps.back();
}

// In the order in which the plan made them, which is the order of the steps.
std::vector<std::unique_ptr<StepTotals>> totals_by_step(const RunResult& result) {
  std::vector<std::unique_ptr<StepTotals>> steps;
  const stats::Recorder& recorder = result.total->recorder;
  for (const stats::Series& series : result.schema->series()) {
    if (series.facet) continue;
    if (series.metric == "http_reqs") {
      add_tally(step_of(steps, series.tags).ends, recorder.tally_at(series.slot));
    } else if (series.metric == "http_req_duration") {
      step_of(steps, series.tags).service.merge(recorder.trend_at(series.slot));
    } else if (series.metric == "http_req_duration_corrected") {
      step_of(steps, series.tags).corrected.merge(recorder.trend_at(series.slot));
    } else if (series.metric == "http_req_failed") {
      stats::Rate& failed = step_of(steps, series.tags).failed;
      failed.hits += recorder.rate_at(series.slot).hits;
      failed.total += recorder.rate_at(series.slot).total;
    } else if (series.metric == "http_req_retries") {
      step_of(steps, series.tags).retries += recorder.counter_at(series.slot);
    }
  }
  return steps;
}

struct ErrorTotal {
  std::uint64_t count = 0;
  std::size_t key = 0;  // one of its keys, for tag and sentence
  Json statuses = Json::object();
};

// By fine name, the most frequent first.
std::vector<std::pair<std::string, ErrorTotal>> errors_of(const TallyCounts& ends) {
  std::map<std::string, ErrorTotal> by_name;
  for (std::size_t key = 0; key < Tally::kKeys; ++key) {
    if (ends[key] == 0 || stats::error_name_of_key(key).empty()) continue;
    ErrorTotal& error = by_name[std::string{stats::error_name_of_key(key)}];
    error.count += ends[key];
    error.key = key;
    if (const int status = stats::status_of_key(key); status != 0)
      error.statuses[std::to_string(status)] = ends[key];
  }
  std::vector<std::pair<std::string, ErrorTotal>> sorted{by_name.begin(), by_name.end()};
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) {
    return a.second.count > b.second.count;
  });
  return sorted;
}

}  // namespace

void add_tally(TallyCounts& ends, const Tally& tally) {
  if (!tally.touched) return;
  for (std::size_t key = 0; key < Tally::kKeys; ++key) ends[key] += tally.counts[key];
}

Json statuses_json(const TallyCounts& ends) {
  Json statuses = Json::object();
  for (std::size_t status = 100; status < 1000; ++status)
    if (const auto n = ends[status] + ends[Tally::kUnexpected + status]; n > 0)
      statuses[std::to_string(status)] = n;
  return statuses;
}

Json error_counts_json(const TallyCounts& ends) {
  Json errors = Json::object();
  for (const auto& [name, error] : errors_of(ends)) errors[name] = error.count;
  return errors;
}

std::string tag_of(const stats::Tags& tags, std::string_view key) {
  const auto found = std::ranges::find(tags, key, &stats::Tags::value_type::first);
  return found == tags.end() ? std::string{} : found->second;
}

Json http_json(const RunResult& result) {
  Json http = Json::array();
  for (const auto& step : totals_by_step(result)) {
    std::uint64_t requests = 0;
    for (const auto n : step->ends) requests += n;
    http.push_back({{"scenario", step->scenario},
                    {"name", step->name},
                    {"method", step->method},
                    {"count", requests},
                    {"rate", per_second(requests, result.elapsed)},
                    {"failed", step->failed.hits},
                    {"failed_rate", share(step->failed.hits, step->failed.total)},
                    {"retries", step->retries},
                    {"service", trend_values(step->service)},
                    {"corrected", trend_values(step->corrected)},
                    {"statuses", statuses_json(step->ends)},
                    {"errors", error_counts_json(step->ends)}});
  }
  return http;
}

Json errors_json(const RunResult& result) {
  TallyCounts ends{};
  for (const stats::Series& series : result.schema->series())
    if (series.kind == stats::Kind::kTally && !series.facet)
      add_tally(ends, result.total->recorder.tally_at(series.slot));
  Json errors = Json::object();
  for (const auto& [name, error] : errors_of(ends)) {
    errors[name] = {{"count", error.count},
                    {"tag", stats::error_tag_of_key(error.key)},
                    {"sentence", stats::error_sentence_of_key(error.key)}};
    if (!error.statuses.empty()) errors[name]["statuses"] = error.statuses;
  }
  return errors;
}

}  // namespace gend::report
