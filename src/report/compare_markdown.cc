// A comparison for a pull request.
#include <algorithm>

#include <fmt/format.h>

#include "report/compare.h"
#include "report/compare_words.h"
#include "report/markdown_text.h"
#include "stats/words.h"

namespace gend::report {
namespace {

std::string_view mark_of(const CompareRow& row) {
  switch (row.change) {
    case Change::kSame: return "same";
    case Change::kBetter: return "✅ **better**";
    case Change::kWorse: return row.gate == Gate::kJudged ? "❌ **worse**" : "worse";
    case Change::kDiffers: return "differs";
    case Change::kUnsure: break;
  }
  return "unsure";
}

std::string_view sign_of(Change overall) {
  switch (overall) {
    case Change::kSame:
    case Change::kBetter: return "✅";
    case Change::kWorse: return "❌";
    case Change::kDiffers:
    case Change::kUnsure: break;
  }
  return "❔";
}

std::string run_words(const ComparedRun& run) {
  return fmt::format("{} ({}, gend {}, {})", code_span(run.id), code_span(run.plan),
                     markdown_words(run.version), markdown_words(run.generator));
}

std::string table(const Comparison& comparison, Gate gate) {
  using enum MarkdownTable::Align;
  MarkdownTable table{{{"", kLeft}, {"", kLeft}, {"before"}, {"after"}, {"change"},
                       {"95 % interval"}, {"", kLeft}}};
  for (const CompareRow& row : comparison.rows) {
    if (row.gate != gate) continue;
    table.row({code_span(series_words(row)), row.statistic, value_words(row, row.before),
               value_words(row, row.after), change_words(row),
               row.has_interval ? interval_words(row) : row.why, std::string{mark_of(row)}});
  }
  return table.take();
}

}  // namespace

std::string comparison_markdown(const Comparison& comparison) {
  std::string out = fmt::format("### {} {}\n\n", sign_of(comparison.overall),
                                verdict_words(comparison));
  out += fmt::format("{} → {}; the first {} of both.\n\n", run_words(comparison.before),
                     run_words(comparison.after),
                     stats::milliseconds_text(comparison.length_s * 1000));
  for (const std::string& objection : comparison.objections)
    out += fmt::format("> ⚠️ compared anyway: {}\n", markdown_words(objection));
  for (const std::string& note : comparison.notes)
    out += fmt::format("> {}\n", markdown_words(note));
  if (!comparison.objections.empty() || !comparison.notes.empty()) out += "\n";
  out += table(comparison, Gate::kJudged);
  const bool has_more = std::ranges::any_of(comparison.rows, [](const CompareRow& row) {
    return row.gate == Gate::kShown;
  });
  if (has_more)
    out += "\n<details><summary>Not judged</summary>\n\n" + table(comparison, Gate::kShown) +
           "\n</details>\n";
  return out + "\n" + reading_words(comparison) + "\n";
}

}  // namespace gend::report
