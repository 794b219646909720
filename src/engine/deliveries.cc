#include "engine/deliveries.h"

#include <algorithm>
#include <cstring>

#include "ledger/stamp.h"

namespace gend::engine {

using ledger::Delivery;

ledger::RoomId Deliveries::room_of(std::string_view name) {
  const auto room = board_.room(name);
  return room ? *room : ledger::kNoId;
}

ledger::RoomId Deliveries::listened(const InRoom* rooms) {
  for (const InRoom* each = rooms; each != nullptr; each = each->next)
    if (each->listen != nullptr) return each->room;
  return ledger::kNoId;
}

// The latest one first.
InRoom& Deliveries::at(InRoom*& rooms, ledger::RoomId room) {
  for (InRoom* each = rooms; each != nullptr; each = each->next)
    if (each->room == room) return *each;
  InRoom* const made = pool_.take();
  made->room = room;
  made->listen = nullptr;
  made->of_room = nullptr;
  made->next = rooms;
  rooms = made;
  return *made;
}

void Deliveries::stamp(InRoom*& rooms, ledger::RoomId id, char* payload, std::size_t size,
                       TimePoint now) {
  char text[kBytes];
  std::memset(text, '-', kBytes);
  if (InRoom* const room = id == ledger::kNoId ? nullptr : sender_at(rooms, id, now)) {
    const ledger::Sender::Next next = room->sender.next(now);
    if (next.spread && room->listen != nullptr)
      into_->recorder.trend(room->listen->series.spread, *next.spread);
    ledger::write_stamp(next.stamp, text);
  }
  std::string_view rest{payload, size};
  for (std::size_t found = rest.find(placeholder()); found != std::string_view::npos;
       found = rest.find(placeholder())) {
    std::memcpy(payload + (size - rest.size()) + found, text, kBytes);
    rest.remove_prefix(found + kBytes);
  }
}

// Null: the ledger is full.
InRoom* Deliveries::sender_at(InRoom*& rooms, ledger::RoomId id, TimePoint now) {
  InRoom& room = at(rooms, id);
  if (room.sender.is_open()) return &room;
  if (!room.sender.open(board_, id, shard_, now)) return nullptr;
  if (room.listen != nullptr && !room.listen->own) room.member.exclude(room.sender.id());
  return &room;
}

void Deliveries::join(InRoom*& rooms, const plan::Listen& listen, std::string_view name,
                      TimePoint now) {
  const ledger::RoomId id = room_of(name);
  if (id == ledger::kNoId) return;
  InRoom& room = at(rooms, id);
  if (room.member.joined()) {
    if (room.member.away()) room.member.resume(now);
    return;
  }
  const auto numbers = listen.sequence ? ledger::Numbers::kServer : ledger::Numbers::kStamps;
  if (!room.member.join(board_, {id, shard_, numbers, listen.late})) return;
  room.listen = &listen;
  const auto known = std::ranges::lower_bound(listen.rooms, name);
  if (known != listen.rooms.end() && *known == name)
    room.of_room = &listen.room_series[static_cast<std::size_t>(known - listen.rooms.begin())];
  else if (listen.rooms.size() < listen.room_series.size())
    room.of_room = &listen.room_series.back();
  if (room.sender.is_open() && !listen.own) room.member.exclude(room.sender.id());
}

template <class Book>
void Deliveries::in_each(const InRoom& room, Book&& book) {
  book(room.listen->series);
  if (room.of_room != nullptr) book(*room.of_room);
}

void Deliveries::book(const InRoom& room, const Delivery& delivery) {
  stats::Recorder& recorder = into_->recorder;
  in_each(room, [&](const plan::DeliverySeries& series) {
    for (std::uint32_t i = 0; i < delivery.lost; ++i) {
      recorder.rate(series.lost, true);
      recorder.rate(series.reach, false);
      recorder.share(series.late, 0, 1);
      recorder.share(series.reordered, 0, 1);
      recorder.share(series.duplicated, 0, 1);
    }
    if (delivery.kind == Delivery::Kind::kDuplicate) recorder.share(series.duplicated, 1, 0);
    if (delivery.kind != Delivery::Kind::kFirst) return;
    recorder.trend(series.latency, delivery.latency);
    recorder.rate(series.lost, false);
    recorder.rate(series.reach, true);
    recorder.rate(series.late, delivery.late);
    recorder.rate(series.reordered, delivery.reordered);
    recorder.share(series.duplicated, 0, 1);
  });
  if (delivery.spread) recorder.trend(room.listen->series.spread, *delivery.spread);
}

std::optional<Duration> Deliveries::arrive(InRoom* rooms, std::string_view payload,
                                           TimePoint now) {
  std::optional<Duration> latency;
  ledger::StampFinder finder{payload, board_.run()};
  while (const auto found = finder.next()) {
    InRoom* room = rooms;
    while (room != nullptr && room->listen == nullptr) room = room->next;
    if (room == nullptr) break;
    if (found->kind == ledger::FoundStamp::Kind::kGarbled) {
      room->member.note_garbled();
      continue;
    }
    if (found->kind == ledger::FoundStamp::Kind::kForeign) {
      room->member.note_foreign();
      continue;
    }
    const auto id = board_.room_of(found->stamp.stream);
    for (InRoom* each = room; each != nullptr; each = each->next)
      if (each->listen != nullptr && id == each->room) room = each;
    const Delivery delivery = room->member.deliver(found->stamp, now);
    book(*room, delivery);
    if (delivery.kind == Delivery::Kind::kFirst) latency = delivery.latency;
  }
  return latency;
}

void Deliveries::arrive(InRoom& room, const ServerStamp& stamp, TimePoint now) {
  book(room, room.member.deliver_number(stamp.number, stamp.latency, now));
}

void Deliveries::pause(InRoom* rooms) {
  for (InRoom* each = rooms; each != nullptr; each = each->next)
    if (each->member.joined() && !each->member.away()) each->member.pause();
}

void Deliveries::leave(InRoom* rooms, TimePoint now) {
  for (InRoom* each = rooms; each != nullptr; each = each->next)
    if (each->member.joined() && !each->member.draining()) each->member.leave(now);
}

bool Deliveries::complete(const InRoom* rooms) {
  for (const InRoom* each = rooms; each != nullptr; each = each->next)
    if (each->member.joined() && !each->member.complete()) return false;
  return true;
}

Duration Deliveries::drain(const InRoom* rooms) {
  Duration longest{};
  for (const InRoom* each = rooms; each != nullptr; each = each->next)
    if (each->listen != nullptr) longest = std::max(longest, each->listen->drain);
  return longest;
}

void Deliveries::settle(InRoom*& rooms, TimePoint now) {
  ledger::Sender::Spreads spreads;
  while (rooms != nullptr) {
    InRoom* room = rooms;
    rooms = room->next;
    if (room->member.joined()) {
      const auto settled = room->member.settle(now);
      Delivery lost{.kind = Delivery::Kind::kNotOwed};
      lost.lost = static_cast<std::uint32_t>(settled.lost_now);
      book(*room, lost);
      in_each(*room, [&](const plan::DeliverySeries& series) {
        into_->recorder.count(series.missed_away, settled.missed_away);
      });
    }
    if (room->sender.is_open()) {
      for (const Duration spread : room->sender.close(now, spreads))
        if (room->listen != nullptr) into_->recorder.trend(room->listen->series.spread, spread);
    }
    room->listen = nullptr;
    pool_.put(room);
  }
}

}  // namespace gend::engine
