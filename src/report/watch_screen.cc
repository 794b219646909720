#include "report/watch_screen.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "report/live_words.h"
#include "report/watch_parts.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::milliseconds_text;

struct PanelName {
  std::string_view name, brief;
};
constexpr std::array<PanelName, kWatchPanels> kPanels{{{"Overview", "Over"},
                                                       {"Steps", "Steps"},
                                                       {"Errors", "Err"},
                                                       {"Thresholds", "Thresh"},
                                                       {"Deliveries", "Deliv"},
                                                       {"Events", "Events"}}};
constexpr std::size_t kWholeNames = 72;  // columns from which panels have their whole names
constexpr double kSilent = 3;            // seconds without a word that are worth a word

DrawnLine title_line(const WatchState& state, const Pen& pen) {
  // The summary is there before the first second is.
  const Json& run = state.interval.is_null() ? at(state.summary, "run") : state.interval;
  const std::string words = run.is_null() ? "no news yet" : state_words(run);
  const std::string id = escaped(text(at(run, "id")));
  const bool plain = words == "running" || words == "finished";
  const std::size_t taken = columns_of(words) + 2;
  const std::size_t room = pen.width > taken + 1 ? pen.width - taken - 1 : 0;
  WatchLine line = pen.line();
  line.add(" ").add(shortened(escaped(text(at(run, "name"))), room), Paint::kStrong);
  if (line.columns() + 2 + columns_of(id) <= room) line.add("  ").add(id, Paint::kFaint);
  line.to(pen.width > taken ? pen.width - taken : 0).add(" ");
  return line.add(words, plain ? Paint::kGood : Paint::kWarning);
}

std::string times_of(const Json& interval) {
  if (interval.is_null()) return "waiting for the first second";
  const double elapsed = number(at(interval, "elapsed_s"));
  const double planned = number(at(interval, "planned_s"));
  if (at(interval, "waiting_until").is_string())
    return fmt::format("{} planned, not begun yet", clock_words(planned));
  const std::string words =
      fmt::format("{:.0f}%  {} of {}", std::floor(progress_of(interval) * 100),
                  clock_words(elapsed), clock_words(planned));
  if (elapsed < planned)
    return words + fmt::format(", {} to go", clock_words(std::ceil(planned - elapsed)));
  return words + ", what is under way may end";
}

DrawnLine progress_line(const WatchState& state, const Pen& pen) {
  const std::string times = times_of(state.interval);
  const std::size_t taken = columns_of(times) + 4;
  const std::size_t room = pen.width > taken ? pen.width - taken : 0;
  return pen.line()
      .add(" ")
      .add(bar(progress_of(state.interval), std::min<std::size_t>(room, 60)), Paint::kGood)
      .add("  ")
      .add(times);
}

// How late and how busy the generator is, in at most `room` columns.
std::string lag_words(const WatchState& state, std::size_t room) {
  const Json& generator = at(state.summary, "generator");
  const Json& lag = at(generator, "lag_ms");
  std::string words;
  if (count(at(lag, "count")) > 0)
    words = fmt::format("  lag p99 {}", milliseconds_text(number(at(lag, "p99"))));
  if (columns_of(words) > room) return {};
  const Json& busiest = at(state.interval, "busiest_percent");
  if (!busiest.is_number()) return words;
  const std::string brief = fmt::format("  busy {:.0f}%", number(busiest));
  std::string whole = fmt::format("  busiest shard {:.0f}%", number(busiest));
  if (count(at(generator, "shards")) > 1)
    whole += fmt::format(" (no. {})", count(at(generator, {"cpu", "busiest_shard"})));
  for (const std::string& more : {whole, brief})
    if (columns_of(words) + columns_of(more) <= room) return words + more;
  return words;
}

DrawnLine generator_line(const WatchState& state, const Pen& pen) {
  const std::string verdict = text(at(state.interval, "verdict"));
  WatchLine line = pen.line();
  line.add(" generator ");
  if (verdict.empty()) return line.add("not judged yet");
  line.add(verdict_words(state.interval), paint_of_verdict(verdict));
  const auto failing = count(at(state.interval, "failing"));
  const std::string thresholds = "thresholds: " + threshold_words(state.interval);
  // The thresholds matter more than the lag where both have no room.
  const std::size_t taken = columns_of(thresholds) + 5;
  line.add(lag_words(state, line.room() > taken ? line.room() - taken : 0));
  line.add(failing > 0 ? "  ✗ " : "  ");
  if (failing > 0) return line.add(thresholds, Paint::kBad);
  return line.add(thresholds);
}

// What is wrong and would not be seen elsewhere, the worst first; a line each.
DrawnLines trouble_lines(const WatchState& state, const Pen& pen, std::size_t most) {
  DrawnLines lines;
  const auto add = [&](const std::string& words, Paint paint) {
    if (lines.size() < most) lines.push_back(pen.line().add(" ! " + words, paint));
  };
  if (state.silent_s >= kSilent)
    add(fmt::format("no news from the daemon for {}", clock_words(state.silent_s)), Paint::kBad);
  if (const auto why = text(at(state.interval, "not_written")); !why.empty())
    add("NOT ON DISK: " + escaped(why), Paint::kBad);
  for (const auto& finding : at(state.summary, {"generator", "findings"})) {
    const bool saturated = text(at(finding, "severity")) == "SATURATED";
    add(escaped(text(at(finding, "words"))), saturated ? Paint::kBad : Paint::kWarning);
  }
  for (const auto& warning : at(state.summary, {"generator", "warnings"}))
    add(escaped(text(warning)), Paint::kWarning);
  return lines;
}

DrawnLine tabs_line(const WatchState& state, const Pen& pen) {
  WatchLine line = pen.line();
  for (std::size_t i = 0; i < kWatchPanels; ++i) {
    const bool chosen = static_cast<std::size_t>(state.panel) == i && !state.help;
    const std::string_view name =
        chosen || pen.width >= kWholeNames ? kPanels[i].name : kPanels[i].brief;
    const std::string words = fmt::format("{} {}", i + 1, name);
    if (chosen) line.add("[").add(words, Paint::kStrong).add("]");
    else line.add(" ").add(words, Paint::kFaint).add(" ");
  }
  return line;
}

DrawnLines lines_of(const std::vector<WatchSection>& sections, std::string_view without,
                    const Pen& pen) {
  DrawnLines lines;
  for (const WatchSection& section : sections) {
    if (section.empty()) continue;
    if (!lines.empty()) lines.emplace_back();
    lines.push_back(section.heading);
    lines.insert(lines.end(), section.rows.begin(), section.rows.end());
  }
  if (lines.empty()) lines.push_back(pen.line().add(" ").add(without, Paint::kFaint));
  return lines;
}

DrawnLines help_lines(const WatchState& state, const Pen& pen) {
  const Controls controls = controls_of(state.summary);
  DrawnLines lines{pen.heading("KEYS", "any key closes this")};
  const auto add = [&](std::string_view key, std::string_view words) {
    lines.push_back(pen.line().add("   ").add(key, Paint::kStrong).to(16).add(words));
  };
  add("1 to 6", "overview, steps, errors, thresholds, deliveries, events");
  add("Tab, ← →", "the next panel, the one before");
  add("↑ ↓", "a line up or down; PgUp, PgDn: a page; Home, End");
  add("q, Ctrl-C", "leave; the run goes on");
  add("s", "end the run, after a question; once more: cut it off");
  if (controls.pause) add("p", "pause: begin no more iterations; once more: go on");
  if (controls.users) add("u", "set the number of users");
  if (controls.rate) add("r", "set the rate of arrivals: 10, 10/s, 600/min");
  if (!controls.pause)
    lines.push_back(pen.line().add(
        "   Pause, users and rate need a scenario with the executor externally-controlled.",
        Paint::kFaint));
  lines.emplace_back();
  lines.push_back(pen.line().add("   ✗ and ! mark what is wrong; in a chart _ is 0, a blank "
                                 "means that nothing was measured."));
  return lines;
}

DrawnLines body_lines(const WatchState& state, const Pen& pen, std::size_t rows) {
  if (state.help) return help_lines(state, pen);
  const Json& summary = state.summary;
  switch (state.panel) {
    case WatchPanel::kOverview: return overview_lines(state, pen, rows);
    case WatchPanel::kSteps:
      return lines_of({steps_section(summary, pen), sessions_section(summary, pen)},
                      "no step has done anything yet", pen);
    case WatchPanel::kErrors:
      return lines_of({errors_section(summary, pen), checks_section(summary, pen)},
                      "no errors so far", pen);
    case WatchPanel::kThresholds:
      return lines_of({thresholds_section(summary, pen)}, "the plan has no thresholds", pen);
    case WatchPanel::kDeliveries:
      return lines_of({deliveries_section(summary, pen)},
                      "nobody listens in a room: no deliveries so far", pen);
    case WatchPanel::kEvents:
      return lines_of({events_section(summary, pen), warnings_section(summary, pen)},
                      "no events so far", pen);
  }
  return {};
}

std::string question_of(const WatchState& state) {
  switch (state.asking) {
    case Asking::kNothing: return {};
    case Asking::kUsers: return "users: " + escaped(state.typed) + "_   (Enter sets, Esc leaves)";
    case Asking::kRate:
      return "rate, like 10/s or 600/min: " + escaped(state.typed) + "_   (Enter sets, Esc leaves)";
    case Asking::kStop: return "End the run? What is under way may finish.  y: yes, other keys: no";
    case Asking::kStopNow: return "Cut the run off now?  y: yes, other keys: no";
  }
  return {};
}

// As many of the keys as fit, the most wanted first.
DrawnLine keys_line(const WatchState& state, const Pen& pen, std::string_view place) {
  const Controls controls = controls_of(state.summary);
  std::vector<std::string> keys{"q leave, the run goes on", "? help", "s stop"};
  if (controls.pause)
    keys.emplace_back(truth(at(state.interval, "paused")) ? "p resume" : "p pause");
  if (controls.users) keys.emplace_back("u users");
  if (controls.rate) keys.emplace_back("r rate");
  keys.emplace_back("Tab panels");
  const std::size_t reserved = place.empty() ? 0 : columns_of(place) + 3;
  WatchLine line = pen.line();
  for (const std::string& key : keys) {
    if (columns_of(key) + 3 + reserved > line.room()) break;
    line.add(line.columns() == 0 ? " " : "   ").add(key, Paint::kFaint);
  }
  if (!place.empty() && line.room() > columns_of(place) + 1)
    line.to(pen.width - columns_of(place) - 1).add(place, Paint::kFaint);
  return line;
}

DrawnLine footer_line(const WatchState& state, const Pen& pen, std::string_view place) {
  if (state.asking != Asking::kNothing)
    return pen.line().add(" ").add(question_of(state), Paint::kStrong);
  if (!state.message.empty())
    return pen.line().add(" ").add(escaped(state.message), Paint::kWarning);
  return keys_line(state, pen, place);
}

DrawnLines head_lines(const WatchState& state, const Pen& pen, std::size_t rows) {
  DrawnLines lines{title_line(state, pen), progress_line(state, pen), generator_line(state, pen)};
  const DrawnLines trouble = trouble_lines(state, pen, rows >= 20 ? 2 : 1);
  lines.insert(lines.end(), trouble.begin(), trouble.end());
  lines.push_back(tabs_line(state, pen));
  return lines;
}

}  // namespace

WatchScreen draw_watch(const WatchState& state, ScreenSize size, Colour colour) {
  const Pen pen{.width = size.columns, .colour = colour};
  WatchScreen screen;
  screen.lines = head_lines(state, pen, size.rows);
  const std::size_t above = screen.lines.size();
  const std::size_t room = size.rows > above + 1 ? size.rows - above - 1 : 0;
  const DrawnLines body = body_lines(state, pen, room);
  const std::size_t hidden = body.size() > room ? body.size() - room : 0;
  screen.scroll = state.help ? 0 : std::min(state.scroll, hidden);
  for (std::size_t i = screen.scroll; i < std::min(body.size(), screen.scroll + room); ++i)
    screen.lines.push_back(body[i]);
  screen.lines.resize(above + room);
  const std::string place =
      hidden == 0 ? ""
                  : fmt::format("↑↓ {} to {} of {}", screen.scroll + 1,
                                std::min(screen.scroll + room, body.size()), body.size());
  if (size.rows > 0) {
    if (screen.lines.size() >= size.rows) screen.lines.resize(size.rows - 1);
    screen.lines.push_back(footer_line(state, pen, place));
  }
  screen.lines.resize(size.rows);
  return screen;
}

}  // namespace gend::report
