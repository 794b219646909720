#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/io.h"
#include "target/room_counts.h"

namespace gend::target {

// A message of one sender to all members of a room, as one thread hands it to another.
struct Broadcast {
  Room* room = nullptr;
  std::uint64_t sender = 0;    // number of the connection
  std::uint64_t sequence = 0;  // of the sender's messages
  std::uint64_t except = 0;    // the receiver that is passed over; 0: nobody
  TimePoint received{};
  std::string frame{};         // the whole WebSocket frame
  std::uint8_t head = 0;       // bytes of the frame before its payload
};

// Mailboxes between gentarget's threads, one for each. What one thread posts to another arrives in
// order.
class Exchange {
 public:
  explicit Exchange(unsigned threads) : boxes_{new Box[threads]}, threads_{threads} {}

  unsigned threads() const { return threads_; }
  // Before any thread runs. `io` must outlive all of them.
  void attach(unsigned thread, net::Io& io) { boxes_[thread].io = &io; }

  // Hands over all of `posts`, which is empty afterwards, and wakes that thread.
  void post(unsigned to, std::vector<Broadcast>& posts);
  // Moves what came for `thread` behind `into`.
  void take(unsigned thread, std::vector<Broadcast>& into);

 private:
  struct alignas(64) Box {
    std::mutex mutex;
    std::vector<Broadcast> posts;
    std::atomic<bool> filled{false};
    net::Io* io = nullptr;
  };
  std::unique_ptr<Box[]> boxes_;
  unsigned threads_;
};

}  // namespace gend::target
