// Who was owed which message, and what became of it: the ledger's books.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "report/mask.h"
#include "report/summary_parts.h"

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;
using ledger::RoomTotals;

// Series of a room's own, by the room's name: one for each scenario that listens there.
using SlotsByRoom = std::map<std::string, std::vector<std::uint32_t>, std::less<>>;

SlotsByRoom latency_slots(const RunResult& result) {
  SlotsByRoom slots;
  for (const stats::Series& series : result.schema->series())
    if (series.facet && series.metric == "delivery_latency")
      slots[tag_of(series.tags, "room")].push_back(series.slot);
  return slots;
}

Json trend_json(const RunResult& result, std::string metric) {
  return trend_values(
      stats::select(*result.schema, result.total->recorder, {std::move(metric), {}}).trend);
}

Json counts_json(const RoomTotals& room) {
  return {{"sent", room.sent},
          {"expected", room.expected()},
          {"delivered", room.delivered},
          {"reach", share(room.delivered, room.expected())},
          {"lost", room.lost},
          {"duplicated", room.duplicated},
          {"reordered", room.reordered},
          {"late", room.late},
          {"missed_away", room.missed_away},
          {"unclear", room.unclear},
          {"not_owed", room.not_owed},
          {"garbled", room.garbled},
          {"foreign", room.foreign},
          {"spread_max_ms", to_ms(room.spread_max)}};
}

// The books are closed when the run is over; before that they cannot balance.
Json balance_json(const RunResult& result, bool balanced) {
  const bool over = result.state == RunState::kFinished || result.state == RunState::kFailed;
  return over ? Json(balanced) : Json();
}

Json totals_json(const RunResult& result) {
  RoomTotals sum;
  std::uint64_t unbalanced = 0;
  for (const RoomTotals& room : result.rooms) {
    sum.add(room);
    unbalanced += room.balanced() ? 0 : 1;
  }
  Json totals{{"rooms", result.rooms.size()}};
  totals.update(counts_json(sum));
  totals["delivered_per_s"] = per_second(sum.delivered, result.elapsed);
  totals["balanced"] = balance_json(result, unbalanced == 0);
  totals["unbalanced_rooms"] = totals["balanced"].is_null() ? 0 : unbalanced;
  totals["latency"] = trend_json(result, "delivery_latency");
  totals["spread"] = trend_json(result, "delivery_spread");
  return totals;
}

bool is_worse(const RoomTotals* a, const RoomTotals* b) {
  if (a->balanced() != b->balanced()) return b->balanced();
  if (a->lost != b->lost) return a->lost > b->lost;
  return a->late > b->late;
}

// All rooms, or those that went worst; in the order in which the run came upon them.
std::vector<const RoomTotals*> told_rooms(const RunResult& result) {
  std::vector<const RoomTotals*> rooms;
  for (const RoomTotals& room : result.rooms) rooms.push_back(&room);
  if (rooms.size() <= kRoomsTold) return rooms;
  std::ranges::stable_sort(rooms, is_worse);
  rooms.resize(kRoomsTold);
  std::ranges::sort(rooms);
  return rooms;
}

Json room_json(const RunResult& result, const RoomTotals& room, const SlotsByRoom& slots) {
  Json row{{"room", masked(room.name, result.secrets, Ends::kWhole)}};
  row.update(counts_json(room));
  row["balanced"] = balance_json(result, room.balanced());
  const auto own = slots.find(room.name);
  if (own == slots.end()) return row;
  stats::Histogram latency;
  for (const std::uint32_t slot : own->second)
    latency.merge(result.total->recorder.trend_at(slot));
  row["latency"] = trend_values(latency);
  return row;
}

}  // namespace

Json delivery_json(const RunResult& result) {
  if (result.rooms.empty()) return Json::object();
  const SlotsByRoom slots = latency_slots(result);
  const auto told = told_rooms(result);
  Json rooms = Json::array();
  for (const RoomTotals* room : told) rooms.push_back(room_json(result, *room, slots));
  return {{"totals", totals_json(result)},
          {"rooms", std::move(rooms)},
          {"rooms_left_out", result.rooms.size() - told.size()}};
}

}  // namespace gend::report
