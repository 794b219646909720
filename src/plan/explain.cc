#include "plan/explain.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "plan/demand.h"
#include "plan/explain_parts.h"
#include "plan/level.h"
#include "plan/picture.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

std::string show_count(double value) {
  return show_number(std::round(value));
}

std::string show_scenario(const Program& program, const Scenario& scenario) {
  const bool open = is_open_model(scenario.executor);
  const std::string peak = show_number(peak_of(level_of(scenario)));
  std::string out = fmt::format("scenario {}: {}, {} {} at the peak, {}", clean(scenario.name),
                                name_of(scenario.executor), peak, open ? "arrivals/s" : "users",
                                show_duration(scenario.duration()));
  if (scenario.start_time > Duration{}) {
    out += fmt::format(", begins at {}", show_duration(scenario.start_time));
  }
  out += "\n";
  if (open) {
    out += fmt::format("  {} iterations in all, by at most {} users\n",
                       show_count(area_until(level_of(scenario), scenario.duration())),
                       show_number(static_cast<double>(scenario.max_vus)));
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

std::string show_expected(const Demand& demand) {
  std::string out = "expected";
  if (demand.assumes_response) {
    out += fmt::format(" (users wait for answers: taking {} a response)",
                       show_duration(kAssumedResponse));
  }
  const std::string_view about = demand.assumes_response ? "about " : "";
  out += fmt::format("\n  requests     {}{}/s at the peak, {}{} in all, over {}\n", about,
                     show_number(demand.requests_per_second), about, show_count(demand.requests),
                     show_duration(demand.length));
  out += fmt::format("  bandwidth    {}{}/s up at the peak\n", about,
                     show_bytes(demand.bytes_up_per_second));
  out += fmt::format("  connections  {} at most\n",
                     show_number(static_cast<double>(demand.connections)));
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
    out += fmt::format("  {}  {}{}\n", clean(threshold.selector), clean(threshold.source),
                       threshold.abort_on_fail ? "  (ends the run when it fails)" : "");
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
    out += fmt::format("target http://{}\n", endpoint.authority);
  }
  for (const auto& [name, value] : program.vars)
    out += fmt::format("  {} = {}\n", name, clean(value));
  out += show_data(program) + "\n";
  for (const Scenario& scenario : program.scenarios) out += show_scenario(program, scenario) + "\n";
  out += show_levels(program, demand);
  out += show_thresholds(program);
  out += show_expected(demand) + "\n";
  return out + show_host(program, host);
}

}  // namespace gend::plan
