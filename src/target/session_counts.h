#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gend::target {

// What one thread's WebSocket and Socket.IO connections did. One writer, as Counts.
struct SessionCounts {
  static constexpr std::size_t kCodes = 5000;
  using Number = std::atomic<std::uint64_t>;

  Number websockets{0};      // opened: answers 101
  Number socketio{0};        // opened: Engine.IO sessions, by whichever transport
  Number messages_in{0};     // data messages of WebSocket, packets of Engine.IO
  Number messages_out{0};    // taken by the kernel
  Number pings_in{0}, pings_out{0}, pongs_in{0}, pongs_out{0};  // of WebSocket
  Number sio_pings{0}, sio_pongs{0};                            // of Engine.IO: out, in
  Number connects{0}, connect_errors{0};                        // of namespaces
  Number polls{0}, posts{0}, upgrades{0};                       // of Engine.IO
  Number slow{0};            // closed because they did not read
  Number ping_timeouts{0};   // Engine.IO sessions whose pong did not come
  Number closed[kCodes] = {};  // WebSockets, by the code that was said first; 1006: none was
  // Not cleared.
  std::atomic<std::int64_t> websockets_open{0}, socketio_open{0};
};

class SessionTruth {
 public:
  explicit SessionTruth(unsigned threads);
  SessionCounts& of_thread(unsigned index) { return *counts_[index]; }
  std::string json() const;  // ,"sessions":{…}
  void clear_counts();

 private:
  std::vector<std::unique_ptr<SessionCounts>> counts_;
};

}  // namespace gend::target
