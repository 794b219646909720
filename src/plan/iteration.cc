#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "plan/compile_request.h"
#include "plan/demand.h"

namespace gend::plan {

namespace {

// How long answers take: what is assumed of each, or the whole timeout.
enum class Answers : std::uint8_t { kAssumed, kLast };

Iteration plus(Iteration a, const Iteration& b) {
  a.seconds += b.seconds;
  a.requests += b.requests;
  a.messages += b.messages;
  a.bytes += b.bytes;
  a.assumes_rounds |= b.assumes_rounds;
  a.assumes_branches |= b.assumes_branches;
  return a;
}

Iteration times(double factor, Iteration a) {
  a.seconds *= factor;
  a.requests *= factor;
  a.messages *= factor;
  a.bytes *= factor;
  return a;
}

// The number that a formula is, when it is one and never changes.
std::optional<double> fixed_number(const Formula& formula) {
  if (formula.code.size() != 1) return std::nullopt;
  const Formula::Instruction& only = formula.code.front();
  if (only.op == Formula::Op::kNumber) return only.number;
  if (only.text.lifetime != Lifetime::kFixed || only.text.pieces.size() != 1) return std::nullopt;
  const std::string& text = only.text.pieces.front().text;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool assumes_rounds(const Loop& loop) {
  if (loop.lasting > Duration{} || !loop.items.empty()) return false;
  return !(loop.count && fixed_number(*loop.count));
}

double size_of(const Template& text) {
  double size = 0;
  for (const Piece& piece : text.pieces) size += static_cast<double>(expected_size(piece));
  return size;
}

// Steps of a scenario stand behind each other, and only the end of a loop's round or of a burst's
// leads back. So one pass from the last step to the first knows what follows each of them.
class Expectation {
 public:
  Expectation(const Program& program, const Scenario& scenario, Answers answers)
      : program_{program}, first_{scenario.first_step}, answers_{answers} {}

  Iteration run() {
    std::uint32_t end = first_;
    while (program_.steps[end].kind != StepKind::kEnd) ++end;
    known_.resize(end - first_ + 1);
    for (std::uint32_t at = end; at-- > first_;) known_[at - first_] = at_step(at);
    return known_.front();
  }

 private:
  // What follows when a step at `from` leads to `to`; nothing when that is a round's end.
  Iteration after(std::uint32_t from, std::uint32_t to) const {
    return to > from ? known_[to - first_] : Iteration{};
  }

  Iteration at_step(std::uint32_t at) const {
    const Step& step = program_.steps[at];
    const Iteration next = after(at, step.on_success);
    switch (step.kind) {
      case StepKind::kHttp: return plus(request(program_.requests[step.body]), next);
      case StepKind::kThink:
        return plus({.seconds = mean_seconds(program_.thinks[step.body])}, next);
      case StepKind::kBranch: {
        Iteration both = plus(times(0.5, next), times(0.5, after(at, step.on_failure)));
        both.assumes_branches = true;
        return both;
      }
      case StepKind::kLoopNext: return loop(at, step, next);
      case StepKind::kPick: return pick(at, program_.picks[step.body]);
      case StepKind::kBurst: return burst(program_.bursts[step.body], next);
      case StepKind::kOnce: return after(at, step.on_failure);  // one of very many iterations
      case StepKind::kFail:
      case StepKind::kAbort:
      case StepKind::kBurstEnd:
      case StepKind::kEnd: return {};
      case StepKind::kSessionOpen: {
        const HttpRequest& handshake = program_.sessions[step.body].request;
        return plus({.seconds = seconds_of(handshake.timeout.total),
                     .bytes = static_cast<double>(handshake.expected_bytes)},
                    next);
      }
      case StepKind::kSessionEnd: {
        // Servers answer a close at once.
        const double close = to_seconds(program_.sessions[step.body].close);
        return plus({.seconds = answers_ == Answers::kLast ? close : 0}, next);
      }
      case StepKind::kSend:
        return plus({.messages = 1, .bytes = size_of(program_.sends[step.body].message.payload)},
                    next);
      case StepKind::kEmit: return plus(emit(program_.emits[step.body]), next);
      case StepKind::kReceive:
        return plus({.seconds = seconds_of(program_.receives[step.body].timeout)}, next);
      case StepKind::kListen:
      case StepKind::kPing:
      case StepKind::kEcho:
      case StepKind::kClose:
      case StepKind::kPace:
      case StepKind::kSpread:
      case StepKind::kLoopEnter:
      case StepKind::kGroupEnter:
      case StepKind::kGroupLeave:
      case StepKind::kSet:
      case StepKind::kMetric: return next;
    }
    return next;
  }

  Iteration request(const HttpRequest& request) const {
    return {.seconds = seconds_of(request.timeout.total),
            .requests = 1,
            .bytes = static_cast<double>(request.expected_bytes)};
  }

  double seconds_of(Duration timeout) const {
    return to_seconds(answers_ == Answers::kLast ? timeout : kAssumedResponse);
  }

  Iteration emit(const Emit& emit) const {
    Iteration all{.messages = 1, .bytes = size_of(emit.message.payload)};
    for (const Template& bytes : emit.attachments) all.bytes += size_of(bytes);
    if (emit.ack && emit.ack->waits) all.seconds = seconds_of(emit.ack->timeout);
    return all;
  }

  Iteration loop(std::uint32_t at, const Step& step, const Iteration& round) const {
    const Loop& loop = program_.loops[step.body];
    Iteration all = times(rounds_of(loop, round.seconds), round);
    if (loop.lasting > Duration{}) all.seconds = std::max(all.seconds, to_seconds(loop.lasting));
    if (loop.rate > 0)
      all.seconds = std::max(all.seconds, rounds_of(loop, round.seconds) / loop.rate);
    all.assumes_rounds |= assumes_rounds(loop);
    return plus(all, after(at, step.on_failure));
  }

  Iteration pick(std::uint32_t at, const Pick& pick) const {
    Iteration all;
    double before = 0;
    for (std::size_t i = 0; i < pick.targets.size(); ++i) {
      const double share = (pick.up_to[i] - before) / pick.up_to.back();
      before = pick.up_to[i];
      all = plus(all, times(share, after(at, pick.targets[i])));
    }
    return all;
  }

  Iteration burst(const Burst& burst, const Iteration& next) const {
    const Iteration& round = known_[burst.first_step - first_];
    Iteration all = times(static_cast<double>(burst.count), round);
    all.seconds /= burst.concurrency;
    return plus(all, next);
  }

  const Program& program_;
  std::uint32_t first_;
  Answers answers_;
  std::vector<Iteration> known_;  // from each step on
};

// The longest `pace` that every iteration passes holds the next one back.
double pace_of(const Program& program, const Scenario& scenario) {
  double pace = 0;
  for (std::uint32_t at = scenario.first_step; program.steps[at].kind != StepKind::kEnd; ++at) {
    const Step& step = program.steps[at];
    if (step.kind == StepKind::kPace) pace = std::max(pace, to_seconds(program.waits[step.body]));
  }
  return pace;
}

}  // namespace

double rounds_of(const Loop& loop, double seconds) {
  double rounds = kAssumedRounds;
  const auto count = loop.count ? fixed_number(*loop.count) : std::nullopt;
  if (count) rounds = std::max(0.0, std::floor(*count));
  if (!loop.items.empty()) rounds = static_cast<double>(loop.items.size());
  if (loop.lasting > Duration{}) {
    const bool counted = count || !loop.items.empty();
    const double between = std::max(seconds, loop.rate > 0 ? 1 / loop.rate : 0.0);
    // Without pause or request there is no telling; one round is the least.
    const double fit = loop.rate > 0 ? to_seconds(loop.lasting) * loop.rate
                       : between > 0 ? std::ceil(to_seconds(loop.lasting) / between)
                                     : 1.0;
    rounds = counted ? std::min(rounds, fit) : fit;
  }
  return std::min(rounds, static_cast<double>(loop.max));
}

Iteration iteration_of(const Program& program, const Scenario& scenario) {
  Iteration iteration = Expectation{program, scenario, Answers::kAssumed}.run();
  iteration.seconds = std::max(iteration.seconds, pace_of(program, scenario));
  return iteration;
}

Iteration slowest_iteration_of(const Program& program, const Scenario& scenario) {
  return Expectation{program, scenario, Answers::kLast}.run();
}

}  // namespace gend::plan
