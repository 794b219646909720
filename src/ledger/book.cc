#include "ledger/book.h"

#include <algorithm>

namespace gend::ledger {

void RoomTotals::add(const Book& book) {
  RoomTotals other;
  other.sent = book.sent.get();
  other.joined = book.joined.get();
  other.settled = book.settled.get();
  other.owed = book.owed.get();
  other.delivered = book.delivered.get();
  other.lost = book.lost.get();
  other.missed_away = book.missed_away.get();
  other.duplicated = book.duplicated.get();
  other.reordered = book.reordered.get();
  other.late = book.late.get();
  other.unclear = book.unclear.get();
  other.not_owed = book.not_owed.get();
  other.garbled = book.garbled.get();
  other.foreign = book.foreign.get();
  other.spreads = book.spreads.get();
  other.spread_max = Duration{static_cast<Duration::rep>(book.spread_max.get())};
  add(other);
}

void RoomTotals::add(const RoomTotals& room) {
  sent += room.sent;
  joined += room.joined;
  settled += room.settled;
  owed += room.owed;
  delivered += room.delivered;
  lost += room.lost;
  missed_away += room.missed_away;
  duplicated += room.duplicated;
  reordered += room.reordered;
  late += room.late;
  unclear += room.unclear;
  not_owed += room.not_owed;
  garbled += room.garbled;
  foreign += room.foreign;
  spreads += room.spreads;
  spread_max = std::max(spread_max, room.spread_max);
}

}  // namespace gend::ledger
