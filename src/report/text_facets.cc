// Requests by tags whose value changes while the run goes on: its stages, columns of users' rows.
#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

// A page holds so many values; the summary holds them all.
constexpr std::size_t kValuesShown = 12;
constexpr std::size_t kNumber = 8;
constexpr std::array<std::string_view, 6> kColumns{"count", "rate",  "failed",
                                                   "p(50)", "p(95)", "p(99)"};

using Rows = std::vector<const Json*>;

Rows rows_of(const Json& facet) {
  Rows rows;
  for (const auto& row : at(facet, "values")) rows.push_back(&row);
  return rows;
}

bool several_scenarios(const Rows& rows) {
  return std::ranges::any_of(rows, [&](const Json* row) {
    return text(at(*row, "scenario")) != text(at(*rows.front(), "scenario"));
  });
}

// Stages stay in their order; of other values those that went worst come first.
void sort_worst_first(Rows& rows, std::string_view latency) {
  std::ranges::stable_sort(rows, [&](const Json* a, const Json* b) {
    const double failed_a = number(at(*a, "failed_rate")), failed_b = number(at(*b, "failed_rate"));
    if (failed_a != failed_b) return failed_a > failed_b;
    return number(at(*a, {latency, "p(95)"})) > number(at(*b, {latency, "p(95)"}));
  });
}

std::string label_of(const Json& row, const Json& facet, bool with_scenario) {
  std::string label = escaped(text(at(row, "value")));
  const std::uint64_t folded = count(at(facet, "folded"));
  if (folded > 0 && label == "other")
    label += fmt::format(" ({} values folded)", stats::grouped(folded));
  return with_scenario ? escaped(text(at(row, "scenario"))) + "  " + label : label;
}

void write_row(Page& page, const std::string& label, const Json& row, std::string_view latency) {
  const std::size_t width = page.inner() - kNumber * kColumns.size();
  const Json& trend = at(row, latency);
  const double failed = number(at(row, "failed_rate"));
  const std::string share = right(percent_text(failed), kNumber);
  const bool measured = count(at(trend, "count")) > 0;
  std::string line = left(shortened(label, width - 1), width) +
                     right(stats::grouped(count(at(row, "count"))), kNumber) +
                     right(rate_text(number(at(row, "rate"))), kNumber) +
                     (failed > 0 ? page.paint(share, Paint::kBad) : share);
  for (const auto column : {"med", "p(95)", "p(99)"})
    line += right(measured ? stats::milliseconds_text(number(at(trend, column))) : "-", kNumber);
  page.line(line);
}

void write_facet(Page& page, const Json& facet, std::string_view latency) {
  Rows rows = rows_of(facet);
  if (rows.empty()) return;
  const std::string tag = text(at(facet, "tag"));
  const bool stages = tag == "stage";
  // One stage is the whole run.
  if (stages && rows.size() < 2) return;
  std::string title = "BY " + escaped(tag);
  std::ranges::transform(title, title.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  page.heading(shortened(title, page.inner() / 2), fmt::format("latency: {}", latency));
  std::string head(page.inner() - kNumber * kColumns.size(), ' ');
  for (const auto column : kColumns) head += right(column, kNumber);
  page.line(page.paint(head, Paint::kFaint));
  const bool several = several_scenarios(rows);
  if (!stages) sort_worst_first(rows, latency);
  const std::size_t all = rows.size();
  if (!stages && all > kValuesShown) rows.resize(kValuesShown);
  for (const Json* row : rows) write_row(page, label_of(*row, facet, several), *row, latency);
  if (rows.size() < all)
    page.line(page.paint(fmt::format("the {} that went worst of {}; all are in the JSON summary",
                                     rows.size(), stats::grouped(all)),
                         Paint::kFaint));
}

}  // namespace

void write_facets(Page& page, const Json& summary) {
  const bool open = truth(at(summary, {"run", "open_model"}));
  for (const auto& facet : at(summary, "facets"))
    write_facet(page, facet, open ? "corrected" : "service");
}

}  // namespace gend::report
