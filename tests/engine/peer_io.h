#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "net/counters.h"
#include "net/event.h"
#include "ring/wait.h"
#include "ws/handshake.h"
#include "ws/mask.h"

namespace gend::engine {

// An Io in virtual time whose peer is a WebSocket server that the test writes: it is told of
// handshakes and of messages, and says what comes back and when. Everything takes no time but what
// the server says.
class PeerIo {
 public:
  struct Server {
    // 101, or another status with which the handshake is refused; 0: nobody listens.
    std::function<int(int session)> on_handshake = [](int) { return 101; };
    std::function<void(PeerIo&, int session, std::string_view text)> on_message =
        [](PeerIo&, int, std::string_view) {};
    bool answers_close = true, answers_ping = true;
  };

  explicit PeerIo(Server server) : server_{std::move(server)} {}

  // ---- for the test's server --------------------------------------------------------------------

  void say(int session, std::string_view text, Duration after = {}) {
    frame(session, 0x81, text, after);
  }
  void frame(int session, unsigned first, std::string_view payload, Duration after = {}) {
    std::string bytes(1, static_cast<char>(first));
    if (payload.size() < 126) {
      bytes += static_cast<char>(payload.size());
    } else {
      bytes += {126, static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size())};
    }
    bytes += payload;
    post(session, now_ + after, net::EventKind::kReceived, bytes);
  }
  // The connection ends without a word.
  void cut(int session, Duration after = {}) {
    post(session, now_ + after, net::EventKind::kClosed, {});
  }
  int sessions() const { return sessions_; }  // handshakes so far

  // ---- an Io ------------------------------------------------------------------------------------

  TimePoint now() const { return now_; }
  net::Stamps stamps() const { return net::Stamps::kOurs; }
  net::ConnectionId open(std::uint32_t owner, std::uint16_t) {
    const auto id = static_cast<net::ConnectionId>(connections_.size());
    connections_.push_back({.owner = owner, .open = true});
    const bool refused = server_.on_handshake(sessions_) == 0;
    if (refused) ++sessions_;
    events_.insert({now_, {id, refused ? net::EventKind::kConnectFailed
                                       : net::EventKind::kConnected, {}}});
    return id;
  }
  void post(net::ConnectionId id, const char* data, std::size_t size) { send(id, data, size); }
  void send(net::ConnectionId id, const char* data, std::size_t size) {
    Connection& connection = connections_[id];
    connection.in.append(data, size);
    events_.insert({now_, {id, net::EventKind::kSent, {}}});
    take(id);
  }
  void close(net::ConnectionId id) { connections_[id].open = false; }
  TimePoint asked_at(net::ConnectionId) const { return now_; }
  TimePoint submitted_at(net::ConnectionId) const { return now_; }
  TimePoint sent_at(net::ConnectionId) const { return now_; }
  bool sending(net::ConnectionId) const { return false; }
  TimePoint tcp_connected_at(net::ConnectionId) const { return kNever; }
  bool resumed(net::ConnectionId) const { return false; }
  std::size_t open_connections() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(connections_, [](const auto& each) { return each.open; }));
  }
  Duration cpu_time() const { return {}; }
  net::IoCounters counters() const { return {}; }

  template <class Sink>
  void wait(const ring::Wait& how, Sink&& sink) {
    const TimePoint next = events_.empty() ? kNever : events_.begin()->first;
    now_ = std::max(now_, std::min(how.deadline, next));
    while (!events_.empty() && events_.begin()->first <= now_) {
      const Happening happening = events_.begin()->second;
      events_.erase(events_.begin());
      Connection& connection = connections_[happening.connection];
      if (!connection.open) continue;
      using enum net::EventKind;
      if (happening.kind == kClosed || happening.kind == kConnectFailed) connection.open = false;
      sink(net::Event{.kind = happening.kind,
                      .owner = connection.owner,
                      .connection = happening.connection,
                      .at = now_,
                      .bytes = happening.bytes,
                      .error = happening.kind == kConnectFailed ? 111 : 0});
    }
  }

 private:
  struct Connection {
    std::uint32_t owner = 0;
    bool open = false;
    int session = -1;
    std::string in{};
  };
  struct Happening {
    net::ConnectionId connection;
    net::EventKind kind;
    std::string bytes;
  };

  void post(int session, TimePoint at, net::EventKind kind, std::string bytes) {
    events_.insert({at, {of_session_.at(session), kind, std::move(bytes)}});
  }

  void take(net::ConnectionId id) {
    if (connections_[id].session < 0 && !shake_hands(id)) return;
    while (take_frame(id)) {
    }
  }

  bool shake_hands(net::ConnectionId id) {
    std::string& in = connections_[id].in;
    const std::size_t end = in.find("\r\n\r\n");
    if (end == in.npos) return false;
    constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
    const std::string key = in.substr(in.find(kKey) + kKey.size(), 24);
    in.erase(0, end + 4);
    const int session = sessions_++;
    connections_[id].session = session;
    of_session_[session] = id;
    const int status = server_.on_handshake(session);
    std::string answer = "HTTP/1.1 " + std::to_string(status) + " Well\r\n";
    const auto accept = ws::accept_of(key);
    if (status == 101)
      answer += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
                std::string{accept.data(), accept.size()} + "\r\n\r\n";
    else
      answer += "Content-Length: 0\r\n\r\n";
    post(session, now_, net::EventKind::kReceived, answer);
    return status == 101;
  }

  // Frames of a client: always masked, here never longer than 64 KiB.
  bool take_frame(net::ConnectionId id) {
    std::string& in = connections_[id].in;
    if (in.size() < 6) return false;
    std::size_t header = 6, size = static_cast<unsigned char>(in[1]) & 0x7FU;
    if (size == 126) {
      header = 8;
      size = static_cast<std::size_t>(static_cast<unsigned char>(in[2])) << 8 |
             static_cast<unsigned char>(in[3]);
    }
    if (in.size() < header + size) return false;
    std::uint32_t key = 0;
    std::memcpy(&key, in.data() + header - 4, 4);
    std::string payload(size, '\0');
    ws::mask(payload.data(), in.data() + header, size, key);
    const unsigned opcode = static_cast<unsigned char>(in[0]) & 0x0FU;
    in.erase(0, header + size);
    on_frame(connections_[id].session, opcode, payload);
    return true;
  }
  void on_frame(int session, unsigned opcode, const std::string& payload) {
    if (opcode == 8) {
      if (!server_.answers_close) return;
      frame(session, 0x88, payload);
      return cut(session);
    }
    if (opcode == 9 && server_.answers_ping) return frame(session, 0x8A, payload);
    if (opcode == 1 || opcode == 2) server_.on_message(*this, session, payload);
  }

  Server server_;
  std::vector<Connection> connections_;
  std::map<int, net::ConnectionId> of_session_;
  std::multimap<TimePoint, Happening> events_;
  TimePoint now_{};
  int sessions_ = 0;
};

}  // namespace gend::engine
