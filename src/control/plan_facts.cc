#include "control/plan_facts.h"

#include <algorithm>
#include <string>

#include "report/mask.h"

namespace gend::control {
namespace {

std::vector<report::StageFacts> stages_of(const plan::Scenario& scenario) {
  std::vector<report::StageFacts> stages;
  Duration at = scenario.start_time;
  for (const plan::Stage& stage : scenario.stages) {
    stages.push_back({.name = stage.name, .from = at, .to = at + stage.duration});
    at += stage.duration;
  }
  return stages;
}

report::RequestFacts facts_of(const plan::HttpRequest& request) {
  report::RequestFacts facts{.name = request.name,
                             .method = std::string{plan::name_of(request.method)},
                             .checks = {}};
  for (const auto* checks : {&request.checks, &request.expects})
    for (const plan::Check& check : *checks) facts.checks.push_back(check.name);
  return facts;
}

// The `scenario` tag of a counter of `picks`.
std::string scenario_of(const stats::Schema& schema, std::uint32_t counter) {
  for (const stats::Series& series : schema.series()) {
    if (series.metric != "picks" || series.slot != counter) continue;
    for (const auto& [key, value] : series.tags)
      if (key == "scenario") return value;
  }
  return {};
}

report::PickFacts facts_of(const plan::Pick& pick, const stats::Schema& schema) {
  report::PickFacts facts;
  facts.scenario = scenario_of(schema, pick.series.front());
  double before = 0;
  for (std::size_t i = 0; i < pick.names.size(); ++i) {
    const double asked = (pick.up_to[i] - before) / pick.up_to.back();
    before = pick.up_to[i];
    facts.flows.push_back({.name = pick.names[i], .asked = asked, .counter = pick.series[i]});
  }
  return facts;
}

}  // namespace

void add_plan_facts(const plan::Program& program, report::RunResult& result) {
  for (std::size_t i = 0; i < program.scenarios.size(); ++i)
    result.scenarios[i].stages = stages_of(program.scenarios[i]);
  for (const plan::HttpRequest& request : program.requests)
    result.requests.push_back(facts_of(request));
  for (const plan::Pick& pick : program.picks)
    if (!pick.series.empty()) result.picks.push_back(facts_of(pick, program.schema));
  for (const plan::Facet& facet : program.facets)
    if (facet.data != plan::Facet::kStage)
      result.facets.push_back({.tag = facet.tag, .folded = facet.folded});
  result.notes = program.notes;
  result.secrets = report::forms_of(program.secrets);
}

}  // namespace gend::control
