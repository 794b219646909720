#include "sim/assumptions.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/checks.h"
#include "stats/words.h"

namespace gend::sim {
namespace {

using plan::Program;
using plan::Source;
using Slots = std::vector<bool>;

// A `while` without a max of its own has this one (plan/load_loop.cc) or more.
constexpr std::uint64_t kNoMaxOfItsOwn = 1000;
constexpr std::size_t kNamesShown = 8;

template <class Visit>
void each_piece(const plan::Template& text, Visit&& visit) {
  for (const plan::Piece& piece : text.pieces) visit(piece);
}
template <class Visit>
void each_piece(const plan::Formula& formula, Visit&& visit) {
  for (const auto& instruction : formula.code) each_piece(instruction.text, visit);
}
template <class Visit>
void each_piece(const plan::Loop& loop, Visit&& visit) {
  if (loop.count) each_piece(*loop.count, visit);
  if (loop.condition) each_piece(*loop.condition, visit);
  if (loop.list) each_piece(*loop.list, visit);
  for (const plan::Template& item : loop.items) each_piece(item, visit);
}
template <class Visit>
void each_piece(const plan::Assignment& assignment, Visit&& visit) {
  each_piece(assignment.text, visit);
  if (assignment.formula) each_piece(*assignment.formula, visit);
}
template <class Visit>
void each_piece(const plan::HttpRequest& request, Visit&& visit) {
  for (const plan::Template* text : {&request.head, &request.body, &request.credentials})
    each_piece(*text, visit);
  for (const auto* checks : {&request.checks, &request.expects})
    for (const plan::Check& check : *checks) each_piece(check.text, visit);
}

template <class Part>
bool reads(const Part& part, const Slots& slots) {
  bool found = false;
  each_piece(part, [&](const plan::Piece& piece) {
    found |= piece.source == Source::kVariable && slots[static_cast<std::size_t>(piece.a)];
  });
  return found;
}

template <class Part>
bool mark_reads(const Part& part, Slots& slots) {
  bool changed = false;
  each_piece(part, [&](const plan::Piece& piece) {
    if (piece.source != Source::kVariable || slots[static_cast<std::size_t>(piece.a)]) return;
    slots[static_cast<std::size_t>(piece.a)] = changed = true;
  });
  return changed;
}

bool mark(Slots& slots, std::uint32_t slot) {
  if (slot == plan::kNoSlot || slots[slot]) return false;
  return slots[slot] = true;
}

// Values that an answer gives, or that are computed from such values.
Slots slots_of_answers(const Program& program) {
  Slots slots(program.values.size());
  for (const plan::HttpRequest& request : program.requests)
    for (const plan::Capture& capture : request.captures)
      if (!is_known(capture.from.part)) mark(slots, capture.slot);
  for (bool changed = true; changed;) {
    changed = false;
    for (const plan::Assignment& each : program.assignments)
      if (reads(each, slots)) changed |= mark(slots, each.slot);
    for (const plan::Loop& loop : program.loops)
      if (loop.list && reads(*loop.list, slots)) changed |= mark(slots, loop.item_slot);
  }
  return slots;
}

// Values that must be lists; and what a `set` gives them, too.
Slots slots_of_lists(const Program& program) {
  Slots slots(program.values.size());
  for (const plan::Loop& loop : program.loops)
    if (loop.list) mark_reads(*loop.list, slots);
  for (bool changed = true; changed;) {
    changed = false;
    for (const plan::Assignment& each : program.assignments)
      if (!each.formula && slots[each.slot]) changed |= mark_reads(each.text, slots);
  }
  return slots;
}

// Values that some formula looks at: they may have to be numbers.
Slots slots_of_formulas(const Program& program) {
  Slots slots(program.values.size());
  for (const plan::Formula& each : program.formulas) mark_reads(each, slots);
  for (const plan::CustomMetric& each : program.metrics) mark_reads(each.value, slots);
  for (const plan::Loop& loop : program.loops) {
    if (loop.count) mark_reads(*loop.count, slots);
    if (loop.condition) mark_reads(*loop.condition, slots);
  }
  for (const plan::Assignment& each : program.assignments)
    if (each.formula) mark_reads(*each.formula, slots);
  for (bool changed = true; changed;) {
    changed = false;
    for (const plan::Assignment& each : program.assignments)
      if (!each.formula && slots[each.slot]) changed |= mark_reads(each.text, slots);
  }
  return slots;
}

std::vector<std::string> values_of(const Program& program) {
  const Slots lists = slots_of_lists(program), formulas = slots_of_formulas(program);
  std::vector<std::string> values;
  for (std::size_t slot = 0; slot < program.values.size(); ++slot) {
    if (lists[slot]) values.emplace_back("[1,2,3,4,5,6,7,8,9,10]");
    else if (formulas[slot]) values.emplace_back("1");
    else values.push_back("simulated-" + program.values[slot].name);
  }
  return values;
}

std::vector<std::uint64_t> rounds_of(const Program& program, const Slots& answers) {
  std::vector<std::uint64_t> rounds;
  for (const plan::Loop& loop : program.loops) {
    const bool open = loop.condition && reads(*loop.condition, answers);
    const bool ends_otherwise = loop.count || loop.list || !loop.items.empty() ||
                                loop.lasting > Duration::zero();
    const bool bounded = ends_otherwise || loop.max < kNoMaxOfItsOwn;
    rounds.push_back(!open ? 0 : bounded ? loop.max : kRounds);
  }
  return rounds;
}

// ---- the data sets that a scenario reads --------------------------------------------------------

class DataReader {
 public:
  explicit DataReader(const Program& program) : program_{program} {}

  // Steps of a scenario stand behind each other, up to its end.
  std::vector<std::uint16_t> run(const plan::Scenario& scenario) {
    sets_.clear();
    for (std::uint32_t at = scenario.first_step;; ++at) {
      const plan::Step& step = program_.steps[at];
      look_at(step);
      if (step.kind == plan::StepKind::kEnd) return {sets_.begin(), sets_.end()};
    }
  }

 private:
  void look_at(const plan::Step& step) {
    const auto note = [&](const plan::Piece& piece) { look_at(piece); };
    switch (step.kind) {
      case plan::StepKind::kHttp: return look_at(program_.requests[step.body]);
      case plan::StepKind::kBranch: return each_piece(program_.formulas[step.body], note);
      case plan::StepKind::kLoopEnter: return each_piece(program_.loops[step.body], note);
      case plan::StepKind::kSet: return each_piece(program_.assignments[step.body], note);
      case plan::StepKind::kMetric: return each_piece(program_.metrics[step.body].value, note);
      case plan::StepKind::kThink:
      case plan::StepKind::kPace:
      case plan::StepKind::kSpread:
      case plan::StepKind::kOnce:
      case plan::StepKind::kLoopNext:
      case plan::StepKind::kPick:
      case plan::StepKind::kGroupEnter:
      case plan::StepKind::kGroupLeave:
      case plan::StepKind::kBurst:
      case plan::StepKind::kBurstEnd:
      case plan::StepKind::kFail:
      case plan::StepKind::kAbort:
      case plan::StepKind::kEnd: return;
      // Refused, see why_not().
      case plan::StepKind::kSessionOpen:
      case plan::StepKind::kSessionEnd:
      case plan::StepKind::kSend:
      case plan::StepKind::kEmit:
      case plan::StepKind::kReceive:
      case plan::StepKind::kListen:
      case plan::StepKind::kPing:
      case plan::StepKind::kEcho:
      case plan::StepKind::kClose: return;
    }
  }
  void look_at(const plan::HttpRequest& request) {
    each_piece(request, [&](const plan::Piece& piece) { look_at(piece); });
    for (const std::uint16_t facet : request.facets)
      if (const auto set = program_.facets[facet].data; set != plan::Facet::kStage)
        sets_.insert(set);
  }
  void look_at(const plan::Piece& piece) {
    if (piece.source == Source::kColumn) sets_.insert(static_cast<std::uint16_t>(piece.a));
    if (piece.source != Source::kCredential) return;
    const plan::Credential& each = program_.credentials[static_cast<std::size_t>(piece.a)];
    for (const plan::Template* text : {&each.user, &each.password, &each.claims})
      each_piece(*text, [&](const plan::Piece& inner) { look_at(inner); });
  }

  const Program& program_;
  std::set<std::uint16_t> sets_;
};

// ---- words --------------------------------------------------------------------------------------

// Each once, in the plan's order, and no more than anybody reads.
class Names {
 public:
  void add(const std::string& name) {
    if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
  }
  bool empty() const { return names_.empty(); }
  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < std::min(names_.size(), kNamesShown); ++i)
      out += (i == 0 ? "" : ", ") + names_[i];
    if (names_.size() > kNamesShown)
      out += fmt::format(" and {} more", names_.size() - kNamesShown);
    return out;
  }

 private:
  std::vector<std::string> names_;
};

void word_inspections(const Program& program, std::vector<std::string>& words) {
  Names captures, lists;
  std::size_t checks = 0;
  const Slots is_list = slots_of_lists(program);
  for (const plan::HttpRequest& request : program.requests) {
    for (const auto* all : {&request.checks, &request.expects})
      checks += static_cast<std::size_t>(std::ranges::count_if(
          *all, [](const plan::Check& check) { return !is_known(check.of.part); }));
    for (const plan::Capture& each : request.captures) {
      if (is_known(each.from.part)) continue;
      captures.add(each.name);
      if (is_list[each.slot]) lists.add(each.name);
    }
  }
  if (checks > 0)
    words.push_back(fmt::format("what is asked of bodies, headers and cookies ({}) holds",
                                stats::counted(checks, "check")));
  if (!captures.empty())
    words.push_back(fmt::format("captures give made-up values: {}", captures.text()));
  if (!lists.empty())
    words.push_back(fmt::format("lists from answers have {} items: {}", kRounds, lists.text()));
}

void word_control(const Program& program, const Slots& answers,
                  const std::vector<std::uint64_t>& rounds, std::vector<std::string>& words) {
  Names loops, branches;
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    if (rounds[i] == 0) continue;
    const bool counted = rounds[i] <= kNoMaxOfItsOwn;
    loops.add(fmt::format("`{}`{}", program.loops[i].condition->source,
                          counted ? fmt::format(" {} rounds", rounds[i])
                                  : std::string{" as long as the rest of its loop lets it"}));
  }
  for (const plan::Step& step : program.steps)
    if (step.kind == plan::StepKind::kBranch && reads(program.formulas[step.body], answers))
      branches.add("`" + program.formulas[step.body].source + "`");
  if (!loops.empty())
    words.push_back("a `while` that depends on answers holds to the last round: " + loops.text());
  if (!branches.empty())
    words.push_back("an `if` that depends on answers is decided by the made-up values: " +
                    branches.text());
}

std::vector<std::string> words_of(const Program& program, const Slots& answers,
                                  const std::vector<std::uint64_t>& rounds) {
  std::vector<std::string> words{
      "answers have the status that the plan wants, unless the model fails or is full"};
  word_inspections(program, words);
  word_control(program, answers, rounds, words);
  if (std::ranges::any_of(program.endpoints, &plan::Endpoint::tls))
    words.emplace_back("TLS costs its handshake, one round trip, and no CPU");
  if (std::ranges::any_of(program.thresholds, &stats::Threshold::abort_on_fail))
    words.emplace_back("abortOnFail is not obeyed: the model is not the target");
  const auto controlled = [](const plan::Scenario& scenario) {
    return scenario.executor == plan::Executor::kExternallyControlled;
  };
  if (std::ranges::any_of(program.scenarios, controlled))
    words.emplace_back("externally controlled scenarios stay where they begin");
  return words;
}

}  // namespace

std::uint16_t wanted_status(const plan::HttpRequest& request) {
  const bool sees_redirects = request.redirects == 0 ||
                              (request.stops_on_failure &&
                               !engine::in_ranges(request.expected_statuses, 200));
  // A redirect that is followed would have to lead somewhere.
  const auto ends_here = [&](int status) { return status / 100 != 3 || sees_redirects; };
  const auto is_expected = [&](int status) {
    return ends_here(status) && engine::in_ranges(request.expected_statuses, status);
  };
  const auto passes = [&](int status) {
    const auto holds = [&](const plan::Check& check) {
      return check.of.part != plan::Part::kStatus || check.match != plan::Match::kIn ||
             engine::in_ranges(check.statuses, status);
    };
    return ends_here(status) && std::ranges::all_of(request.checks, holds) &&
           std::ranges::all_of(request.expects, holds);
  };
  // A check of a status that nothing expects (`check: {status: 404}`) still says what is wanted.
  const auto first = [](const auto& fits) {
    int status = 200;
    while (status < 600 && !fits(status)) ++status;
    return static_cast<std::uint16_t>(status);
  };
  if (const auto best = first([&](int s) { return is_expected(s) && passes(s); }); best < 600)
    return best;
  if (const auto asked = first(passes); asked < 600 && !request.stops_on_failure) return asked;
  const auto expected = first(is_expected);
  return expected < 600 ? expected : std::uint16_t{200};
}

std::optional<std::string> why_not(const Program& program) {
  if (program.sessions.empty()) return std::nullopt;
  return fmt::format("{}: a plan with sessions (`websocket`, `socketio`) cannot be simulated: a "
                     "model of answers says nothing about messages; use genctl run",
                     program.source_name);
}

Assumptions assume(const Program& program) {
  Assumptions all;
  for (const plan::HttpRequest& request : program.requests)
    all.statuses.push_back(wanted_status(request));
  const Slots answers = slots_of_answers(program);
  all.values = values_of(program);
  all.rounds = rounds_of(program, answers);
  DataReader reader{program};
  for (const plan::Scenario& scenario : program.scenarios) all.data.push_back(reader.run(scenario));
  all.words = words_of(program, answers, all.rounds);
  return all;
}

}  // namespace gend::sim
