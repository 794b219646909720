// What is shown first: this second in numbers, the seconds before as charts, then the beginnings of
// the other panels, as far as there is room.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "report/bars.h"
#include "report/live_words.h"
#include "report/text_page.h"
#include "report/watch_parts.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::grouped;
using stats::milliseconds_text;

constexpr std::size_t kLabel = 12, kNarrowLabel = 9;
constexpr std::size_t kRoomy = 72;  // columns from which numbers stand in columns
constexpr std::size_t kScale = 9;        // "100.00%", "12.3k/s"
constexpr std::size_t kTwoColumns = 100;  // from this width on two charts stand side by side

bool is_without_requests(const Json& interval) {
  return truth(at(interval, {"sessions", "without_requests"}));
}

WatchLine labelled(const Pen& pen, std::string_view label) {
  WatchLine line = pen.line();
  line.add(" ").add(label, Paint::kFaint);
  line.to((pen.width < kRoomy ? kNarrowLabel : kLabel) + 1);
  return line;
}

// The least important at the end: there a narrow screen cuts it off.
DrawnLine load_line(const Json& interval, const Pen& pen) {
  const bool narrow = pen.width < kRoomy;
  WatchLine line = labelled(pen, narrow ? "now" : "this second");
  const auto add = [&](const std::string& value, std::string_view unit) {
    line.add(narrow ? value : left(value, 6)).add(" ").add(unit).add("  ");
  };
  add(grouped(count(at(interval, "users"))), "users");
  if (!is_without_requests(interval)) {
    add(rate_text(number(at(interval, "requests_per_s"))), "requests");
    const double failed = number(at(interval, "failed_rate"));
    const std::string words = percent_text(failed) + " failed  ";
    if (failed > 0) line.add(words, Paint::kBad);
    else line.add(words);
  }
  add(rate_text(number(at(interval, "iterations_per_s"))), narrow ? "iter." : "iterations");
  return line;
}

DrawnLine latency_line(const Json& interval, const Pen& pen) {
  WatchLine line = labelled(pen, "latency");
  line.add(latency_words(interval));
  const std::string what = escaped(text(at(interval, "latency")));
  if (!what.empty()) line.add("  " + what, Paint::kFaint);
  return line;
}

DrawnLine sessions_line(const Json& interval, const Pen& pen) {
  const Json& sessions = at(interval, "sessions");
  WatchLine line = labelled(pen, "sessions");
  const auto rate = [&](std::string_view key) { return rate_text(number(at(sessions, key))); };
  line.add(fmt::format("{} open  {} out  {} in", grouped(count(at(sessions, "open"))),
                       rate("sent_per_s"), rate("received_per_s")));
  if (truth(at(sessions, "listens"))) line.add("  " + rate("deliveries_per_s") + " deliveries");
  for (const auto key : {"lost", "errors"})
    if (const auto n = count(at(sessions, key)); n > 0)
      line.add(fmt::format("  {} {} so far", grouped(n), key), Paint::kBad);
  return line;
}

DrawnLine work_line(const Json& interval, const Pen& pen) {
  WatchLine line = labelled(pen, "so far");
  const auto words = [&](std::string_view key) { return grouped(count(at(interval, key))); };
  line.add(fmt::format("{} planned  {} started", words("planned"), words("started")));
  if (count(at(interval, "dropped")) > 0)
    line.add("  " + words("dropped") + " DROPPED", Paint::kWarning);
  else
    line.add("  0 dropped");
  return line.add("  " + words("completed") + " completed");
}

DrawnLines now_lines(const Json& interval, const Pen& pen) {
  if (!at(interval, "users").is_number())
    return {labelled(pen, "now").add("nothing is measured before the run begins")};
  DrawnLines lines{load_line(interval, pen), latency_line(interval, pen)};
  if (at(interval, "sessions").is_object()) lines.push_back(sessions_line(interval, pen));
  lines.push_back(work_line(interval, pen));
  return lines;
}

struct Chart {
  std::string name;
  std::vector<double> values;
  double top;  // of the scale, above all values
  std::string (*words)(double);
};

std::vector<double> values_of(const std::vector<WatchSecond>& seconds,
                              double WatchSecond::*member, std::size_t columns) {
  std::vector<double> values;
  const std::size_t first = seconds.size() - std::min(seconds.size(), columns);
  for (std::size_t i = first; i < seconds.size(); ++i) values.push_back(seconds[i].*member);
  return values;
}

std::string users_words(double n) { return stats::count_text(n); }
std::string ms_words(double ms) { return milliseconds_text(ms); }

std::array<Chart, 4> charts_of(const WatchState& state, std::size_t columns) {
  const bool messages = is_without_requests(state.interval);
  const auto chart = [&](std::string name, double WatchSecond::*member,
                         std::string (*words)(double)) {
    Chart made{std::move(name), values_of(state.seconds, member, columns), 0, words};
    for (const double value : made.values)
      if (value > made.top) made.top = value;
    return made;
  };
  std::array<Chart, 4> charts{
      chart(messages ? "messages in" : "requests", &WatchSecond::rate, rate_text),
      chart("latency p95", &WatchSecond::p95_ms, ms_words),
      chart(messages ? "lost+errors" : "failed", &WatchSecond::failed,
            messages ? rate_text : percent_text),
      chart("users", &WatchSecond::users, users_words)};
  // A scale of shares begins at 1 %, so that a single failure is no wall.
  if (!messages) charts[2].top = std::clamp(charts[2].top, 0.01, 1.0);
  for (Chart& each : charts) each.top = nice_top(each.top);
  return charts;
}

// The part of a chart left of its axis.
void add_axis(WatchLine& line, const Chart& chart, std::size_t row, std::size_t rows) {
  const std::size_t from = line.columns();
  line.add(" ");
  if (row == 0) line.add(chart.name, Paint::kFaint);
  line.to(from + kLabel + 1);
  std::string scale;
  if (row == 0) scale = chart.words(chart.top);
  else if (row + 1 == rows) scale = "0";
  line.right(scale, kScale, Paint::kFaint).add(scale.empty() ? " │" : " ┤", Paint::kFaint);
}

Paint paint_of_chart(std::size_t which) { return which == 2 ? Paint::kBad : Paint::kGood; }

// "last 42s" and the like: how much the charts show.
DrawnLine charts_heading(const WatchState& state, const Pen& pen, std::size_t columns) {
  const std::size_t shown = std::min(state.seconds.size(), columns);
  return pen.heading("CHARTS", fmt::format("the last {}, a column a second, now at the right",
                                           clock_words(static_cast<double>(shown))));
}

DrawnLines chart_lines(const WatchState& state, const Pen& pen, std::size_t rows) {
  const std::size_t abreast = pen.width >= kTwoColumns ? 2 : 1;
  const std::size_t axis = kLabel + 1 + kScale + 2;
  const std::size_t each = pen.width / abreast;
  if (each <= axis + 4) return {};
  const std::size_t columns = std::min(each - axis - 1, kWatchedSeconds);
  const auto charts = charts_of(state, columns);
  DrawnLines lines{charts_heading(state, pen, columns)};
  for (std::size_t first = 0; first < charts.size(); first += abreast) {
    std::vector<std::vector<std::string>> drawn;
    for (std::size_t i = first; i < first + abreast; ++i)
      drawn.push_back(bars(charts[i].values, columns, rows, charts[i].top));
    for (std::size_t row = 0; row < rows; ++row) {
      WatchLine line = pen.line();
      for (std::size_t i = 0; i < abreast; ++i) {
        line.to(i * each);
        add_axis(line, charts[first + i], row, rows);
        line.add(drawn[i][row], paint_of_chart(first + i));
      }
      lines.push_back(line);
    }
  }
  return lines;
}

// How many rows a chart has when all that is not charts or now needs `wanted` lines.
std::size_t chart_rows(const Pen& pen, std::size_t room, std::size_t wanted) {
  const std::size_t stacked = pen.width >= kTwoColumns ? 2 : 4;
  const std::size_t most = pen.width >= kTwoColumns ? 8 : 4;
  const std::size_t half = room / 2, spare = room > wanted + 1 ? room - wanted - 1 : 0;
  return std::clamp<std::size_t>(std::max(half > 1 ? half - 1 : 0, spare) / stacked, 1, most);
}

DrawnLine more_line(const Pen& pen, std::size_t more, WatchPanel panel) {
  return pen.line().add(fmt::format(" … {} more: key {}", grouped(more),
                                    static_cast<int>(panel) + 1),
                        Paint::kFaint);
}

// At least the heading and a row or two of each section, in their order; what is left goes to the
// first ones that want more.
std::vector<std::size_t> allotted(const std::vector<WatchSection>& sections, std::size_t room) {
  std::vector<std::size_t> rows(sections.size(), 0);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const WatchSection& section = sections[i];
    const std::size_t least = std::min(section.rows.size(), section.head_rows + 2);
    if (room < least + 1) continue;
    rows[i] = least;
    room -= least + 1;
  }
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (rows[i] == 0) continue;
    const std::size_t more = std::min(room, sections[i].rows.size() - rows[i]);
    rows[i] += more;
    room -= more;
  }
  return rows;
}

std::vector<WatchSection> sections_of(const Json& summary, const Pen& pen) {
  std::vector<WatchSection> sections;
  for (auto* make : {thresholds_section, errors_section, steps_section, sessions_section,
                     deliveries_section, events_section})
    if (WatchSection section = make(summary, pen); !section.empty())
      sections.push_back(std::move(section));
  return sections;
}

void add_section(DrawnLines& lines, const WatchSection& section, std::size_t rows,
                 const Pen& pen) {
  if (rows == 0) return;
  lines.push_back(section.heading);
  const bool whole = rows == section.rows.size();
  const std::size_t shown = whole ? rows : rows - 1;
  lines.insert(lines.end(), section.rows.begin(),
               section.rows.begin() + static_cast<std::ptrdiff_t>(shown));
  if (!whole) lines.push_back(more_line(pen, section.rows.size() - shown, section.panel));
}

}  // namespace

DrawnLines overview_lines(const WatchState& state, const Pen& pen, std::size_t rows) {
  const std::vector<WatchSection> sections = sections_of(state.summary, pen);
  std::size_t wanted = 0;
  for (const WatchSection& section : sections) wanted += section.rows.size() + 2;
  DrawnLines lines = now_lines(state.interval, pen);
  const std::size_t room = rows > lines.size() ? rows - lines.size() : 0;
  const DrawnLines charts = chart_lines(state, pen, chart_rows(pen, room, wanted));
  const std::size_t taken = lines.size() + charts.size();
  const bool airy = rows > taken + wanted + 1;
  if (airy) lines.emplace_back();
  lines.insert(lines.end(), charts.begin(), charts.end());
  const auto shown = allotted(sections, rows > lines.size() ? rows - lines.size() : 0);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    if (airy) lines.emplace_back();
    add_section(lines, sections[i], shown[i], pen);
  }
  if (lines.size() > rows) lines.resize(rows);
  return lines;
}

}  // namespace gend::report
