// Deliveries: how many of the messages that were owed to somebody arrived, and how.
#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/room_order.h"
#include "report/text_blocks.h"
#include "stats/words.h"

namespace gend::report {
namespace {

using stats::counted;
using stats::grouped;
using stats::milliseconds_text;

// A page holds so many rooms; the summary holds them all.
constexpr std::size_t kRoomsShown = 10;
constexpr std::size_t kNumber = 9;

struct Meaning {
  std::string_view key, words;
};
// What is in none of the columns, and nobody should overlook.
constexpr std::array<Meaning, 5> kMeanings{{
    {"missed_away",
     "were sent while their receiver was reconnecting; they are not counted as lost"},
    {"unclear", "came so long after their neighbours that they were in the books as lost already; "
                "whether they were late or came twice cannot be told"},
    {"not_owed", "came to users who were not owed them: sent before they listened or after they "
                 "left, or their own where the plan says own: false"},
    {"garbled",
     "carried a stamp or a number that cannot be: something on the way changes messages"},
    {"foreign", "carried a stamp of another run: somebody else talks in these rooms, or the server "
                "repeats old messages"},
}};

std::string share_words(const Json& counts) {
  const std::uint64_t expected = count(at(counts, "expected"));
  if (expected == 0) return "nothing was owed to anybody yet";
  return fmt::format("{} of {} expected deliveries arrived: reach {}",
                     grouped(count(at(counts, "delivered"))), grouped(expected),
                     percent_text(number(at(counts, "reach"))));
}

bool is_flawed(const Json& counts) {
  for (const auto key : {"lost", "late", "duplicated", "reordered"})
    if (count(at(counts, key)) > 0) return true;
  return false;
}

void write_totals_of(Page& page, const Json& totals) {
  const bool whole = count(at(totals, "lost")) == 0;
  const std::string words = share_words(totals);
  page.line(whole ? words : page.paint(words, Paint::kBad));
  page.prose(fmt::format("{} sent to {}: {} lost, {} duplicated, {} reordered, {} late",
                         grouped(count(at(totals, "sent"))),
                         counted(count(at(totals, "rooms")), "room"),
                         grouped(count(at(totals, "lost"))),
                         grouped(count(at(totals, "duplicated"))),
                         grouped(count(at(totals, "reordered"))),
                         grouped(count(at(totals, "late")))));
  for (const Meaning& meaning : kMeanings)
    if (const auto n = count(at(totals, meaning.key)); n > 0)
      page.prose(fmt::format("{} {}", grouped(n), meaning.words), Paint::kWarning);
}

// Books that do not balance are no finding about the target: nobody may build on them.
void write_imbalance(Page& page, const Json& totals) {
  const Json& balanced = at(totals, "balanced");
  if (!balanced.is_boolean() || truth(balanced)) return;
  page.prose(fmt::format("! THE BOOKS OF {} DO NOT BALANCE: what was owed is not the sum of what "
                         "became of it. This is an error of gend itself: do not trust these "
                         "counts, and please report it",
                         counted(count(at(totals, "unbalanced_rooms")), "ROOM")),
             Paint::kBad);
}

// Rooms that only the run knew have no latency of their own.
std::vector<std::string_view> columns_for(const Page& page, const Rooms& rooms) {
  std::vector<std::string_view> columns{"expected", "lost", "dupl.", "reord.", "late"};
  const bool timed =
      std::ranges::any_of(rooms, [](const Json* room) { return !at(*room, "latency").empty(); });
  if (timed && page.width() >= 98) columns.push_back("p(50)");
  if (timed) columns.push_back("p(95)");
  columns.push_back("spread");
  return columns;
}

std::string number_of(const Json& room, std::string_view column) {
  const auto counts = [&](std::string_view key) {
    const std::uint64_t n = count(at(room, key));
    return n < 1'000'000 ? grouped(n) : stats::count_text(static_cast<double>(n));
  };
  if (column == "dupl.") return counts("duplicated");
  if (column == "reord.") return counts("reordered");
  // Without a second receiver there is none.
  if (column == "spread")
    return number(at(room, "spread_max_ms")) > 0
               ? milliseconds_text(number(at(room, "spread_max_ms")))
               : "-";
  if (!column.starts_with("p(")) return counts(column);
  const Json& latency = at(room, "latency");
  if (count(at(latency, "count")) == 0) return "-";
  return milliseconds_text(number(at(latency, column == "p(50)" ? "med" : column)));
}

void write_row(Page& page, const Json& room, const std::vector<std::string_view>& columns) {
  const std::size_t width = page.inner() - kNumber * columns.size();
  std::string line = left(shortened(escaped(text(at(room, "room"))), width - 1), width);
  for (const auto column : columns) {
    const std::string cell = right(number_of(room, column), kNumber);
    const bool bad = column == "lost" && count(at(room, "lost")) > 0;
    line += bad ? page.paint(cell, Paint::kBad) : cell;
  }
  page.line(line);
}

// "… and 90 more, all complete".
std::string rest_words(const Rooms& rest, std::uint64_t left_out) {
  std::uint64_t flawed = 0;
  for (const Json* room : rest) flawed += is_flawed(*room) ? 1 : 0;
  const std::uint64_t all = rest.size() + left_out;
  std::string words = fmt::format("… and {} more", grouped(all));
  if (flawed == 0 && left_out == 0) return words + ", all complete, in time and in order";
  if (flawed > 0)
    words += fmt::format(", {} of them with something lost, late, duplicated or reordered",
                         grouped(flawed));
  return words + (left_out == 0 ? "; all are in the JSON summary"
                                : fmt::format("; {} of them are in the JSON summary",
                                              grouped(rest.size())));
}

void write_rooms(Page& page, const Json& delivery) {
  Rooms rooms = rooms_worst_first(delivery);
  if (rooms.empty()) return;
  const auto columns = columns_for(page, rooms);
  page.gap();
  std::string head = left("room", page.inner() - kNumber * columns.size());
  for (const auto column : columns) head += right(column, kNumber);
  page.line(page.paint(head, Paint::kFaint));
  const Rooms rest{rooms.begin() + static_cast<std::ptrdiff_t>(std::min(kRoomsShown, rooms.size())),
                   rooms.end()};
  rooms.resize(rooms.size() - rest.size());
  for (const Json* room : rooms) write_row(page, *room, columns);
  const std::uint64_t left_out = count(at(delivery, "rooms_left_out"));
  if (!rest.empty() || left_out > 0)
    page.prose(rest_words(rest, left_out), Paint::kFaint);
}

}  // namespace

void write_deliveries(Page& page, const Json& summary) {
  const Json& delivery = at(summary, "delivery");
  const Json& totals = at(delivery, "totals");
  if (!totals.is_object() || totals.empty()) return;
  page.heading("DELIVERIES", "messages to rooms, owed to each user who listens there");
  write_imbalance(page, totals);
  write_totals_of(page, totals);
  write_times(page, "latency", at(totals, "latency"));
  write_times(page, "first to last receiver", at(totals, "spread"));
  write_rooms(page, delivery);
}

}  // namespace gend::report
