#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "target/delivery_faults.h"
#include "target/exchange.h"
#include "target/room_counts.h"
#include "target/session_counts.h"

namespace gend::target {

// Which thread broadcasts to which channel by itself (/ws/feed), and how far it has counted.
class Feeds {
 public:
  // True: the caller is to feed the room from now on. False: somebody does already.
  bool claim(Room& room);
  // True when nobody of any thread is in the room: the caller has stopped feeding it.
  bool release(Room& room, unsigned threads);
  std::uint64_t next_sequence(Room& room);

 private:
  struct Feed {
    bool fed = false;
    std::uint64_t sequence = 0;
  };
  std::mutex mutex_;
  std::map<Room*, Feed> feeds_;
};

// The sessions of Engine.IO that began with polling: a request for one may come to any thread.
class EngineSids {
 public:
  void add(const std::string& sid) {
    const std::lock_guard lock{mutex_};
    live_.insert(sid);
  }
  void remove(const std::string& sid) {
    const std::lock_guard lock{mutex_};
    live_.erase(sid);
  }
  bool has(const std::string& sid) const {
    const std::lock_guard lock{mutex_};
    return live_.contains(sid);
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> live_;
};

// What the WebSocket and Socket.IO connections of all threads share.
struct World {
  World(unsigned threads, std::uint64_t seed_)
      : seed{seed_}, exchange{threads}, rooms{threads}, sessions{threads} {}

  std::uint64_t seed;
  Exchange exchange;
  RoomRegistry rooms;
  SessionTruth sessions;
  FaultSetting faults;
  Feeds feeds;
  EngineSids sids;
  std::atomic<std::uint64_t> connections{0};  // numbers them from 1

  std::string counts() const { return sessions.json() + rooms.json(); }
  void clear_counts() {
    sessions.clear_counts();
    rooms.clear_counts();
  }
};

}  // namespace gend::target
