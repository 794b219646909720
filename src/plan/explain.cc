#include "plan/explain.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"
#include "plan/demand.h"
#include "plan/join.h"
#include "plan/level.h"
#include "plan/picture.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

// Names come from the plan and go to a terminal.
std::string clean(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return out;
}

std::string show_bytes(double bytes) {
  if (bytes < 1000) return fmt::format("{:.0f} B", bytes);
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.2f} GB", bytes / 1e9);
}

std::string show_count(double value) {
  return show_number(std::round(value));
}

std::string show_think(const Think& think) {
  switch (think.kind) {
    case ThinkKind::kFixed: return show_duration(think.a);
    case ThinkKind::kUniform:
      return fmt::format("{}..{}", show_duration(think.a), show_duration(think.b));
    case ThinkKind::kExponential:
      return fmt::format("exponential, mean {}", show_duration(think.a));
    case ThinkKind::kNormal:
      return fmt::format("normal, {} ± {}", show_duration(think.a), show_duration(think.b));
  }
  GEND_ASSERT(!"a think time has a form");
}

std::string_view show_lifetime(Lifetime lifetime) {
  switch (lifetime) {
    case Lifetime::kFixed: return "rendered once";
    case Lifetime::kPerUser: return "rendered per user";
    case Lifetime::kPerIteration: return "rendered per iteration";
    case Lifetime::kPerMessage: return "rendered per request";
  }
  GEND_ASSERT(!"a lifetime has words");
}

std::string show_statuses(const HttpRequest& request) {
  std::vector<std::string> parts;
  for (const auto& [from, to] : request.expected_statuses) {
    parts.push_back(from == to ? std::to_string(from) : fmt::format("{}-{}", from, to));
  }
  return joined(parts);
}

std::string show_request(const Program& program, const HttpRequest& request) {
  std::string out = fmt::format("{} {}", name_of(request.method), clean(request.name));
  if (program.endpoints.size() > 1) {
    out += fmt::format("  at {}", program.endpoints[request.endpoint].authority);
  }
  const bool fixed = request.lifetime == Lifetime::kFixed;
  out += fmt::format("\n       {}{}, {}, timeout {}, expects {}", fixed ? "" : "up to ",
                     show_bytes(static_cast<double>(request.expected_bytes)),
                     show_lifetime(request.lifetime), show_duration(request.timeout.total),
                     show_statuses(request));
  for (const Check& check : request.checks)
    out += fmt::format("\n       check {}", clean(check.name));
  return out;
}

std::string show_steps(const Program& program, const Scenario& scenario) {
  std::string out;
  int number = 0;
  for (std::uint32_t at = scenario.first_step;; at = program.steps[at].on_success) {
    const Step& step = program.steps[at];
    switch (step.kind) {
      case StepKind::kEnd: return out;
      case StepKind::kThink:
        out += fmt::format("  {:>3}  think {}\n", ++number, show_think(program.thinks[step.body]));
        break;
      case StepKind::kHttp:
        out += fmt::format("  {:>3}  {}\n", ++number,
                           show_request(program, program.requests[step.body]));
        if (step.on_failure != step.on_success) {
          out += "       a failure ends the iteration\n";
        }
        break;
    }
  }
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
  out += "\n";
  for (const Scenario& scenario : program.scenarios) out += show_scenario(program, scenario) + "\n";
  out += show_levels(program, demand);
  out += show_thresholds(program);
  out += show_expected(demand) + "\n";
  return out + show_host(program, host);
}

}  // namespace gend::plan
