#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "base/assert.h"
#include "plan/explain_parts.h"
#include "plan/join.h"
#include "plan/picture.h"
#include "plan/units.h"

namespace gend::plan {

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

namespace {

constexpr std::size_t kStepsShown = 500;

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

std::string show_loop(const Loop& loop) {
  std::vector<std::string> parts;
  if (loop.count) parts.push_back(fmt::format("{} times", clean(loop.count->source)));
  if (!loop.items.empty()) parts.push_back(fmt::format("over {} items", loop.items.size()));
  if (loop.list) parts.push_back("over a list");
  if (loop.condition) {
    parts.push_back(fmt::format("while {}, at most {} times", clean(loop.condition->source),
                                show_number(static_cast<double>(loop.max))));
  }
  if (loop.lasting > Duration{}) parts.push_back("for " + show_duration(loop.lasting));
  if (loop.rate > 0) parts.push_back(fmt::format("{}/s", show_number(loop.rate)));
  return "loop " + joined(parts);
}

class StepList {
 public:
  StepList(const Program& program, const Scenario& scenario)
      : program_{program}, first_{scenario.first_step}, mix_{scenario.mix}, at_{first_} {}

  std::string run() {
    for (; program_.steps[at_].kind != StepKind::kEnd; ++at_) {
      if (number_ == kStepsShown) return out_ + "       and further steps\n";
      show(program_.steps[at_]);
    }
    return out_;
  }

 private:
  void line(const Step& step, std::string_view text) {
    show_sides();
    out_ += fmt::format("  {:>3}  {:{}}{}\n", ++number_, "", 2 * step.depth, text);
  }
  void detail(const Step& step, std::string_view text) {
    out_ += fmt::format("       {:{}}{}\n", "", 2 * step.depth, text);
  }
  // What an `if` or `pick` says where one of its sides begins.
  void side(std::uint32_t at, std::uint32_t depth, std::string text) {
    if (at > at_ && program_.steps[at].depth > depth)
      sides_.emplace(at, fmt::format("       {:{}}{}\n", "", 2 * depth, text));
  }
  void show_sides() {
    const auto [from, to] = sides_.equal_range(at_);
    for (auto i = from; i != to; ++i) out_ += i->second;
  }

  void show(const Step& step);
  void show_request(const Step& step, const HttpRequest& request);
  void show_pick(const Step& step, const Pick& pick);
  void show_burst(const Step& step, const Burst& burst);

  const Program& program_;
  std::uint32_t first_;
  std::optional<std::uint32_t> mix_;
  std::uint32_t at_;
  std::size_t number_ = 0;
  std::string out_;
  std::multimap<std::uint32_t, std::string> sides_;  // before the step with this index
};

void StepList::show_request(const Step& step, const HttpRequest& request) {
  std::string title = fmt::format("{} {}", name_of(request.method), clean(request.name));
  if (program_.endpoints.size() > 1) {
    title += fmt::format("  at {}", program_.endpoints[request.endpoint].authority);
  }
  line(step, title);
  const bool fixed = request.lifetime == Lifetime::kFixed;
  detail(step, fmt::format("{}{}, {}, timeout {}, expects {}", fixed ? "" : "up to ",
                           show_bytes(static_cast<double>(request.expected_bytes)),
                           show_lifetime(request.lifetime), show_duration(request.timeout.total),
                           show_statuses(request)));
  for (const Check& check : request.checks) detail(step, "check " + clean(check.name));
  for (const Check& check : request.expects)
    if (check.of.part != Part::kStatus) detail(step, "expect " + clean(check.name));
  for (const Capture& capture : request.captures) detail(step, "capture " + clean(capture.name));
  if (request.stops_on_failure) detail(step, "a failure ends the iteration");
}

void StepList::show_pick(const Step& step, const Pick& pick) {
  const bool is_mix = at_ == first_ && step.body == mix_;
  line(step, is_mix ? "mix: each iteration is one of these" : "pick");
  double before = 0;
  for (std::size_t i = 0; i < pick.targets.size(); ++i) {
    const double share = (pick.up_to[i] - before) / pick.up_to.back();
    before = pick.up_to[i];
    const std::string text = fmt::format("{:.4g}% {}", 100 * share, clean(pick.names[i]));
    if (pick.targets[i] > at_ && program_.steps[pick.targets[i]].depth > step.depth)
      side(pick.targets[i], step.depth, text);
    else
      detail(step, text + " (no steps)");
  }
}

void StepList::show_burst(const Step& step, const Burst& burst) {
  line(step, fmt::format("burst of {}, {} at once", show_number(static_cast<double>(burst.count)),
                         burst.concurrency));
  for (const BurstCount& check : burst.checks) detail(step, "check " + clean(check.name));
}

void StepList::show(const Step& step) {
  switch (step.kind) {
    case StepKind::kHttp: return show_request(step, program_.requests[step.body]);
    case StepKind::kThink: {
      const Think& think = program_.thinks[step.body];
      return line(step, (think.holds ? "hold " : "think ") + show_think(think));
    }
    case StepKind::kPace: return line(step, "pace " + show_duration(program_.waits[step.body]));
    case StepKind::kSpread:
      return line(step, "spread over " + show_duration(program_.waits[step.body]));
    case StepKind::kBranch:
      line(step, "if " + clean(program_.formulas[step.body].source));
      return side(step.on_failure, step.depth, "else");
    case StepKind::kOnce: return line(step, "once, in a user's first iteration");
    case StepKind::kLoopEnter: return line(step, show_loop(program_.loops[step.body]));
    case StepKind::kPick: return show_pick(step, program_.picks[step.body]);
    case StepKind::kGroupEnter:
      return line(step, "group " + clean(program_.groups[step.body].name));
    case StepKind::kBurst: return show_burst(step, program_.bursts[step.body]);
    case StepKind::kSet: {
      const Assignment& assignment = program_.assignments[step.body];
      const std::string name = clean(program_.values[assignment.slot].name);
      return line(step, assignment.formula
                            ? fmt::format("set {} = {}", name, clean(assignment.formula->source))
                            : "set " + name);
    }
    case StepKind::kMetric:
      return line(step, "metric " + clean(program_.metrics[step.body].value.source));
    case StepKind::kFail: return line(step, "fail " + clean(program_.fails[step.body].message));
    case StepKind::kAbort: return line(step, "abort " + clean(program_.aborts[step.body].message));
    case StepKind::kSessionOpen:
    case StepKind::kSend:
    case StepKind::kEmit:
    case StepKind::kReceive:
    case StepKind::kListen:
    case StepKind::kPing:
    case StepKind::kEcho:
    case StepKind::kClose: {
      const StepWords words = session_words(program_, step);
      line(step, words.title);
      for (const std::string& text : words.details) detail(step, text);
      return;
    }
    case StepKind::kSessionEnd:
    case StepKind::kLoopNext:
    case StepKind::kGroupLeave:
    case StepKind::kBurstEnd:
    case StepKind::kEnd: return;
  }
}

}  // namespace

std::string show_steps(const Program& program, const Scenario& scenario) {
  return StepList{program, scenario}.run();
}

}  // namespace gend::plan
