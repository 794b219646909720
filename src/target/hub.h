#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/timer_queue.h"
#include "net/io.h"
#include "target/client.h"
#include "target/fanout.h"
#include "target/opening.h"
#include "target/room_message.h"
#include "target/village_server.h"
#include "target/world.h"
#include "target/ws_deflate.h"
#include "target/ws_frames.h"

namespace gend::target {

// One thread's WebSocket connections. The Server owns the sockets and tells what happens to them;
// what is to be sent or closed is collected, and done once a turn.
class Hub {
 public:
  Hub(App& app, unsigned thread, net::Io& io, unsigned connections);
  ~Hub();

  bool has(net::ConnectionId id) const { return clients_[id] != nullptr; }
  // The connection becomes a WebSocket; `head` is the answer 101 that goes first.
  void open(net::ConnectionId id, const Opening& opening, std::string_view head, TimePoint now);
  void on_bytes(net::ConnectionId id, std::string_view bytes, TimePoint now);
  void on_sent(net::ConnectionId id);
  void on_gone(net::ConnectionId id);

  // Timers, the other threads' messages, then sends; close(id) for every connection that is to be
  // closed, upon which on_gone(id) is called.
  template <class Close>
  void turn(TimePoint now, Close&& close);
  TimePoint next() const;

 private:
  // A channel that this thread broadcasts to by itself.
  struct Feed : Timer {
    Room* room = nullptr;
    Duration every{};
    std::uint64_t number = 0;
  };

  void work(TimePoint now);
  void on_message(Client& client, const WsMessage& message, TimePoint now);
  void on_data(Client& client, const WsMessage& message, TimePoint now);
  void on_close_frame(Client& client, std::string_view payload);
  void echo(Client& client, WsOpcode opcode, std::string_view payload, bool compressed);
  void on_room_message(Client& client, std::string_view text, TimePoint now);
  void membership(Client& client, const RoomMessage& message);
  void publish(Client& client, std::string_view text, const RoomMessage& message, TimePoint now);
  void say(Client& client, std::string_view text);
  void begin_close(Client& client, std::uint16_t code, std::string_view reason, TimePoint now);
  void fail(Client& client, std::uint16_t code);
  void finish(Client& client);
  void on_timer(Client& client, TimePoint now);
  // engine_hub.cc
  void begin_engine(Client& client, const Opening& opening, TimePoint now);
  void on_engine_data(Client& client, WsOpcode opcode, std::string_view payload, TimePoint now);
  VillageServer::Verdict on_engine_packet(Client& client, std::string_view packet, TimePoint now);
  void on_engine_timer(Client& client, TimePoint now);
  void end_engine(Client& client, TimePoint now);
  void begin_feed(Client& client, const Opening& opening, TimePoint now);
  void on_feed(Feed& feed, TimePoint now);
  void flush(Client& client);
  std::unique_ptr<WsReader> take_reader();
  void give_back(std::unique_ptr<WsReader> reader);

  const SioOptions& sio_;
  World& world_;
  SessionCounts& counts_;
  net::Io& io_;
  unsigned thread_;
  Fanout fanout_;
  VillageServer villages_;
  WsDeflate deflate_;
  DeliveryFaults faults_;
  std::uint64_t faults_version_ = 0;
  std::vector<std::unique_ptr<Client>> clients_;  // by connection
  std::vector<std::unique_ptr<WsReader>> readers_;  // spare ones
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::vector<net::ConnectionId> closing_;
  TimerQueue timers_, feed_timers_;
};

template <class Close>
void Hub::turn(TimePoint now, Close&& close) {
  work(now);
  while (!closing_.empty()) {
    const net::ConnectionId id = closing_.back();
    closing_.pop_back();
    if (has(id)) close(id);
  }
}

}  // namespace gend::target
