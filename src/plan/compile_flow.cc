#include "plan/compile_flow.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "plan/compile_stages.h"
#include "plan/shape.h"

namespace gend::plan {

void FlowCompiler::add(const ScenarioText& text, Scenario& scenario) {
  scenario_ = &text;
  registers_ = registers_used_ = burst_hands_ = depth_ = sessions_used_ = 0;
  group_.clear();
  mix_flow_.clear();
  ends_.clear();
  cookies_ = scenario.cookies;
  stage_facet_ = add_stage_facet(scenario, program_);
  if (text.mix) scenario.mix = static_cast<std::uint32_t>(program_.picks.size());
  scenario.first_step = next_step();
  const Exits exits = text.mix ? add_what(*text.mix, {}) : add_flow(text.flow, {});
  const std::uint32_t end = emit(StepKind::kEnd, 0, exits);
  program_.steps[end].on_success = program_.steps[end].on_failure = scenario.first_step;
  for (const std::uint32_t step : ends_) program_.steps[step].on_failure = end;
  scenario.registers = registers_used_;
  scenario.burst_hands = burst_hands_;
  scenario.sessions = sessions_used_;
}

std::uint32_t FlowCompiler::emit(StepKind kind, std::size_t body, const Exits& from) {
  const std::uint32_t here = next_step();
  lead(from, here);
  program_.steps.push_back(
      {.kind = kind, .body = static_cast<std::uint32_t>(body), .depth = depth_});
  return here;
}

void FlowCompiler::lead(const Exits& from, std::uint32_t to) {
  for (const Exit& exit : from) {
    Step& step = program_.steps[exit.step];
    switch (exit.way) {
      case Exit::Way::kSuccess: step.on_success = to; break;
      case Exit::Way::kFailure: step.on_failure = to; break;
      case Exit::Way::kBoth: step.on_success = step.on_failure = to; break;
      case Exit::Way::kTarget: program_.picks[step.body].targets[exit.target] = to; break;
    }
  }
}

FlowCompiler::Exits FlowCompiler::add_inner(const FlowText& flow, Exits from) {
  ++depth_;
  Exits exits = add_flow(flow, std::move(from));
  --depth_;
  return exits;
}

FlowCompiler::Exits FlowCompiler::add_flow(const FlowText& flow, Exits from) {
  for (const StepText& step : flow) {
    // Beyond the limit a complaint says so already, or does now: unrolled flows may be many.
    if (program_.steps.size() >= limits::kSteps) {
      if (program_.steps.size() == limits::kSteps) {
        reporter_.complain(step.place, fmt::format("more than {} steps in all, flows that are "
                                                   "called counted each time",
                                                   limits::kSteps));
        emit(StepKind::kEnd, 0, {});
      }
      return from;
    }
    from = add_step(step, from);
  }
  return from;
}

FlowCompiler::Exits FlowCompiler::add_step(const StepText& step, const Exits& from) {
  return std::visit(
      [&](const auto& what) {
        if constexpr (requires { *what; })
          return add_what(*what, from);
        else
          return add_what(what, from);
      },
      step.what);
}

TagValues FlowCompiler::tags() const {
  TagValues tags = fixed_tags(scenario_->tags);
  if (!group_.empty()) tags["group"] = group_;
  if (!mix_flow_.empty()) tags["flow"] = mix_flow_;
  return tags;
}

FlowCompiler::Exits FlowCompiler::add_what(const HttpText& http, const Exits& from) {
  HttpRequest request = requests_.compile(http);
  add_http_series(scenario_->name, tags_of_step(http.tags), request, program_.schema);
  request.facets = facets_.facets_of(scenario_->name, scenario_->tags, http.tags);
  const std::uint32_t here = emit(StepKind::kHttp, program_.requests.size(), from);
  if (cookies_ == Scenario::Cookies::kOff) request.sends_cookies = false;
  if (stage_facet_) request.facets.push_back(*stage_facet_);
  const bool ends = request.stops_on_failure;
  if (ends) ends_.push_back(here);
  program_.requests.push_back(std::move(request));
  return {{.step = here, .way = ends ? Exit::Way::kSuccess : Exit::Way::kBoth}};
}

FlowCompiler::Exits FlowCompiler::add_what(const Think& think, const Exits& from) {
  const std::uint32_t here = emit(StepKind::kThink, program_.thinks.size(), from);
  program_.thinks.push_back({.kind = think.kind,
                             .a = scaled(think.a, options_.time_scale),
                             .b = scaled(think.b, options_.time_scale),
                             .holds = think.holds});
  return {{.step = here}};
}

FlowCompiler::Exits FlowCompiler::add_what(const WaitText& wait, const Exits& from) {
  const std::uint32_t here = emit(wait.kind, program_.waits.size(), from);
  program_.waits.push_back(scaled(wait.duration, options_.time_scale));
  return {{.step = here}};
}

FlowCompiler::Exits FlowCompiler::add_what(const LoopText& text, const Exits& from) {
  Registers registers{*this};
  Loop loop = text.loop;
  if (!program_.values[loop.index_slot].is_read) loop.index_slot = kNoSlot;
  loop.lasting = scaled(loop.lasting, options_.time_scale);
  loop.round_register = registers.take();
  loop.limit_register = registers.take();
  loop.start_register = registers.take();
  const std::size_t body = program_.loops.size();
  program_.loops.push_back(std::move(loop));
  const std::uint32_t enter = emit(StepKind::kLoopEnter, body, from);
  const std::uint32_t next =
      emit(StepKind::kLoopNext, body, {{.step = enter, .way = Exit::Way::kBoth}});
  lead(add_inner(text.flow, {{.step = next, .way = Exit::Way::kSuccess}}), next);
  return {{.step = next, .way = Exit::Way::kFailure}};
}

FlowCompiler::Exits FlowCompiler::add_what(const BranchText& branch, const Exits& from) {
  const std::uint32_t here = emit(StepKind::kBranch, program_.formulas.size(), from);
  program_.formulas.push_back(branch.condition);
  Exits exits = add_inner(branch.then, {{.step = here, .way = Exit::Way::kSuccess}});
  const Exits others = add_inner(branch.otherwise, {{.step = here, .way = Exit::Way::kFailure}});
  exits.insert(exits.end(), others.begin(), others.end());
  return exits;
}

FlowCompiler::Exits FlowCompiler::add_what(const OnceText& once, const Exits& from) {
  const std::uint32_t here = emit(StepKind::kOnce, 0, from);
  Exits exits = add_inner(once.flow, {{.step = here, .way = Exit::Way::kSuccess}});
  exits.push_back({.step = here, .way = Exit::Way::kFailure});
  return exits;
}

FlowCompiler::Exits FlowCompiler::add_what(const PickText& text, const Exits& from) {
  const std::size_t body = program_.picks.size();
  const std::uint32_t here = emit(StepKind::kPick, body, from);
  Pick pick;
  double sum = 0;
  for (const PickText::Entry& entry : text.entries) {
    pick.up_to.push_back(sum += entry.weight);
    pick.targets.push_back(0);
    pick.names.push_back(entry.name);
    TagValues of_pick = tags();
    of_pick["flow"] = entry.name;
    pick.series.push_back(program_.schema.add("picks", with_scenario(of_pick, scenario_->name)));
  }
  program_.picks.push_back(std::move(pick));
  const bool is_mix = scenario_->mix && &*scenario_->mix == &text;
  Exits exits;
  for (std::size_t i = 0; i < text.entries.size(); ++i) {
    const PickText::Entry& entry = text.entries[i];
    const Exits chosen{{.step = here, .way = Exit::Way::kTarget, .target = i}};
    if (is_mix) mix_flow_ = entry.name;
    ++depth_;
    const Exits done =
        is_mix ? add_group(entry.name, entry.flow, chosen) : add_flow(entry.flow, chosen);
    --depth_;
    exits.insert(exits.end(), done.begin(), done.end());
  }
  if (is_mix) mix_flow_.clear();
  return exits;
}

FlowCompiler::Exits FlowCompiler::add_group(const std::string& name, const FlowText& flow,
                                            const Exits& from) {
  Registers registers{*this};
  const std::string outer = group_;
  group_ += "::" + name;
  const std::size_t body = program_.groups.size();
  program_.groups.push_back(
      {.name = group_,
       .start_register = registers.take(),
       .duration = program_.schema.add("group_duration", with_scenario(tags(), scenario_->name))});
  const std::uint32_t enter = emit(StepKind::kGroupEnter, body, from);
  const std::uint32_t leave = emit(StepKind::kGroupLeave, body, add_inner(flow, {{.step = enter}}));
  group_ = outer;
  return {{.step = leave}};
}

FlowCompiler::Exits FlowCompiler::add_what(const GroupText& group, const Exits& from) {
  return add_group(group.name, group.flow, from);
}

FlowCompiler::Exits FlowCompiler::add_what(const BurstText& text, const Exits& from) {
  Registers registers{*this};
  Burst burst = text.burst;
  burst.begun_register = registers.take();
  burst.ended_register = registers.take();
  for (BurstCount& check : burst.checks) {
    check.counter_register = registers.take();
    TagValues of_check = tags();
    of_check["check"] = check.name;
    check.series = program_.schema.add("checks", with_scenario(of_check, scenario_->name));
  }
  for (BurstCount& capture : burst.captures) capture.counter_register = registers.take();
  burst_hands_ = std::max(burst_hands_, burst.concurrency);
  const std::uint32_t here = emit(StepKind::kBurst, program_.bursts.size(), from);
  burst.first_step = next_step();
  const std::size_t body = program_.bursts.size();
  program_.bursts.push_back(std::move(burst));
  // What ends an iteration elsewhere ends a round here.
  std::vector<std::uint32_t> around = std::exchange(ends_, {});
  const Exits exits = add_inner(text.flow, {});
  const std::uint32_t end = emit(StepKind::kBurstEnd, body, exits);
  for (const std::uint32_t step : std::exchange(ends_, std::move(around))) {
    program_.steps[step].on_failure = end;
  }
  program_.bursts[body].end_step = end;
  ends_.push_back(here);
  return {{.step = here, .way = Exit::Way::kSuccess}};
}

FlowCompiler::Exits FlowCompiler::add_what(const SetText& set, const Exits& from) {
  Exits exits = from;
  for (const Assignment& assignment : set.assignments) {
    const std::uint32_t here = emit(StepKind::kSet, program_.assignments.size(), exits);
    program_.assignments.push_back(assignment);
    exits = {{.step = here}};
  }
  return exits;
}

FlowCompiler::Exits FlowCompiler::add_what(const MetricText& text, const Exits& from) {
  constexpr stats::Kind kKinds[] = {stats::Kind::kCounter, stats::Kind::kGauge, stats::Kind::kRate,
                                    stats::Kind::kTrend};
  const stats::Kind kind = kKinds[static_cast<std::size_t>(text.kind)];
  if (program_.schema.declare(text.name, kind, text.contains) == nullptr) {
    reporter_.complain(
        text.place,
        fmt::format("the metric {} is of another kind elsewhere in the plan", quote(text.name)),
        "give one of them another name");
    return from;
  }
  const std::uint32_t here = emit(StepKind::kMetric, program_.metrics.size(), from);
  program_.metrics.push_back(
      {.kind = text.kind,
       .slot = program_.schema.add(text.name, with_scenario(tags(), scenario_->name)),
       .value = text.value});
  return {{.step = here}};
}

FlowCompiler::Exits FlowCompiler::add_what(const EndText& end, const Exits& from) {
  std::uint32_t here = 0;
  if (end.kind == StepKind::kAbort) {
    here = emit(end.kind, program_.aborts.size(), from);
    program_.aborts.push_back({.message = end.message});
  } else {
    here = emit(end.kind, program_.fails.size(), from);
    TagValues of_fail = fixed_tags(scenario_->tags);
    of_fail["reason"] = end.message;
    program_.fails.push_back({.message = end.message,
                              .series = program_.schema.add(
                                  "failed_iterations", with_scenario(of_fail, scenario_->name))});
  }
  // What stands behind it is never reached; it leads somewhere all the same.
  return {{.step = here}};
}

}  // namespace gend::plan
