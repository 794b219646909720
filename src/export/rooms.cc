#include "export/rooms.h"

#include <array>
#include <map>
#include <string>

#include "report/mask.h"

namespace gend::exporter {
namespace {

using ledger::RoomTotals;

struct Family {
  const char* name;
  const char* help;
  std::uint64_t (*value)(const RoomTotals&);
};
constexpr std::array<Family, 7> kFamilies{{
    {"gend_delivery_sent", "Messages sent to a room", [](const RoomTotals& r) { return r.sent; }},
    {"gend_delivery_expected", "Deliveries owed to users who listen, as far as it is decided",
     [](const RoomTotals& r) { return r.expected(); }},
    {"gend_delivery_delivered", "Expected deliveries that came",
     [](const RoomTotals& r) { return r.delivered; }},
    {"gend_delivery_lost", "Expected deliveries that never came",
     [](const RoomTotals& r) { return r.lost; }},
    {"gend_delivery_duplicated", "Deliveries that came once more",
     [](const RoomTotals& r) { return r.duplicated; }},
    {"gend_delivery_reordered", "Deliveries that came behind a later message of their sender",
     [](const RoomTotals& r) { return r.reordered; }},
    {"gend_delivery_late", "Deliveries that came after the limit of their receiver",
     [](const RoomTotals& r) { return r.late; }},
}};

// By label: names that differ only in what is masked are one room to whoever looks.
std::map<std::string, RoomTotals> rooms_of(const report::RunResult& run) {
  std::map<std::string, RoomTotals> rooms;
  std::size_t told = 0;
  for (const RoomTotals& room : run.rooms)
    rooms[++told > kRoomsExported
              ? "other"
              : report::masked(room.name, run.secrets, report::Ends::kWhole)]
        .add(room);
  return rooms;
}

}  // namespace

void write_rooms(Exposition& out, const report::RunResult& run) {
  if (run.rooms.empty()) return;
  const auto rooms = rooms_of(run);
  for (const Family& family : kFamilies) {
    out.family(family.name, "counter", "", family.help);
    for (const auto& [name, totals] : rooms)
      out.sample("_total", {{"room", name}}, family.value(totals));
  }
}

}  // namespace gend::exporter
