#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
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

// The thread that a session of Engine.IO is with.
unsigned thread_of(std::string_view sid);

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

  // A request of Engine.IO waits for its answer. `serial` tells it from others of the connection.
  void on_poll(net::ConnectionId id, std::uint64_t serial, Opening& opening, TimePoint now);
  void on_poll_sent(net::ConnectionId id);
  // The connection of a request is gone before its answer was sent.
  void on_poll_gone(net::ConnectionId id, std::uint64_t serial, TimePoint now);

  // Timers, the other threads' messages, then sends. answer(link, status, body) for every request
  // of Engine.IO that is answered now, false when it is gone; close(id) for every connection that
  // is to be closed, upon which on_gone(id) is called.
  template <class Answer, class Close>
  void turn(TimePoint now, Answer&& answer, Close&& close);
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
  // engine_links.cc
  void post_letter(unsigned to, Letter letter, TimePoint now);
  void on_letter(Letter& letter, TimePoint now);
  void close_carrier(const EngineLink& link, TimePoint now);
  void on_packets_letter(Letter& letter);
  void on_session_letter(Client& session, Letter& letter, TimePoint now);
  void on_poll_letter(Client& session, const EngineLink& link, TimePoint now);
  void on_post_letter(Client& session, const Letter& letter, TimePoint now);
  void upgrade_session(Client& session, const EngineLink& link, TimePoint now);
  void answer_poll(const EngineLink& to, int status, std::string_view body, TimePoint now);
  void on_carrier_data(Client& client, WsOpcode opcode, std::string_view payload, TimePoint now);
  void flush_session(Client& session, TimePoint now);
  Client* carrier_of(const EngineLink& link);
  void begin_feed(Client& client, const Opening& opening, TimePoint now);
  void on_feed(Feed& feed, TimePoint now);
  void flush(Client& client, TimePoint now);
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
  std::unordered_map<std::string, std::unique_ptr<Client>> sessions_;  // by sid; began by polling
  std::unordered_map<net::ConnectionId, std::string> waiting_;        // sids of GETs that wait
  std::unordered_map<net::ConnectionId, Outgoing> answered_;          // under way
  std::vector<Letter> answers_;
  Mail mail_;
  std::vector<net::ConnectionId> closing_;
  TimerQueue timers_, feed_timers_;
};

template <class Answer, class Close>
void Hub::turn(TimePoint now, Answer&& answer, Close&& close) {
  work(now);
  for (Letter& each : answers_) {
    const net::ConnectionId id = each.link.connection;
    waiting_.erase(id);
    if (answer(each.link, each.status, std::string_view{each.out.bytes}))
      answered_[id] = std::move(each.out);
    else
      fanout_.lost(each.out);
  }
  answers_.clear();
  while (!closing_.empty()) {
    const net::ConnectionId id = closing_.back();
    closing_.pop_back();
    if (has(id)) close(id);
  }
}

}  // namespace gend::target
