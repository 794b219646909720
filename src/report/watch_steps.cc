// Tables with a row for each step, session or room: what they did so far.
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <fmt/format.h>

#include "report/room_order.h"
#include "report/text_page.h"
#include "report/watch_parts.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::milliseconds_text;

constexpr std::size_t kRoomsListed = 1000;  // nobody scrolls further, and all is drawn anew at once

struct Cell {
  std::string words;
  bool bad = false;
};
using Row = std::vector<Cell>;

// "12,345", or "123k" where it would take too much room.
std::string number_words(std::uint64_t n) {
  return n < 100'000 ? stats::grouped(n) : stats::count_text(static_cast<double>(n));
}

// At most six columns; the exact share is in the summary.
std::string share_words(double share) {
  if (share > 0 && share < 0.0001) return "<0.01%";
  if (share > 0.999 && share < 1) return ">99.9%";
  const double percent = share * 100;
  return fmt::format("{:.{}f}%", percent, percent < 9.995 ? 2 : percent < 99.95 ? 1 : 0);
}

std::string per_second_words(const Json& rate) { return stats::count_text(number(rate)); }

// The columns that fit beside a label, from the left; each of `cell` columns.
class Table {
 public:
  Table(const Pen& pen, std::span<const std::string_view> names) : pen_{pen}, names_{names} {
    const std::size_t label = std::min<std::size_t>(pen.width / 4, 24);
    const std::size_t room = pen.width - label;
    cell_ = std::clamp<std::size_t>(room / std::max<std::size_t>(names.size(), 1), kLeast, kMost);
    shown_ = std::min(names.size(), room / cell_);
  }

  DrawnLine head(std::string_view label) const {
    WatchLine line = pen_.line();
    line.add(" ").add(label, Paint::kFaint).to(label_columns());
    for (std::size_t i = 0; i < shown_; ++i) line.right(names_[i], cell_, Paint::kFaint);
    return line;
  }

  DrawnLine row(std::string_view label, const Row& cells) const {
    WatchLine line = pen_.line();
    line.add(" ").add(shortened(label, label_columns() > 2 ? label_columns() - 2 : 0));
    line.to(label_columns());
    for (std::size_t i = 0; i < std::min(shown_, cells.size()); ++i) {
      if (cells[i].bad) line.right(cells[i].words, cell_, Paint::kBad);
      else line.right(cells[i].words, cell_);
    }
    return line;
  }

 private:
  std::size_t label_columns() const { return pen_.width - cell_ * shown_; }

  static constexpr std::size_t kLeast = 7, kMost = 10;
  const Pen& pen_;
  std::span<const std::string_view> names_;
  std::size_t cell_ = kLeast, shown_ = 0;
};

bool has_several_scenarios(const Json& steps) {
  std::set<std::string> scenarios;
  for (const auto& step : steps) scenarios.insert(text(at(step, "scenario")));
  return scenarios.size() > 1;
}

std::string time_words(const Json& trend, std::string_view key) {
  return count(at(trend, "count")) == 0 ? "-" : milliseconds_text(number(at(trend, key)));
}

Row cells_of_step(const Json& step, std::string_view latency) {
  const Json& trend = at(step, latency);
  const double failed = number(at(step, "failed_rate"));
  return {{number_words(count(at(step, "count")))},
          {per_second_words(at(step, "rate"))},
          {share_words(failed), failed > 0},
          {time_words(trend, "med")},
          {time_words(trend, "p(95)")},
          {time_words(trend, "p(99)")},
          {time_words(trend, "max")}};
}

Row cells_of_session(const Json& session) {
  const auto bad = [&](std::string_view key) -> Cell {
    const std::uint64_t n = count(at(session, key));
    return {number_words(n), n > 0};
  };
  return {{number_words(count(at(session, "open")))},
          {number_words(count(at(session, "opened")))},
          bad("connect_failed"),
          bad("ended_early"),
          {per_second_words(at(session, "sent_per_s"))},
          {per_second_words(at(session, "received_per_s"))},
          {time_words(at(session, "connecting"), "p(95)")}};
}

Row cells_of_room(const Json& room) {
  const auto bad = [&](std::string_view key) -> Cell {
    const std::uint64_t n = count(at(room, key));
    return {number_words(n), n > 0};
  };
  return {{number_words(count(at(room, "expected")))},
          bad("lost"),
          bad("late"),
          bad("duplicated"),
          bad("reordered"),
          {time_words(at(room, "latency"), "p(95)")},
          {number(at(room, "spread_max_ms")) > 0
               ? milliseconds_text(number(at(room, "spread_max_ms")))
               : "-"}};
}

}  // namespace

WatchSection steps_section(const Json& summary, const Pen& pen) {
  static constexpr std::array<std::string_view, 7> kColumns{"count", "per s", "failed", "p50",
                                                            "p95",   "p99",   "max"};
  const Json& steps = at(summary, "http");
  const std::string_view latency =
      truth(at(summary, {"run", "open_model"})) ? "corrected" : "service";
  WatchSection section{pen.heading("STEPS", fmt::format("so far, latency: {}", latency)), {},
                       WatchPanel::kSteps, 1};
  if (!steps.is_array()) return section;
  const bool several = has_several_scenarios(steps);
  const Table table{pen, kColumns};
  section.rows.push_back(table.head("request"));
  for (const auto& step : steps) {
    std::string label =
        escaped(text(at(step, "method"))) + " " + escaped(text(at(step, "name")));
    if (several) label += " · " + escaped(text(at(step, "scenario")));
    section.rows.push_back(table.row(label, cells_of_step(step, latency)));
  }
  return section;
}

WatchSection sessions_section(const Json& summary, const Pen& pen) {
  static constexpr std::array<std::string_view, 7> kColumns{"open", "opened", "failed", "early",
                                                            "out/s", "in/s",  "p95"};
  const Json& sessions = at(summary, "sessions");
  WatchSection section{pen.heading("SESSIONS", "so far; p95 of connecting"), {},
                       WatchPanel::kSteps, 1};
  if (!sessions.is_array()) return section;
  const bool several = has_several_scenarios(sessions);
  const Table table{pen, kColumns};
  section.rows.push_back(table.head("session"));
  for (const auto& session : sessions) {
    std::string label = escaped(text(at(session, "name")));
    if (several) label += " · " + escaped(text(at(session, "scenario")));
    section.rows.push_back(table.row(label, cells_of_session(session)));
  }
  return section;
}

WatchSection deliveries_section(const Json& summary, const Pen& pen) {
  static constexpr std::array<std::string_view, 7> kColumns{"expected", "lost", "late",  "dupl.",
                                                            "reord.",   "p95",  "spread"};
  const Json& delivery = at(summary, "delivery");
  const Json& totals = at(delivery, "totals");
  const std::uint64_t expected = count(at(totals, "expected"));
  const std::string words =
      expected == 0 ? "nothing was owed to anybody yet"
                    : fmt::format("so far {} of {} arrived: reach {}",
                                  stats::grouped(count(at(totals, "delivered"))),
                                  stats::grouped(expected),
                                  percent_text(number(at(totals, "reach"))));
  WatchSection section{pen.heading("DELIVERIES", words), {}, WatchPanel::kDeliveries, 1};
  if (!totals.is_object()) return section;
  const Table table{pen, kColumns};
  section.rows.push_back(table.head("room, the worst first"));
  // A room alone is the sum already.
  if (const auto rooms = count(at(totals, "rooms")); rooms > 1)
    section.rows.push_back(table.row(fmt::format("all {} rooms", stats::grouped(rooms)),
                                     cells_of_room(totals)));
  const Rooms rooms = rooms_worst_first(delivery);
  const std::size_t listed = std::min(rooms.size(), kRoomsListed);
  for (std::size_t i = 0; i < listed; ++i)
    section.rows.push_back(
        table.row(escaped(text(at(*rooms[i], "room"))), cells_of_room(*rooms[i])));
  if (const auto more = rooms.size() - listed + count(at(delivery, "rooms_left_out")); more > 0)
    section.rows.push_back(pen.line().add(
        fmt::format(" … and {} more rooms", stats::grouped(more)), Paint::kFaint));
  return section;
}

}  // namespace gend::report
