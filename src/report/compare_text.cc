// A comparison for a terminal.
#include <algorithm>

#include <fmt/format.h>

#include "report/compare.h"
#include "report/compare_words.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::report {
namespace {

struct Tone {
  std::string_view words;
  Paint paint;
};

Tone tone_of(Change overall) {
  switch (overall) {
    case Change::kSame: return {"✓ SAME", Paint::kGood};
    case Change::kBetter: return {"✓ BETTER", Paint::kGood};
    case Change::kWorse: return {"✗ WORSE", Paint::kBad};
    case Change::kDiffers:
    case Change::kUnsure: break;
  }
  return {"? UNSURE", Paint::kWarning};
}

Paint paint_of(const CompareRow& row) {
  switch (row.change) {
    case Change::kSame:
    case Change::kBetter: return Paint::kGood;
    case Change::kWorse: return row.gate == Gate::kJudged ? Paint::kBad : Paint::kWarning;
    case Change::kDiffers: return Paint::kWarning;
    case Change::kUnsure: break;
  }
  return Paint::kFaint;
}

void write_run(Page& page, std::string_view label, const ComparedRun& run) {
  page.prose(fmt::format("{} run {} · {} · gend {} · {} · {} after {}", left(label, 7),
                         escaped(run.id), escaped(run.plan), escaped(run.version),
                         escaped(run.generator), escaped(run.state),
                         stats::milliseconds_text(run.elapsed_s * 1000)),
             8);
}

constexpr std::size_t kStatistic = 12, kValue = 10, kChange = 10, kInterval = 21;

void write_row(Page& page, const CompareRow& row) {
  const std::string verdict = page.paint(std::string{name_of(row.change)}, paint_of(row));
  page.line("  " + left(row.statistic, kStatistic) +
            right(value_words(row, row.before), kValue) +
            right(value_words(row, row.after), kValue) + right(change_words(row), kChange) +
            right(interval_words(row), kInterval) + "  " + verdict);
  if (row.change == Change::kUnsure && !row.has_interval)
    page.prose(page.paint("    " + row.why, Paint::kFaint), 4);
}

void write_rows(Page& page, const Comparison& comparison, Gate gate, std::string_view title) {
  const auto wanted = [&](const CompareRow& row) { return row.gate == gate; };
  if (std::ranges::none_of(comparison.rows, wanted)) return;
  page.heading(title);
  page.line("  " + left("", kStatistic) + right("before", kValue) + right("after", kValue) +
            right("change", kChange) + right("interval", kInterval));
  std::string series;
  for (const CompareRow& row : comparison.rows) {
    if (!wanted(row)) continue;
    const std::string words = shortened(escaped(series_words(row)), page.inner());
    if (words != series) page.line(page.paint(words, Paint::kStrong));
    series = words;
    write_row(page, row);
  }
}

}  // namespace

std::string comparison_text(const Comparison& comparison, const TextOptions& options) {
  Page page{options};
  const Tone tone = tone_of(comparison.overall);
  page.prose(fmt::format("{}  {}", page.paint(std::string{tone.words}, tone.paint),
                         verdict_words(comparison)));
  write_run(page, "before", comparison.before);
  write_run(page, "after", comparison.after);
  page.prose(fmt::format("the first {} of both, cut into {} of {}",
                         stats::milliseconds_text(comparison.length_s * 1000),
                         stats::counted(comparison.cells, "cell"),
                         stats::milliseconds_text(comparison.cell_s * 1000)));
  for (const std::string& objection : comparison.objections)
    page.prose("compared anyway: " + escaped(objection), Paint::kWarning);
  for (const std::string& note : comparison.notes)
    page.prose("note: " + escaped(note), Paint::kWarning);
  write_rows(page, comparison, Gate::kJudged, "JUDGED");
  write_rows(page, comparison, Gate::kShown, "BESIDE IT");
  page.gap();
  page.prose(reading_words(comparison), Paint::kFaint);
  return page.take();
}

}  // namespace gend::report
