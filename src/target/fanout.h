#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/timer_queue.h"
#include "target/client.h"
#include "target/delivery_faults.h"
#include "target/exchange.h"
#include "target/room_counts.h"
#include "target/session_counts.h"
#include "target/world.h"

namespace gend::target {

// One thread's members of all rooms: hands messages out to them, spoils deliveries as the faults
// want it, and counts what became of each.
class Fanout {
 public:
  Fanout(World& world, unsigned thread);
  ~Fanout();
  Fanout(const Fanout&) = delete;
  Fanout& operator=(const Fanout&) = delete;

  // Null for a name that is empty or too long, or when there are too many rooms.
  Room* room(std::string_view name);
  enum class Joined : std::uint8_t { kNow, kBefore, kTooMany };
  Joined join(Client& client, Room& room);
  bool leave(Client& client, Room& room);  // false: was no member
  // The client is closing: no member of any room any more. What was held back for it is gone.
  void withdraw(Client& client);
  // The client is no more: what was not handed over is counted as gone.
  void forget(Client& client);

  // A message of this thread's: to the members of all threads, but for `message.except`.
  void publish(Broadcast message, TimePoint now);
  // Hands out what another thread published.
  void deliver(const Broadcast& message, TimePoint now);
  // What is to be posted to each thread.
  std::vector<Mail>& outboxes() { return outboxes_; }
  // The kernel took these bytes; they were handed to it then.
  void handed(const Outgoing& sent, TimePoint at);
  // They will never be handed to it.
  void lost(Outgoing& out);

  // Has `client` looked at before the next wait.
  void touch(Client& client);
  std::vector<Client*>& dirty() { return dirty_; }

  // Somebody is to be looked at, or something to be posted.
  bool busy() const;

  void set_faults(const DeliveryFaults& faults);
  TimePoint next() const { return timers_.next(); }
  void expire(TimePoint now);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  // A delivery that is sent now.
  struct Ready {
    Room* room;
    std::uint64_t sender, sequence;
    TimePoint received;
    std::string_view frame;
    std::uint8_t head;
    bool twice, overtaken;
  };
  static Ready ready(const Held& held);
  void hold(Client& client, const Broadcast& message, const Fate& fate, TimePoint now);
  void send(Client& client, const Ready& delivery);
  void put(Client& client, const Ready& delivery);
  void overtake(Client& client, const Ready& by);
  void release(Held& held);
  RoomCounts& counts_of(const Room& room) { return room.of_thread[thread_]; }

  RoomRegistry& rooms_;
  SessionCounts& counts_;
  unsigned thread_;
  std::uint64_t seed_;
  DeliveryFaults faults_;
  Duration late_ = Duration::max();  // the delay that was set last: what counts as delayed
  std::unordered_map<std::string, Room*, Hash, std::equal_to<>> by_name_;
  std::vector<std::vector<Client*>> members_;  // by the room's index
  std::vector<Client*> dirty_;
  std::vector<Mail> outboxes_;  // to each thread
  TimerQueue timers_;
};

}  // namespace gend::target
