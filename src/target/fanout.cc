#include "target/fanout.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "target/sio_packet.h"
#include "target/truth.h"

namespace gend::target {

Fanout::Fanout(World& world, unsigned thread)
    : rooms_{world.rooms},
      counts_{world.sessions.of_thread(thread)},
      thread_{thread},
      seed_{world.seed},
      outboxes_(world.exchange.threads()) {}

Fanout::~Fanout() = default;

void Fanout::set_faults(const DeliveryFaults& faults) {
  faults_ = faults;
  if (faults.delay_share > 0) late_ = faults.delay;
}

// ---- membership --------------------------------------------------------------------------------

Room* Fanout::room(std::string_view name) {
  if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
  if (name.empty() || name.size() > limits::kTargetRoomName) return nullptr;
  Room* made = rooms_.find_or_make(name);
  if (made != nullptr) by_name_.emplace(name, made);
  return made;
}

Fanout::Joined Fanout::join(Client& client, Room& room) {
  for (const Place& place : client.places)
    if (place.room == &room) return Joined::kBefore;
  if (client.places.size() >= limits::kTargetRoomsJoined) return Joined::kTooMany;
  if (members_.size() <= room.index) members_.resize(room.index + 1);
  std::vector<Client*>& members = members_[room.index];
  client.places.push_back({&room, static_cast<std::uint32_t>(members.size())});
  members.push_back(&client);
  // Seen by whoever broadcasts after the member was told: no message to it is passed over.
  counts_of(room).members.store(static_cast<std::uint32_t>(members.size()));
  return Joined::kNow;
}

bool Fanout::leave(Client& client, Room& room) {
  const auto place = std::find_if(client.places.begin(), client.places.end(),
                                  [&](const Place& each) { return each.room == &room; });
  if (place == client.places.end()) return false;
  std::vector<Client*>& members = members_[room.index];
  const std::uint32_t position = place->position;
  *place = client.places.back();
  client.places.pop_back();
  Client* last = members.back();
  members[position] = last;
  members.pop_back();
  if (last != &client)
    for (Place& each : last->places)
      if (each.room == &room) each.position = position;
  counts_of(room).members.store(static_cast<std::uint32_t>(members.size()));
  return true;
}

void Fanout::withdraw(Client& client) {
  while (!client.places.empty()) leave(client, *client.places.back().room);
  for (const auto& held : client.held) {
    timers_.cancel(*held);
    bump(counts_of(*held->room).gone);
  }
  client.held.clear();
}

void Fanout::forget(Client& client) {
  withdraw(client);
  lost(client.out);
  lost(client.under_way);
  if (!std::exchange(client.dirty, false)) return;
  dirty_.erase(std::find(dirty_.begin(), dirty_.end(), &client));
}

bool Fanout::busy() const {
  return !dirty_.empty() || std::any_of(outboxes_.begin(), outboxes_.end(),
                                        [](const Mail& mail) { return !mail.empty(); });
}

// ---- handing out -------------------------------------------------------------------------------

void Fanout::touch(Client& client) {
  if (std::exchange(client.dirty, true)) return;
  dirty_.push_back(&client);
}

void Fanout::publish(Broadcast message, TimePoint now) {
  Room& room = *message.room;
  bump(counts_of(room).messages);
  deliver(message, now);
  for (unsigned t = 0; t < outboxes_.size(); ++t)
    if (t != thread_ && room.of_thread[t].members.load() > 0)
      outboxes_[t].broadcasts.push_back(message);
}

void Fanout::deliver(const Broadcast& message, TimePoint now) {
  Room& room = *message.room;
  if (members_.size() <= room.index) return;
  RoomCounts& counts = counts_of(room);
  const bool plain = faults_.none();
  for (Client* client : members_[room.index]) {
    if (client->number == message.except) continue;
    bump(counts.owed);
    const Fate fate = plain ? Fate{}
                            : faults_.fate(seed_, message.sender, message.sequence,
                                           client->number);
    if (fate.kind == Fate::Kind::kDrop)
      bump(counts.dropped);
    else if (fate.hold > Duration::zero())
      hold(*client, message, fate, now);
    else
      send(*client, {&room, message.sender, message.sequence, message.received, message.frame,
                     message.head, fate.kind == Fate::Kind::kDuplicate, false});
  }
}

void Fanout::hold(Client& client, const Broadcast& message, const Fate& fate, TimePoint now) {
  auto held = std::make_unique<Held>();
  held->to = &client;
  held->room = message.room;
  held->sender = message.sender;
  held->sequence = message.sequence;
  held->received = message.received;
  held->until =
      fate.kind == Fate::Kind::kReorder ? Held::Until::kLaterOne : Held::Until::kTime;
  held->twice = fate.kind == Fate::Kind::kDuplicate;
  held->head = message.head;
  held->frame = message.frame;
  // A delay counts from when the message came in; patience from now.
  const TimePoint from = held->until == Held::Until::kTime ? message.received : now;
  timers_.arm(*held, from + fate.hold);
  client.held.push_back(std::move(held));
}

Fanout::Ready Fanout::ready(const Held& held) {
  return {held.room, held.sender, held.sequence, held.received,
          held.frame, held.head,   held.twice,    held.overtaken};
}

void Fanout::put(Client& client, const Ready& delivery) {
  for (int copy = 0; copy <= (delivery.twice ? 1 : 0); ++copy) {
    if (client.polling) {
      if (!client.out.bytes.empty()) client.out.bytes += eio::kSeparator;
      client.out.bytes += delivery.frame.substr(delivery.head);
    } else {
      client.out.bytes += delivery.frame;
    }
    client.out.marks.push_back({delivery.room, delivery.received,
                                copy == 0 ? Mark::Copy::kFirst : Mark::Copy::kSecond,
                                copy == 0 && delivery.overtaken});
    ++client.out.messages;
  }
  touch(client);
}

void Fanout::send(Client& client, const Ready& delivery) {
  put(client, delivery);
  if (!client.held.empty()) overtake(client, delivery);
}

// What was held back of the same sender in that room is older now than what was sent; it follows
// when it waited for just that.
void Fanout::overtake(Client& client, const Ready& by) {
  for (std::size_t i = 0; i < client.held.size();) {
    Held& held = *client.held[i];
    const bool older =
        held.room == by.room && held.sender == by.sender && held.sequence < by.sequence;
    if (older) held.overtaken = true;
    if (!older || held.until != Held::Until::kLaterOne) {
      ++i;
      continue;
    }
    timers_.cancel(held);
    put(client, ready(held));
    client.held.erase(client.held.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Fanout::release(Held& held) {
  Client& client = *held.to;
  const auto at = std::find_if(client.held.begin(), client.held.end(),
                               [&](const auto& each) { return each.get() == &held; });
  const std::unique_ptr<Held> mine = std::move(*at);
  client.held.erase(at);
  send(client, ready(*mine));
}

void Fanout::expire(TimePoint now) {
  timers_.expire(now, [&](Timer& timer) { release(static_cast<Held&>(timer)); });
}

void Fanout::lost(Outgoing& out) {
  for (const Mark& mark : out.marks)
    if (mark.copy == Mark::Copy::kFirst) bump(counts_of(*mark.room).gone);
  out.clear();
}

void Fanout::handed(const Outgoing& sent, TimePoint at) {
  bump(counts_.messages_out, sent.messages);
  LatencyBins& latency = rooms_.latency_of(thread_);
  for (const Mark& mark : sent.marks) {
    RoomCounts& counts = counts_of(*mark.room);
    if (mark.copy == Mark::Copy::kSecond) {
      bump(counts.duplicated);
      continue;
    }
    bump(counts.sent);
    if (mark.reordered) bump(counts.reordered);
    const Duration took = at - mark.received;
    latency.add(took);
    if (took >= late_) bump(counts.delayed);
  }
}

}  // namespace gend::target
