#include "plan/explain.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "plan/demand.h"
#include "plan/explain_parts.h"
#include "plan/join.h"
#include "plan/level.h"
#include "plan/picture.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

constexpr std::size_t kStagesShown = 20;

std::string show_count(double value) {
  return show_number(std::round(value));
}

std::string show_users(std::uint64_t users) {
  return show_number(static_cast<double>(users));
}

// How much, for how long: "10 users at the peak, 5m".
std::string show_load(const Scenario& scenario) {
  const std::string length = show_duration(scenario.duration());
  const std::string peak = show_number(peak_of(level_of(scenario)));
  const std::string_view unit = scenario.open_model ? "arrivals/s" : "users";
  const std::string iterations = show_number(static_cast<double>(scenario.iterations));
  switch (scenario.executor) {
    case Executor::kSharedIterations:
      return fmt::format("{} users, {} iterations together, at most {}", peak, iterations, length);
    case Executor::kPerVuIterations:
      return fmt::format("{} users, {} iterations each, at most {}", peak, iterations, length);
    case Executor::kExternallyControlled:
      return fmt::format("begins with {} {}, {}", peak, unit, length);
    case Executor::kConstantVus:
    case Executor::kRampingVus:
    case Executor::kConstantArrivalRate:
    case Executor::kRampingArrivalRate: break;
  }
  return fmt::format("{} {} at the peak, {}", peak, unit, length);
}

std::string show_stages(const Scenario& scenario) {
  std::string out;
  if (scenario.stages.size() < 2) return out;
  double from = scenario.start;
  for (std::size_t i = 0; i < scenario.stages.size() && i < kStagesShown; ++i) {
    const Stage& stage = scenario.stages[i];
    out += fmt::format("  stage {}: {} to {} in {}\n", clean(stage.name), show_number(from),
                       show_number(stage.target), show_duration(stage.duration));
    from = stage.target;
  }
  if (scenario.stages.size() > kStagesShown) {
    out += fmt::format("  and {} further stages\n", scenario.stages.size() - kStagesShown);
  }
  return out;
}

std::string show_scenario(const Program& program, const Scenario& scenario) {
  std::string out = fmt::format("scenario {}: {}, {}", clean(scenario.name),
                                name_of(scenario.executor), show_load(scenario));
  if (scenario.start_time > Duration{}) {
    out += fmt::format(", begins at {}", show_duration(scenario.start_time));
  }
  out += "\n" + show_stages(scenario);
  if (scenario.open_model) {
    const double all = area_until(level_of(scenario), scenario.duration());
    out += fmt::format("  {} iterations in all, {}by at most {} users\n", show_count(all),
                       scenario.arrivals == Arrivals::kPoisson ? "at random moments, " : "",
                       show_users(scenario.max_vus));
  } else if (scenario.executor == Executor::kExternallyControlled) {
    out += fmt::format("  at most {} users\n", show_users(scenario.max_vus));
  }
  return out + show_steps(program, scenario);
}

std::string show_levels(const Program& program, const Demand& demand) {
  std::string out;
  const auto add = [&](Model model, std::string_view unit) {
    const auto columns = columns_of(program, model, kPictureColumns);
    const bool any = std::ranges::any_of(columns, [](double v) { return v > 0; });
    if (any) out += draw(columns, demand.length, unit) + "\n";
  };
  add(Model::kClosed, "users over time");
  add(Model::kOpen, "arrivals/s over time");
  return out;
}

// What the numbers take for granted.
std::string show_assumptions(const Demand& demand) {
  std::vector<std::string> parts;
  if (demand.assumes_response) {
    parts.push_back(fmt::format("users wait for answers: taking {} a response",
                                show_duration(kAssumedResponse)));
  }
  if (demand.assumes_rounds) {
    parts.push_back(fmt::format("{} rounds of a loop that only the run can count",
                                show_number(kAssumedRounds)));
  }
  if (demand.assumes_branches) parts.push_back("half of the users on each side of an `if`");
  if (demand.assumes_control) parts.push_back("nobody changes what is controlled from outside");
  return parts.empty() ? "" : fmt::format(" ({})", joined(parts, "; "));
}

bool has_bursts(const Program& program) {
  return std::ranges::any_of(program.scenarios,
                             [](const Scenario& scenario) { return scenario.burst_hands > 0; });
}

std::string show_expected(const Program& program, const Demand& demand) {
  const std::string assumptions = show_assumptions(demand);
  const std::string_view about = assumptions.empty() ? "" : "about ";
  std::string out = "expected" + assumptions;
  out += fmt::format("\n  requests     {}{}/s at the peak, {}{} in all, {} {}\n", about,
                     show_number(demand.requests_per_second), about, show_count(demand.requests),
                     demand.counts_iterations ? "within" : "over", show_duration(demand.length));
  if (demand.messages > 0) {
    out += fmt::format("  messages     {}{}/s sent at the peak, {}{} in all\n", about,
                       show_number(demand.messages_per_second), about,
                       show_count(demand.messages));
  }
  out += fmt::format("  bandwidth    {}{}/s up at the peak\n", about,
                     show_bytes(demand.bytes_up_per_second));
  out += fmt::format("  connections  {} at most{}\n",
                     show_number(static_cast<double>(demand.connections)),
                     has_bursts(program) ? ", those of bursts included" : "");
  return out;
}

std::string show_host(const Program& program, const HostFacts& host) {
  std::string out = fmt::format("this host: {} CPUs, {} of memory, kernel {}\n", host.cpus,
                                show_bytes(static_cast<double>(host.memory_bytes)), host.kernel);
  const HostBudget budget = host_budget(program, host);
  const auto number = [](std::uint64_t n) { return show_number(static_cast<double>(n)); };
  out += fmt::format("  ports        {} of {} to one server\n", number(budget.ports),
                     budget.ports_available == 0 ? "?" : number(budget.ports_available));
  out += fmt::format("  descriptors  {} in each of {} rings, where RLIMIT_NOFILE allows {}\n",
                     number(budget.slots), budget.shards, number(budget.slots_available));
  const auto objections = host_objections(program, host);
  if (objections.empty()) return out + "  it can carry this plan\n";
  out += "  it CANNOT carry this plan:\n";
  for (const std::string& objection : objections) out += "  - " + objection + "\n";
  return out;
}

std::string show_thresholds(const Program& program) {
  if (program.thresholds.empty()) return "thresholds: none, so no result can fail\n\n";
  std::string out = "thresholds\n";
  for (const stats::Threshold& threshold : program.thresholds) {
    out += fmt::format("  {}  {}{}", clean(threshold.selector), clean(threshold.source),
                       threshold.abort_on_fail ? "  (ends the run when it fails)" : "");
    if (threshold.assertion.judging != stats::Judging::kLevel)
      out += fmt::format("  (while the load is steady: {} to {})",
                         show_duration(threshold.steady_from), show_duration(threshold.steady_to));
    out += "\n";
  }
  return out + "\n";
}

}  // namespace

std::string explain(const Program& program, const HostFacts& host) {
  const Demand demand = demand_of(program);
  std::string out =
      fmt::format("plan {} ({}), seed {}{}", clean(program.name), clean(program.source_name),
                  program.seed, program.seed_chosen ? " (chosen)" : "");
  if (program.time_scale != 1) out += fmt::format(", --time-scale {}", program.time_scale);
  if (program.load_scale != 1) out += fmt::format(", --load-scale {}", program.load_scale);
  out += "\n";
  for (const Endpoint& endpoint : program.endpoints) {
    out += fmt::format("target {}://{}\n", endpoint.tls ? "https" : "http", endpoint.authority);
  }
  for (const auto& [name, value] : program.vars)
    out += fmt::format("  {} = {}\n", name, clean(value));
  out += show_data(program) + show_observed(program) + "\n";
  for (const Scenario& scenario : program.scenarios) out += show_scenario(program, scenario) + "\n";
  out += show_levels(program, demand);
  out += show_thresholds(program);
  out += show_expected(program, demand) + "\n";
  return out + show_host(program, host);
}

}  // namespace gend::plan
