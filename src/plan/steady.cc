#include "plan/steady.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

namespace gend::plan {

namespace {

// A piece of a scenario's load, up to its end; nothing for a level that changes.
struct Held {
  Duration to{};
  std::optional<double> level;
};

std::vector<Held> pieces_of(const Scenario& scenario) {
  std::vector<Held> pieces{{scenario.start_time, 0.0}};
  double level = scenario.start;
  for (const Stage& stage : scenario.stages) {
    const auto kept = stage.target == level ? std::optional{level} : std::nullopt;
    if (stage.duration > Duration{}) pieces.push_back({pieces.back().to + stage.duration, kept});
    level = stage.target;
  }
  return pieces;
}

// Of the piece in which the time after `from` lies; 0 after the last.
std::optional<double> level_after(const std::vector<Held>& pieces, Duration from) {
  const auto piece = std::ranges::upper_bound(pieces, from, {}, &Held::to);
  return piece == pieces.end() ? std::optional{0.0} : piece->level;
}

// The levels of all scenarios after `from`; nothing when one of them changes, or all are zero.
std::optional<std::vector<double>> levels_after(const std::vector<std::vector<Held>>& scenarios,
                                                Duration from) {
  std::vector<double> levels;
  double sum = 0;
  for (const auto& pieces : scenarios) {
    const auto level = level_after(pieces, from);
    if (!level) return std::nullopt;
    levels.push_back(*level);
    sum += *level;
  }
  if (sum <= 0) return std::nullopt;
  return levels;
}

}  // namespace

Stretch steady_part_of(const Program& program) {
  std::vector<std::vector<Held>> scenarios;
  std::set<Duration> bounds;
  for (const Scenario& scenario : program.scenarios) {
    scenarios.push_back(pieces_of(scenario));
    for (const Held& piece : scenarios.back()) bounds.insert(piece.to);
  }
  bounds.insert(Duration{});
  Stretch longest, current;
  std::optional<std::vector<double>> levels;
  for (auto bound = bounds.begin(); std::next(bound) != bounds.end(); ++bound) {
    const auto here = levels_after(scenarios, *bound);
    if (here != levels || !here) current.from = *bound;
    levels = here;
    current.to = here ? *std::next(bound) : current.from;
    if (current.to - current.from > longest.to - longest.from) longest = current;
  }
  return longest;
}

}  // namespace gend::plan
