#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

// Counters of one metric, added up by some of their tags; in the order in which the plan made them,
// without those that never counted.
template <std::size_t kTags>
Json counted_by(const RunResult& result, std::string_view metric,
                const std::array<const char*, kTags>& tags) {
  std::vector<std::pair<std::array<std::string, kTags>, std::uint64_t>> rows;
  for (const stats::Series& series : result.schema->series()) {
    if (series.metric != metric || series.facet) continue;
    const std::uint64_t count = result.total->recorder.counter_at(series.slot);
    if (count == 0) continue;
    std::array<std::string, kTags> key;
    for (std::size_t i = 0; i < kTags; ++i) key[i] = tag_of(series.tags, tags[i]);
    const auto found = std::ranges::find(rows, key, [](const auto& row) { return row.first; });
    if (found == rows.end()) rows.emplace_back(key, count);
    else found->second += count;
  }
  Json json = Json::array();
  for (const auto& [key, count] : rows) {
    Json row = Json::object();
    for (std::size_t i = 0; i < kTags; ++i) row[tags[i]] = key[i];
    row["count"] = count;
    json.push_back(std::move(row));
  }
  return json;
}

}  // namespace

Json picks_json(const RunResult& result) {
  Json picks = Json::array();
  for (const PickFacts& pick : result.picks) {
    std::uint64_t all = 0;
    for (const PickFacts::Flow& flow : pick.flows)
      all += result.total->recorder.counter_at(flow.counter);
    Json flows = Json::array();
    for (const PickFacts::Flow& flow : pick.flows) {
      const std::uint64_t count = result.total->recorder.counter_at(flow.counter);
      flows.push_back({{"flow", flow.name},
                       {"asked", flow.asked},
                       {"share", share(count, all)},
                       {"count", count}});
    }
    picks.push_back({{"scenario", pick.scenario}, {"count", all}, {"flows", std::move(flows)}});
  }
  return picks;
}

Json groups_json(const RunResult& result) {
  struct Row {
    std::string scenario, group;
    stats::Histogram duration;
  };
  std::vector<Row> rows;
  for (const stats::Series& series : result.schema->series()) {
    if (series.metric != "group_duration" || series.facet) continue;
    const std::string scenario = tag_of(series.tags, "scenario"),
                      group = tag_of(series.tags, "group");
    auto row = std::ranges::find_if(rows, [&](const Row& known) {
      return known.scenario == scenario && known.group == group;
    });
    if (row == rows.end()) {
      rows.push_back({scenario, group, {}});
      row = std::prev(rows.end());
    }
    row->duration.merge(result.total->recorder.trend_at(series.slot));
  }
  Json groups = Json::array();
  for (const Row& row : rows)
    groups.push_back({{"scenario", row.scenario},
                      {"group", row.group},
                      {"duration", trend_values(row.duration)}});
  return groups;
}

Json failed_iterations_json(const RunResult& result) {
  return counted_by(result, "failed_iterations", std::array{"scenario", "reason"});
}

Json captures_missed_json(const RunResult& result) {
  return counted_by(result, "captures_missed", std::array{"scenario", "name", "capture"});
}

}  // namespace gend::report
