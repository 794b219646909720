#include "plan/compile_stages.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace gend::plan {

std::optional<std::uint16_t> add_stage_facet(const Scenario& scenario, Program& program) {
  if (scenario.stages.size() < 2) return std::nullopt;
  if (scenario.stages.size() > limits::kTaggedStages) {
    program.notes.push_back(fmt::format("scenario {} has {} stages: with more than {} there is no "
                                        "tag `stage`",
                                        scenario.name, scenario.stages.size(),
                                        limits::kTaggedStages));
    return std::nullopt;
  }
  Facet facet{.tag = "stage"};
  for (const Stage& stage : scenario.stages) {
    const stats::Tags tags{{"scenario", scenario.name}, {"stage", stage.name}};
    // Stages of one name share their series.
    const auto add = [&](std::string_view metric) {
      return program.schema.add_facet(metric, tags);
    };
    facet.values.push_back(stage.name);
    facet.series.push_back({.duration = add("http_req_duration"),
                            .corrected = add("http_req_duration_corrected"),
                            .failed = add("http_req_failed"),
                            .reqs = add("http_reqs")});
  }
  program.facets.push_back(std::move(facet));
  return static_cast<std::uint16_t>(program.facets.size() - 1);
}

}  // namespace gend::plan
