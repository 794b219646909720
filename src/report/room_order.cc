#include "report/room_order.h"

#include <algorithm>

namespace gend::report {

Rooms rooms_worst_first(const Json& delivery) {
  Rooms rooms;
  for (const auto& room : at(delivery, "rooms")) rooms.push_back(&room);
  std::ranges::stable_sort(rooms, [](const Json* a, const Json* b) {
    for (const auto key : {"lost", "late"})
      if (count(at(*a, key)) != count(at(*b, key))) return count(at(*a, key)) > count(at(*b, key));
    return number(at(*a, {"latency", "p(95)"})) > number(at(*b, {"latency", "p(95)"}));
  });
  return rooms;
}

}  // namespace gend::report
