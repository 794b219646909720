#include <cmath>

#include "report/compare.h"
#include "report/compare_words.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;

Json run_json(const ComparedRun& run) {
  return {{"id", run.id},           {"name", run.name},       {"plan", run.plan},
          {"started", run.started}, {"version", run.version}, {"state", run.state},
          {"generator", run.generator}, {"elapsed_s", run.elapsed_s}};
}

Json row_json(const CompareRow& row) {
  Json tags = Json::object();
  for (const auto& [key, value] : row.tags) tags[key] = value;
  Json json{{"metric", row.metric},
            {"tags", std::move(tags)},
            {"statistic", row.statistic},
            {"type", stats::name_of(row.kind)},
            {"contains", stats::name_of(row.contains)},
            {"judged", row.gate == Gate::kJudged},
            {"before", row.before},
            {"after", row.after},
            {"difference", row.after - row.before},
            {"tolerance", row.tolerance},
            {"verdict", name_of(row.change)}};
  if (row.has_interval) json["interval"] = {row.low, row.high};
  if (row.before > 0) json["ratio"] = row.after / row.before;
  if (row.change == Change::kUnsure) json["why"] = row.why;
  return json;
}

}  // namespace

Json comparison_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const CompareRow& row : comparison.rows) rows.push_back(row_json(row));
  return {{"verdict", name_of(comparison.overall)},
          {"words", verdict_words(comparison)},
          {"before", run_json(comparison.before)},
          {"after", run_json(comparison.after)},
          {"length_s", comparison.length_s},
          {"cell_s", comparison.cell_s},
          {"cells", comparison.cells},
          {"confidence", 0.95},
          {"judged", comparison.judged},
          {"objections", comparison.objections},
          {"notes", comparison.notes},
          {"rows", std::move(rows)}};
}

}  // namespace gend::report
