#include "engine/flow.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/assert.h"
#include "engine/think.h"

namespace gend::engine {
namespace {

using plan::FailReason;
using plan::RenderFault;
using plan::StepKind;

std::int64_t stamp_of(TimePoint at) { return at.time_since_epoch().count(); }
TimePoint moment_of(std::int64_t stamp) { return TimePoint{Duration{stamp}}; }

Flow::Next failure(RenderFault fault) {
  return {.pc = 0, .intended = {}, .failed = plan::reason_of(fault)};
}

void set_number(plan::Values& values, std::uint32_t slot, std::int64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  GEND_ASSERT(error == std::errc{});
  values.set(slot, {digits, static_cast<std::size_t>(end - digits)});
}

// Rounds that a computed count asks for: at least none, at most `max`.
std::int64_t rounds_of(double count, std::uint64_t max) {
  if (!(count > 0)) return 0;
  return static_cast<std::int64_t>(std::min(std::floor(count), static_cast<double>(max)));
}

stats::Kind kind_of(plan::CustomKind kind) {
  switch (kind) {
    case plan::CustomKind::kCounter: return stats::Kind::kCounter;
    case plan::CustomKind::kGauge: return stats::Kind::kGauge;
    case plan::CustomKind::kRate: return stats::Kind::kRate;
    case plan::CustomKind::kTrend: return stats::Kind::kTrend;
  }
  GEND_ASSERT(!"a kind of metric");
}

// The users of a scenario begin evenly over the window, in the order of their numbers.
Duration spread_delay(Duration window, std::uint64_t number, std::uint64_t users) {
  const long double share = static_cast<long double>(number) /
                            static_cast<long double>(std::max<std::uint64_t>(users, 1));
  return Duration{static_cast<std::int64_t>(static_cast<long double>(window.count()) * share)};
}

}  // namespace

Flow::Next Flow::take(Vu& vu, const plan::Step& step, TimePoint at,
                      const plan::RenderContext& context) {
  switch (step.kind) {
    case StepKind::kThink:
      return {step.on_success, at + think_time(program_.thinks[step.body], vu.rng)};
    case StepKind::kPace:
      vu.pace_until = vu.iteration_intended + program_.waits[step.body];
      return {step.on_success, at};
    case StepKind::kSpread: {
      if (vu.iteration > 0) return {step.on_success, at};
      const std::uint64_t users = program_.scenarios[vu.scenario].max_vus;
      return {step.on_success, at + spread_delay(program_.waits[step.body], vu.number, users)};
    }
    case StepKind::kOnce: return {vu.iteration == 0 ? step.on_success : step.on_failure, at};
    case StepKind::kBranch: {
      bool holds = false;
      const RenderFault fault = plan::is_true(program_.formulas[step.body], context, holds);
      if (fault != RenderFault::kNone) return failure(fault);
      return {holds ? step.on_success : step.on_failure, at};
    }
    case StepKind::kLoopEnter: return enter_loop(vu, step, at, context);
    case StepKind::kLoopNext: return next_round(vu, step, at, context);
    case StepKind::kPick: return choose(vu, step, at);
    case StepKind::kGroupEnter:
      vu.registers[program_.groups[step.body].start_register] = stamp_of(at);
      return {step.on_success, at};
    case StepKind::kGroupLeave: {
      const plan::Group& group = program_.groups[step.body];
      into_->recorder.trend(group.duration, at - moment_of(vu.registers[group.start_register]));
      return {step.on_success, at};
    }
    case StepKind::kSet: return assign(step, at, context);
    case StepKind::kMetric: return measure(step, at, context);
    case StepKind::kFail:
      into_->recorder.count(program_.fails[step.body].series);
      return {.pc = 0, .intended = at, .failed = FailReason::kFailStep};
    case StepKind::kAbort:
      if (into_->aborted == 0) into_->aborted = step.body + 1;
      return {.pc = step.on_success, .intended = at, .failed = {}, .aborted = true};
    case StepKind::kHttp:
    case StepKind::kBurst:
    case StepKind::kBurstEnd:
    case StepKind::kEnd:
    case StepKind::kSessionOpen:
    case StepKind::kSessionEnd:
    case StepKind::kSend:
    case StepKind::kEmit:
    case StepKind::kReceive:
    case StepKind::kListen:
    case StepKind::kPing:
    case StepKind::kEcho:
    case StepKind::kClose: break;
  }
  GEND_ASSERT(!"a step of the runner's");
}

Flow::Next Flow::enter_loop(Vu& vu, const plan::Step& step, TimePoint at,
                            const plan::RenderContext& context) {
  const plan::Loop& loop = program_.loops[step.body];
  vu.registers[loop.round_register] = 0;
  vu.registers[loop.start_register] = stamp_of(at);
  std::int64_t& limit = vu.registers[loop.limit_register];
  limit = static_cast<std::int64_t>(loop.max);
  if (is_assumed(step.body)) limit = static_cast<std::int64_t>(assumed_rounds_[step.body]);
  if (loop.count) {
    double count = 0;
    const RenderFault fault = plan::number_of(*loop.count, context, count);
    if (fault != RenderFault::kNone) return failure(fault);
    limit = rounds_of(count, loop.max);
  }
  if (!loop.items.empty()) limit = static_cast<std::int64_t>(loop.items.size());
  if (loop.list) {
    scratch_.clear();
    const RenderFault fault = plan::render(*loop.list, context, scratch_);
    if (fault != RenderFault::kNone) return failure(fault);
    if (!list_.parse(scratch_.view())) return failure(RenderFault::kNotAList);
    context.values->set(loop.list_slot, scratch_.view());
    limit = std::min(limit, static_cast<std::int64_t>(list_.size()));
  }
  return {step.on_success, at};
}

Flow::Next Flow::next_round(Vu& vu, const plan::Step& step, TimePoint at,
                            const plan::RenderContext& context) {
  const plan::Loop& loop = program_.loops[step.body];
  std::int64_t& round = vu.registers[loop.round_register];
  const TimePoint began = moment_of(vu.registers[loop.start_register]);
  // With a rate a round has a moment of its own, whether or not the one before took longer.
  const TimePoint due =
      loop.rate > 0 ? began + Duration{static_cast<std::int64_t>(
                                  static_cast<double>(round) / loop.rate * 1e9)}
                    : at;
  const Next over{step.on_failure, at};
  if (loop.lasting > Duration::zero() && due - began >= loop.lasting)
    return {step.on_failure, std::max(at, began + loop.lasting)};
  const bool asks = loop.condition && !is_assumed(step.body);
  if (asks) {
    bool holds = false;
    const RenderFault fault = plan::is_true(*loop.condition, context, holds);
    if (fault != RenderFault::kNone) return failure(fault);
    if (!holds) return over;
  }
  if (round >= vu.registers[loop.limit_register]) {
    const bool cut = asks && round >= static_cast<std::int64_t>(loop.max);
    if (cut) into_->recorder.count(program_.scenarios[vu.scenario].series.loops_cut);
    return over;
  }
  if (const RenderFault fault = give_item(loop, round, context); fault != RenderFault::kNone)
    return failure(fault);
  ++round;
  return {step.on_success, due};
}

plan::RenderFault Flow::give_item(const plan::Loop& loop, std::int64_t round,
                                  const plan::RenderContext& context) {
  if (loop.index_slot != plan::kNoSlot) set_number(*context.values, loop.index_slot, round);
  if (loop.item_slot == plan::kNoSlot) return RenderFault::kNone;
  scratch_.clear();
  if (loop.list) {
    if (!list_.parse(context.values->at(loop.list_slot))) return RenderFault::kNotAList;
    list_.item(static_cast<std::size_t>(round), item_);
    context.values->set(loop.item_slot, item_);
    return RenderFault::kNone;
  }
  if (!loop.items.empty()) {
    const RenderFault fault =
        plan::render(loop.items[static_cast<std::size_t>(round)], context, scratch_);
    if (fault != RenderFault::kNone) return fault;
    context.values->set(loop.item_slot, scratch_.view());
  }
  return RenderFault::kNone;
}

Flow::Next Flow::choose(Vu& vu, const plan::Step& step, TimePoint at) {
  const plan::Pick& pick = program_.picks[step.body];
  const double drawn = vu.rng.unit() * pick.up_to.back();
  const auto found = std::ranges::upper_bound(pick.up_to, drawn);
  // Rounding may carry the product to the sum itself.
  const auto last = static_cast<std::ptrdiff_t>(pick.up_to.size()) - 1;
  const auto chosen = static_cast<std::size_t>(std::min(found - pick.up_to.begin(), last));
  into_->recorder.count(pick.series[chosen]);
  return {pick.targets[chosen], at};
}

Flow::Next Flow::assign(const plan::Step& step, TimePoint at, const plan::RenderContext& context) {
  const plan::Assignment& assignment = program_.assignments[step.body];
  scratch_.clear();
  const RenderFault fault = assignment.formula
                                ? plan::text_of(*assignment.formula, context, scratch_)
                                : plan::render(assignment.text, context, scratch_);
  if (fault != RenderFault::kNone) return failure(fault);
  context.values->set(assignment.slot, scratch_.view());
  return {step.on_success, at};
}

Flow::Next Flow::measure(const plan::Step& step, TimePoint at, const plan::RenderContext& context) {
  const plan::CustomMetric& metric = program_.metrics[step.body];
  stats::Recorder& recorder = into_->recorder;
  if (metric.kind == plan::CustomKind::kRate) {
    bool hit = false;
    const RenderFault fault = plan::is_true(metric.value, context, hit);
    if (fault != RenderFault::kNone) return failure(fault);
    recorder.rate(metric.slot, hit);
    return {step.on_success, at};
  }
  double value = 0;
  const RenderFault fault = plan::number_of(metric.value, context, value);
  if (fault != RenderFault::kNone) return failure(fault);
  recorder.custom(kind_of(metric.kind), metric.slot, value);
  return {step.on_success, at};
}

}  // namespace gend::engine
