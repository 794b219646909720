#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/io.h"
#include "target/client.h"
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

// What threads tell each other about one session of Engine.IO. Up: to the session's thread; down:
// to that of the linked request or WebSocket.
struct Letter {
  enum class Kind : std::uint8_t {
    kPoll,      // up: a GET waits
    kPost,      // up: packets, in `text`
    kPollGone,  // up: the waiting GET's connection is gone
    kProbe,     // up: a WebSocket probes
    kUpgrade,   // up: it takes over
    kText,      // up: a packet came by WebSocket
    kBinary,
    kGone,      // up: the WebSocket is gone
    kAnswer,    // down: the request's answer, `status` and `out`
    kPackets,   // down: frames for the WebSocket
    kClose      // down: the WebSocket is to be closed
  };
  Kind kind;
  EngineLink link;    // the request or WebSocket
  std::string sid{};
  std::string text{};
  Outgoing out{};
  int status = 200;
};

struct Mail {
  std::vector<Broadcast> broadcasts;
  std::vector<Letter> letters;
  bool empty() const { return broadcasts.empty() && letters.empty(); }
};

// Mailboxes between gentarget's threads, one for each. What one thread posts to another arrives in
// order.
class Exchange {
 public:
  explicit Exchange(unsigned threads) : boxes_{new Box[threads]}, threads_{threads} {}

  unsigned threads() const { return threads_; }
  // Before any thread runs. `io` must outlive all of them.
  void attach(unsigned thread, net::Io& io) { boxes_[thread].io = &io; }

  // Hands over all of `mail`, which is empty afterwards, and wakes that thread.
  void post(unsigned to, Mail& mail);
  // Moves what came for `thread` behind `into`.
  void take(unsigned thread, Mail& into);

 private:
  struct alignas(64) Box {
    std::mutex mutex;
    Mail mail;
    std::atomic<bool> filled{false};
    net::Io* io = nullptr;
  };
  std::unique_ptr<Box[]> boxes_;
  unsigned threads_;
};

}  // namespace gend::target
