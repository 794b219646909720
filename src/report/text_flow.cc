// What iterations did besides requests: the flows they took, their groups, why some did not end.
#include <array>
#include <set>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::grouped;
using stats::milliseconds_text;

constexpr std::size_t kNumber = 10;

std::string cell(const Json& row, std::string_view key, std::size_t columns) {
  return left(shortened(escaped(text(at(row, key))), columns - 1), columns);
}

// Scenarios head their rows only when there are several.
class ScenarioLines {
 public:
  ScenarioLines(Page& page, const Json& rows) : page_{page} {
    std::set<std::string> names;
    for (const auto& row : rows) names.insert(text(at(row, "scenario")));
    several_ = names.size() > 1;
  }
  void before(const Json& row) {
    const std::string name = text(at(row, "scenario"));
    if (!several_ || name == latest_) return;
    latest_ = name;
    page_.line(page_.paint(shortened(escaped(name), page_.inner()), Paint::kStrong));
  }

 private:
  Page& page_;
  bool several_ = false;
  std::string latest_;
};

}  // namespace

void write_picks(Page& page, const Json& summary) {
  const Json& picks = at(summary, "picks");
  if (!picks.is_array() || picks.empty()) return;
  page.heading("FLOWS", "chosen by weight: the share asked for, and the share that ran");
  const std::size_t width = page.inner() - 3 * kNumber;
  page.line(page.paint(std::string(width, ' ') + right("asked", kNumber) + right("ran", kNumber) +
                           right("count", kNumber),
                       Paint::kFaint));
  ScenarioLines scenarios{page, picks};
  bool first = true;
  for (const auto& pick : picks) {
    scenarios.before(pick);
    // Two choices of one scenario are told apart by an empty line.
    if (!first) page.line("");
    first = false;
    for (const auto& flow : at(pick, "flows"))
      page.line(cell(flow, "flow", width) +
                right(percent_text(number(at(flow, "asked"))), kNumber) +
                right(percent_text(number(at(flow, "share"))), kNumber) +
                right(grouped(count(at(flow, "count"))), kNumber));
  }
}

void write_groups(Page& page, const Json& summary) {
  static constexpr std::array<std::string_view, 5> kColumns{"avg", "med", "p(95)", "p(99)", "max"};
  const Json& groups = at(summary, "groups");
  if (!groups.is_array() || groups.empty()) return;
  page.heading("GROUPS", "one pass through all steps of a group");
  constexpr std::size_t kTime = 9;
  const std::size_t width = page.inner() - kTime * (kColumns.size() + 1);
  std::string head = std::string(width, ' ') + right("count", kTime);
  for (const auto column : kColumns) head += right(column, kTime);
  page.line(page.paint(head, Paint::kFaint));
  ScenarioLines scenarios{page, groups};
  for (const auto& group : groups) {
    scenarios.before(group);
    const Json& duration = at(group, "duration");
    const bool measured = count(at(duration, "count")) > 0;
    std::string row = cell(group, "group", width) +
                      right(grouped(count(at(duration, "count"))), kTime);
    for (const auto column : kColumns)
      row += right(measured ? milliseconds_text(number(at(duration, column))) : "-", kTime);
    page.line(row);
  }
}

void write_failed_iterations(Page& page, const Json& summary) {
  const Json& failed = at(summary, "failed_iterations");
  if (!failed.is_array() || failed.empty()) return;
  page.heading("FAILED ITERATIONS", "begun, and ended before their last step");
  ScenarioLines scenarios{page, failed};
  for (const auto& row : failed) {
    scenarios.before(row);
    page.line(fmt::format("{}  {}", right(grouped(count(at(row, "count"))), 9),
                          page.paint(wrapped(escaped(text(at(row, "reason"))), page.inner() - 11,
                                             kIndent + 11),
                                     Paint::kBad)));
  }
}

void write_captures_missed(Page& page, const Json& summary) {
  const Json& missed = at(summary, "captures_missed");
  if (!missed.is_array() || missed.empty()) return;
  page.heading("CAPTURES THAT FOUND NOTHING");
  ScenarioLines scenarios{page, missed};
  for (const auto& row : missed) {
    scenarios.before(row);
    page.line(fmt::format(
        "{}  {}", right(grouped(count(at(row, "count"))), 9),
        shortened(fmt::format("{} of {}", escaped(text(at(row, "capture"))),
                              escaped(text(at(row, "name")))),
                  page.inner() - 11)));
  }
}

}  // namespace gend::report
