#include "plan/demand.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "plan/level.h"

namespace gend::plan {

namespace {

Duration end_of(const Scenario& scenario) {
  return scenario.start_time + scenario.duration();
}

Duration length_of(const Program& program) {
  Duration length{};
  for (const Scenario& scenario : program.scenarios) length = std::max(length, end_of(scenario));
  return length;
}

// Moments between which every level is a straight line: edges of stages, and just before them,
// where a level is that jumps there.
std::vector<Duration> corners(const Program& program) {
  std::vector<Duration> out{Duration{}};
  const auto add = [&](Duration t) {
    if (t > Duration{}) out.push_back(t - Duration{1});
    out.push_back(t);
  };
  for (const Scenario& scenario : program.scenarios) {
    Duration t = scenario.start_time;
    add(t);
    for (const Stage& stage : scenario.stages) add(t += stage.duration);
  }
  std::ranges::sort(out);
  return out;
}

double level_of_model(const Program& program, Model model, Duration t) {
  double sum = 0;
  for (const Scenario& scenario : program.scenarios) {
    if (scenario.open_model != (model == Model::kOpen)) continue;
    sum += level_at(level_of(scenario), t - scenario.start_time);
  }
  return sum;
}

// Iterations begun per second for each unit of a scenario's level.
double iterations_per_unit(const Scenario& scenario, const Iteration& iteration) {
  if (scenario.open_model) return 1;
  return iteration.seconds > 0 ? 1 / iteration.seconds : 0;
}

bool makes_requests(const Program& program, const Scenario& scenario) {
  for (std::uint32_t at = scenario.first_step;; ++at) {
    if (program.steps[at].kind == StepKind::kHttp) return true;
    if (program.steps[at].kind == StepKind::kEnd) return false;
  }
}

std::uint64_t connections_of_sessions(const Program& program, const Scenario& scenario) {
  std::uint64_t most = 0;
  for (std::uint32_t at = scenario.first_step;; ++at) {
    const Step& step = program.steps[at];
    if (step.kind == StepKind::kEnd) return most * scenario.sessions;
    if (step.kind == StepKind::kSessionOpen)
      most = std::max(most, connections_of(program.sessions[step.body]));
  }
}

// A user and the hands of its bursts have connections of their own, and so has each session.
std::uint64_t connections_to(const Program& program, const Scenario& scenario,
                             std::uint64_t servers) {
  const std::uint64_t of_sessions = connections_of_sessions(program, scenario);
  if (!makes_requests(program, scenario)) return std::max<std::uint64_t>(of_sessions, 1);
  return (1 + scenario.burst_hands) * servers + of_sessions;
}

}  // namespace

std::uint64_t connections_of(const Session& session) {
  if (session.kind == SessionKind::kWebSocket) return 1;
  switch (session.transports) {
    case Transports::kWebSocket: return 1;
    case Transports::kPolling: return 2;
    case Transports::kUpgrade: return 3;
  }
  return 1;
}

std::uint64_t connections_of_user(const Program& program, const Scenario& scenario) {
  return connections_to(program, scenario, std::max<std::size_t>(program.endpoints.size(), 1));
}

double iterations_of(const Scenario& scenario, const Iteration& iteration) {
  const double fit = area_until(level_of(scenario), scenario.duration()) *
                     iterations_per_unit(scenario, iteration);
  double asked = 0;
  if (scenario.executor == Executor::kSharedIterations)
    asked = static_cast<double>(scenario.iterations);
  else if (scenario.executor == Executor::kPerVuIterations)
    asked = static_cast<double>(scenario.iterations) * static_cast<double>(scenario.max_vus);
  else
    return fit;
  // Iterations that take no time all fit.
  return iteration.seconds > 0 ? std::min(asked, fit) : asked;
}

double mean_seconds(const Think& think) {
  switch (think.kind) {
    case ThinkKind::kFixed:
    case ThinkKind::kExponential:
    case ThinkKind::kNormal: return to_seconds(think.a);
    case ThinkKind::kUniform: return (to_seconds(think.a) + to_seconds(think.b)) / 2;
  }
  GEND_ASSERT(!"a think time has a mean");
}

std::vector<double> columns_of(const Program& program, Model model, std::size_t columns) {
  std::vector<double> out(columns, 0);
  const Duration length = length_of(program);
  if (length == Duration{} || columns == 0) return out;
  const auto at_edge = [&](std::size_t i) {
    return Duration{
        static_cast<std::int64_t>(static_cast<double>(length.count()) *
                                  (static_cast<double>(i) / static_cast<double>(columns)))};
  };
  const std::vector<Duration> all_corners = corners(program);
  for (std::size_t i = 0; i < columns; ++i) {
    const Duration from = at_edge(i), to = at_edge(i + 1);
    out[i] = std::max(level_of_model(program, model, from),
                      level_of_model(program, model, std::max(from, to - Duration{1})));
    auto corner = std::ranges::lower_bound(all_corners, from);
    for (; corner != all_corners.end() && *corner < to; ++corner) {
      out[i] = std::max(out[i], level_of_model(program, model, *corner));
    }
  }
  return out;
}

Demand demand_of(const Program& program) {
  Demand demand;
  demand.length = length_of(program);
  std::vector<Iteration> iterations;
  for (const Scenario& scenario : program.scenarios) {
    const Iteration& iteration = iterations.emplace_back(iteration_of(program, scenario));
    demand.requests += iterations_of(scenario, iteration) * iteration.requests;
    demand.users += scenario.max_vus;
    demand.messages += iterations_of(scenario, iteration) * iteration.messages;
    // All sessions may lead to the same server as the requests.
    demand.ports += scenario.max_vus * connections_to(program, scenario, 1);
    demand.connections += scenario.max_vus * connections_of_user(program, scenario);
    demand.assumes_response |= !scenario.open_model;
    demand.assumes_rounds |= iteration.assumes_rounds;
    demand.assumes_branches |= iteration.assumes_branches;
    demand.assumes_control |= scenario.executor == Executor::kExternallyControlled;
    demand.counts_iterations |= scenario.iterations > 0;
  }
  for (const Duration t : corners(program)) {
    double requests = 0, messages = 0, bytes = 0;
    for (std::size_t i = 0; i < iterations.size(); ++i) {
      const Scenario& scenario = program.scenarios[i];
      const double begun = level_at(level_of(scenario), t - scenario.start_time) *
                           iterations_per_unit(scenario, iterations[i]);
      requests += begun * iterations[i].requests;
      messages += begun * iterations[i].messages;
      bytes += begun * iterations[i].bytes;
    }
    demand.requests_per_second = std::max(demand.requests_per_second, requests);
    demand.messages_per_second = std::max(demand.messages_per_second, messages);
    demand.bytes_up_per_second = std::max(demand.bytes_up_per_second, bytes);
  }
  return demand;
}

}  // namespace gend::plan
