#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/history.h"
#include "report/terminal.h"
#include "stats/schema.h"

namespace gend::report {

// Whether two runs are compared although they are not of a kind.
enum class Anyway : bool { kNo, kYes };

struct CompareOptions {
  double tolerance = 0.1;  // a share of what it was before: less than that is no matter
  std::map<std::string, double, std::less<>> tolerances{};  // of single metrics
  Anyway anyway = Anyway::kNo;
};

enum class Change : std::uint8_t {
  kSame,     // the whole interval lies within the tolerance
  kBetter,
  kWorse,
  kDiffers,  // of what has no good or bad direction
  kUnsure    // not enough evidence for any of these
};
std::string_view name_of(Change change);  // "same", "better", "worse", "differs", "unsure"

enum class Gate : bool { kShown, kJudged };  // whether a row decides over the comparison

// One quantity in both runs.
struct CompareRow {
  std::string metric{};
  stats::Tags tags{};     // empty: the whole metric
  std::string statistic{};  // "p(95)", "rate", "per second", "mean"
  stats::Kind kind = stats::Kind::kTrend;
  stats::Contains contains = stats::Contains::kDefault;
  Gate gate = Gate::kShown;
  double before = 0, after = 0;  // in the metric's unit: ms for times, shares from 0 to 1
  bool has_interval = false;
  double low = 0, high = 0;      // of after - before, 95 %
  double tolerance = 0;          // in the same unit
  Change change = Change::kUnsure;
  std::string why{};               // of kUnsure
};

// What is known of one of the runs.
struct ComparedRun {
  std::string id{}, name{}, plan{}, started{}, version{}, state{}, generator{};
  double elapsed_s = 0;
};

struct Comparison {
  ComparedRun before{}, after{};
  double length_s = 0, cell_s = 0;
  std::size_t cells = 0;
  std::vector<std::string> objections{};  // that were overruled
  std::vector<std::string> notes{};
  std::vector<CompareRow> rows{};  // the whole metrics first, then by tag
  std::size_t judged = 0;        // rows that could have been called better or worse
  Change overall = Change::kUnsure;
};

// Why the runs should not be compared: other plans, other hosts, a generator that was the limit.
std::vector<std::string> objections_to(const History& before, const History& after);

// Refused with all objections, unless told otherwise; and always when there is nothing to compare.
using Objections = std::vector<std::string>;
std::expected<Comparison, Objections> compare(const History& before, const History& after,
                                              const CompareOptions& options);

// Of these, what is known before the later run begins: its plan_text and, of its summary, the
// members of `run` that come from the command line (vars, time_scale, load_scale, segment).
std::vector<std::string> objections_to_plan(const History& before, const History& after);
// `masked` is a plan whose secrets read "***"; the other text may hold them.
bool is_same_plan(std::string_view masked, std::string_view plan_text);

nlohmann::ordered_json comparison_json(const Comparison& comparison);
std::string comparison_text(const Comparison& comparison, const TextOptions& options);
std::string comparison_markdown(const Comparison& comparison);

}  // namespace gend::report
