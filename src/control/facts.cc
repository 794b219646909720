#include "control/facts.h"

#include <algorithm>

#include <fmt/format.h>

namespace gend::control {

namespace {

std::string plural(std::size_t n, const char* noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// Steps that an iteration can reach, each counted once however often it is jumped to.
std::string describe_steps(const plan::Program& program, const plan::Scenario& scenario) {
  std::vector<bool> seen(program.steps.size());
  std::vector<std::uint32_t> open{scenario.first_step};
  std::size_t requests = 0, thinks = 0, sessions = 0;
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (at >= seen.size() || seen[at]) continue;
    seen[at] = true;
    const plan::Step& step = program.steps[at];
    if (step.kind == plan::StepKind::kEnd || step.kind == plan::StepKind::kBurstEnd) continue;
    if (step.kind == plan::StepKind::kHttp) ++requests;
    if (step.kind == plan::StepKind::kThink) ++thinks;
    if (step.kind == plan::StepKind::kSessionOpen) ++sessions;
    if (step.kind == plan::StepKind::kBurst)
      open.push_back(program.bursts[step.body].first_step);
    if (step.kind == plan::StepKind::kPick)
      for (const std::uint32_t target : program.picks[step.body].targets) open.push_back(target);
    open.push_back(step.on_success);
    open.push_back(step.on_failure);
  }
  std::string text = plural(requests, "request");
  if (sessions > 0) text += ", " + plural(sessions, "session");
  if (thinks > 0) text += ", " + plural(thinks, "think");
  return text;
}

double peak_of(const plan::Scenario& scenario) {
  double peak = scenario.start;
  for (const plan::Stage& stage : scenario.stages) peak = std::max(peak, stage.target);
  return peak;
}

report::Steered steered_of(const plan::Scenario& scenario) {
  if (scenario.executor != plan::Executor::kExternallyControlled) return report::Steered::kNot;
  return scenario.open_model ? report::Steered::kRate : report::Steered::kUsers;
}

}  // namespace

std::vector<report::ScenarioFacts> scenario_facts(const plan::Program& program) {
  std::vector<report::ScenarioFacts> facts;
  for (const plan::Scenario& scenario : program.scenarios)
    facts.push_back({.name = scenario.name,
                     .executor = std::string{plan::name_of(scenario.executor)},
                     .open_model = scenario.open_model,
                     .start_time = scenario.start_time,
                     .duration = scenario.duration(),
                     .peak = peak_of(scenario),
                     .max_vus = scenario.max_vus,
                     .steps = describe_steps(program, scenario),
                     .stages = {},
                     .steered = steered_of(scenario)});
  return facts;
}

std::vector<std::string> check_names(const plan::Program& program) {
  std::vector<std::string> names;
  for (const stats::Series& series : program.schema.series()) {
    if (series.metric != "checks") continue;
    for (const auto& [tag, value] : series.tags)
      if (tag == "check" && std::find(names.begin(), names.end(), value) == names.end())
        names.push_back(value);
  }
  return names;
}

Duration planned_duration(const plan::Program& program) {
  Duration longest{};
  for (const plan::Scenario& scenario : program.scenarios)
    longest = std::max(longest, scenario.start_time + scenario.duration());
  return longest;
}

bool has_open_model(const plan::Program& program) {
  return std::any_of(program.scenarios.begin(), program.scenarios.end(),
                     [](const auto& scenario) { return scenario.open_model; });
}

bool is_insecure(const plan::Program& program) {
  return !program.tls.verify &&
         std::any_of(program.endpoints.begin(), program.endpoints.end(),
                     [](const plan::Endpoint& endpoint) { return endpoint.tls; });
}

std::string describe(const HostFacts& host) {
  return fmt::format("{}, {:.1f} GiB, kernel {}", plural(host.cpus, "CPU"),
                     static_cast<double>(host.memory_bytes) / (1 << 30), host.kernel);
}

}  // namespace gend::control
