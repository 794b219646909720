#include "report/compare.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "report/compare_questions.h"
#include "report/json_read.h"
#include "stats/bootstrap.h"
#include "stats/verdict.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::Contrast;
using stats::Kind;
using stats::Part;

constexpr double kConfidence = 0.95;
// The same runs are always compared with the same draws.
constexpr std::uint64_t kSeed = 0x67656e64;
// Differences too small to matter, whatever share they are: a completion may be stamped 0.1 ms late
// (docs/measurement.md), and one failure in a thousand more is not found out about by chance.
constexpr double kLeastMs = 0.1, kLeastShare = 0.001;
constexpr std::uint64_t kFewestEvents = 20;

// A row and what its verdict will be drawn from.
struct Draft {
  CompareRow row{};
  Direction better = Direction::kNone;
  std::optional<Contrast> contrast{};
};

double total(const std::vector<Part>& parts, double Part::* member) {
  double sum = 0;
  for (const Part& part : parts) sum += part.*member;
  return sum;
}

std::uint64_t samples_in(const std::vector<stats::Histogram::Slice>& cells) {
  std::uint64_t n = 0;
  for (const auto& cell : cells) n += cell.count;
  return n;
}

std::string percentile_name(double percent) {
  return percent == 50 ? "med" : fmt::format("p({:g})", percent);
}

// How many samples a percentile needs so that kSamplesAbove of them lie on its far side.
std::uint64_t samples_for(double percent) {
  const double side = std::min(percent, 100 - percent) / 100;
  return static_cast<std::uint64_t>(std::ceil(
      static_cast<double>(stats::rules::kSamplesAbove) / side - 1e-9));
}

class Answering {
 public:
  Answering(const CellRun& before, const CellRun& after, std::size_t cells)
      : before_{before}, after_{after}, cells_{cells} {}

  void answer(const Question& question, std::vector<Draft>& into) {
    if (question.kind == Kind::kTrend) trend(question, into);
    else sums(question, into);
  }

 private:
  static Draft draft_of(const Question& question, std::string statistic) {
    return {.row = {.metric = question.selector.metric, .tags = question.selector.tags,
                    .statistic = std::move(statistic), .kind = question.kind,
                    .contains = question.contains, .gate = question.gate},
            .better = question.better};
  }

  // Why nothing can be said, or empty.
  std::string lacking(std::uint64_t before, std::uint64_t after, std::uint64_t needed) const {
    if (cells_ < stats::kBlocksFewest)
      return fmt::format("the runs share only {} of load, {} are needed",
                         stats::counted(cells_, "second"), stats::kBlocksFewest);
    if (before >= needed && after >= needed) return {};
    return fmt::format("{} and {} samples, {} are needed", stats::grouped(before),
                       stats::grouped(after), stats::grouped(needed));
  }

  void trend(const Question& question, std::vector<Draft>& into) {
    const auto a = before_.trend(question.selector), b = after_.trend(question.selector);
    const std::uint64_t a_count = samples_in(a), b_count = samples_in(b);
    std::vector<Contrast> contrasts;
    if (a_count > 0 && b_count > 0 && cells_ >= stats::kBlocksFewest) {
      Rng rng = next_rng();
      contrasts = stats::contrast_percentiles(a, b, question.percentiles, rng);
    }
    for (std::size_t i = 0; i < question.percentiles.size(); ++i) {
      const double percent = question.percentiles[i];
      Draft& draft = into.emplace_back(draft_of(question, percentile_name(percent)));
      draft.row.before = percentile_of(a, percent);
      draft.row.after = percentile_of(b, percent);
      draft.row.why = lacking(a_count, b_count, samples_for(percent));
      if (draft.row.why.empty()) draft.contrast = in_units(contrasts[i]);
    }
  }

  static Contrast in_units(Contrast contrast) {
    contrast.before /= 1e6;
    contrast.after /= 1e6;
    contrast.error /= 1e6;
    return contrast;
  }

  static double percentile_of(const std::vector<stats::Histogram::Slice>& cells, double percent) {
    stats::Histogram all;
    for (const auto& cell : cells) all.merge(cell);
    return all.percentile(percent) / 1e6;
  }

  static std::string_view statistic_of(Kind kind) {
    switch (kind) {
      case Kind::kCounter:
      case Kind::kTally: return "per second";
      case Kind::kGauge: return "mean";
      case Kind::kRate: return "rate";
      case Kind::kTrend: return "";
    }
    GEND_ASSERT(!"a kind has a statistic");
  }

  void sums(const Question& question, std::vector<Draft>& into) {
    const auto a = before_.parts(question.selector), b = after_.parts(question.selector);
    const double a_weight = total(a, &Part::weight), b_weight = total(b, &Part::weight);
    Draft& draft =
        into.emplace_back(draft_of(question, std::string{statistic_of(question.kind)}));
    draft.row.before = a_weight > 0 ? total(a, &Part::sum) / a_weight : 0;
    draft.row.after = b_weight > 0 ? total(b, &Part::sum) / b_weight : 0;
    std::uint64_t a_count = before_.samples(question.selector);
    std::uint64_t b_count = after_.samples(question.selector);
    // None of something is a count, too: it is enough that the other run has some.
    const bool counts = question.kind == Kind::kCounter || question.kind == Kind::kTally;
    if (counts) a_count = b_count = std::max(a_count, b_count);
    draft.row.why = lacking(a_count, b_count, question.kind == Kind::kGauge ? 1 : kFewestEvents);
    if (!draft.row.why.empty() || a_weight <= 0 || b_weight <= 0) return;
    Rng rng = next_rng();
    draft.contrast = stats::contrast_of(a, b, rng);
    if (question.kind != Kind::kRate) return;
    // Shares differ by percentage points. One more hit could always have been: none in twenty
    // samples is no proof of none in a thousand.
    draft.contrast->has_ratio = false;
    draft.contrast->error =
        std::hypot(draft.contrast->error, std::hypot(1 / a_weight, 1 / b_weight));
  }

  Rng next_rng() { return Rng::for_stream(kSeed, stream_++); }

  const CellRun& before_;
  const CellRun& after_;
  std::size_t cells_;
  std::uint64_t stream_ = 0;
};

double least_of(const CompareRow& row) {
  if (row.kind == Kind::kRate) return kLeastShare;
  return row.kind == Kind::kTrend && row.contains == stats::Contains::kTime ? kLeastMs : 0;
}

Change directed(Direction better, double difference) {
  switch (better) {
    case Direction::kNone: return Change::kDiffers;
    case Direction::kLower: return difference < 0 ? Change::kBetter : Change::kWorse;
    case Direction::kHigher: return difference > 0 ? Change::kBetter : Change::kWorse;
  }
  GEND_ASSERT(!"a direction is one of three");
}

// A change is called only when chance explains it in less than 5 % of comparisons with as many
// rows (Bonferroni), and when it is larger than what is tolerated.
void conclude(Draft& draft, const CompareOptions& options, std::size_t judged) {
  CompareRow& row = draft.row;
  const auto own = options.tolerances.find(row.metric);
  const double share = own == options.tolerances.end() ? options.tolerance : own->second;
  row.tolerance = std::max(share * std::abs(row.before), least_of(row));
  if (!draft.contrast) return;
  const auto shown = stats::interval_of(*draft.contrast, kConfidence);
  const double rows = static_cast<double>(std::max<std::size_t>(judged, 1));
  const auto strict = stats::interval_of(*draft.contrast, 1 - (1 - kConfidence) / rows);
  row.has_interval = true;
  row.low = shown.low;
  row.high = shown.high;
  const double difference = row.after - row.before;
  const bool certain = strict.low > 0 || strict.high < 0;
  if (certain && std::abs(difference) > row.tolerance)
    row.change = directed(draft.better, difference);
  else if (shown.low >= -row.tolerance && shown.high <= row.tolerance)
    row.change = Change::kSame;
  else
    row.why = "neither a change beyond the tolerance nor its absence is certain";
}

// The worst of the judged rows; whether it is the same or unsure the whole metrics decide, as some
// tag always has too few samples.
Change overall_of(const std::vector<CompareRow>& rows) {
  std::size_t better = 0, known = 0, unsure = 0;
  for (const CompareRow& row : rows) {
    if (row.gate != Gate::kJudged || !row.has_interval) continue;
    if (row.change == Change::kWorse) return Change::kWorse;
    if (!row.tags.empty()) continue;
    ++known;
    better += row.change == Change::kBetter ? 1 : 0;
    unsure += row.change == Change::kUnsure ? 1 : 0;
  }
  if (known == 0 || unsure > 0) return Change::kUnsure;
  return better > 0 ? Change::kBetter : Change::kSame;
}

ComparedRun facts_of(const History& history) {
  const Json& run = at(history.summary, "run");
  return {.id = text(at(run, "id")), .name = text(at(run, "name")), .plan = text(at(run, "plan")),
          .started = text(at(run, "started")), .version = text(at(run, "version")),
          .state = text(at(run, "state")),
          .generator = text(at(history.summary, {"generator", "verdict"})),
          .elapsed_s = number(at(run, "elapsed_s"))};
}

Leads leads_of(const History& before, const History& after) {
  const bool open = truth(at(before.summary, {"run", "open_model"})) &&
                    truth(at(after.summary, {"run", "open_model"}));
  return open ? Leads::kCorrected : Leads::kService;
}

void note_lengths(Comparison& comparison) {
  const double longer = std::max(comparison.before.elapsed_s, comparison.after.elapsed_s);
  if (longer > comparison.length_s * 1.05 + 1)
    comparison.notes.push_back(fmt::format(
        "one run is shorter: only the first {} of both are compared",
        stats::milliseconds_text(comparison.length_s * 1000)));
}

Objections unknown_tolerances(const History& before, const History& after,
                              const CompareOptions& options) {
  Objections unknown;
  for (const auto& [metric, tolerance] : options.tolerances)
    if (before.schema->find(metric) == nullptr && after.schema->find(metric) == nullptr)
      unknown.push_back(fmt::format("neither run has measured {}, which is given a tolerance",
                                    metric));
  return unknown;
}

}  // namespace

std::string_view name_of(Change change) {
  switch (change) {
    case Change::kSame: return "same";
    case Change::kBetter: return "better";
    case Change::kWorse: return "worse";
    case Change::kDiffers: return "differs";
    case Change::kUnsure: return "unsure";
  }
  GEND_ASSERT(!"a change has a name");
}

std::expected<Comparison, Objections> compare(const History& before, const History& after,
                                              const CompareOptions& options) {
  const CellGrid grid{before, after};
  if (grid.cells() == 0)
    return std::unexpected{Objections{"there is no moment of the plan at which both have measured "
                                      "anything"}};
  if (auto unknown = unknown_tolerances(before, after, options); !unknown.empty())
    return std::unexpected{std::move(unknown)};
  auto objections = objections_to(before, after);
  if (!objections.empty() && options.anyway == Anyway::kNo)
    return std::unexpected{std::move(objections)};

  Comparison result{.before = facts_of(before), .after = facts_of(after),
                    .length_s = to_seconds(grid.length()), .cell_s = to_seconds(grid.width()),
                    .cells = grid.cells(), .objections = std::move(objections), .notes = {},
                    .rows = {}};
  note_lengths(result);
  const CellRun a{before, grid}, b{after, grid};
  std::vector<Draft> drafts;
  Answering answering{a, b, grid.cells()};
  for (const Question& question :
       questions_for(a, b, leads_of(before, after), options, result.notes))
    answering.answer(question, drafts);
  result.judged = static_cast<std::size_t>(std::ranges::count_if(drafts, [](const Draft& draft) {
    return draft.row.gate == Gate::kJudged && draft.contrast.has_value();
  }));
  for (Draft& draft : drafts) {
    conclude(draft, options, result.judged);
    result.rows.push_back(std::move(draft.row));
  }
  result.overall = overall_of(result.rows);
  return result;
}

}  // namespace gend::report
