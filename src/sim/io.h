#pragma once

#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/slab.h"
#include "base/time.h"
#include "net/counters.h"
#include "net/event.h"
#include "ring/wait.h"
#include "sim/world.h"

namespace gend::sim {

// net::Io in virtual time: the same calls and events, against a Target whose answers are known.
// wait() does not wait; it says when it would wake, and the driver (sim/driver.h) moves the clock.
class Io {
 public:
  Io(World& world, std::size_t connections) : world_{world}, connections_{connections} {}

  TimePoint now() const { return world_.now(); }
  net::ConnectionId open(std::uint32_t owner, std::uint16_t endpoint);
  void send(net::ConnectionId id, const char* data, std::size_t size);
  void close(net::ConnectionId id);
  TimePoint asked_at(net::ConnectionId id) const { return connections_[id].asked_at; }
  TimePoint submitted_at(net::ConnectionId id) const { return connections_[id].submitted_at; }
  TimePoint sent_at(net::ConnectionId id) const { return connections_[id].sent_at; }
  bool sending(net::ConnectionId id) const { return connections_[id].wants_send; }
  TimePoint tcp_connected_at(net::ConnectionId) const { return kNever; }  // no TLS here
  bool resumed(net::ConnectionId) const { return false; }
  std::size_t open_connections() const { return connections_.taken(); }
  Duration cpu_time() const { return {}; }
  net::IoCounters counters() const { return {}; }

  template <class Sink>
  void wait(const ring::Wait& how, Sink&& sink) {
    submit();
    bool delivered = false;
    while (!events_.empty() && events_.top().at <= world_.now()) {
      const Pending pending = events_.top();
      events_.pop();
      delivered |= deliver(pending, sink);
    }
    // What was delivered may have asked for more: the turn that hands it over comes at once.
    wakes_at_ = delivered ? world_.now() : how.deadline;
  }

  // When the wait that is under way would end.
  TimePoint wakes_at() const {
    return events_.empty() ? wakes_at_ : std::min(wakes_at_, events_.top().at);
  }

 private:
  struct Connection {
    std::uint32_t generation = 0;
    std::uint32_t owner = 0;
    bool open = false, wants_connect = false, wants_send = false;
    TimePoint asked_at{}, submitted_at{}, sent_at{};
  };
  struct Pending {
    TimePoint at;
    std::uint64_t order;
    net::EventKind kind;
    net::ConnectionId connection;
    std::uint32_t generation;
    int error;
    int status;
    std::uint32_t body;
    bool operator>(const Pending& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void submit();
  void submit_connect(net::ConnectionId id);
  void submit_send(net::ConnectionId id);
  void post(net::ConnectionId id, TimePoint at, net::EventKind kind, int error = 0, int status = 0,
            std::uint32_t body = 0);
  void release(net::ConnectionId id);
  std::string_view response(int status, std::uint32_t body);

  template <class Sink>
  bool deliver(const Pending& pending, Sink& sink) {
    Connection& connection = connections_[pending.connection];
    if (connection.generation != pending.generation) return false;  // closed meanwhile
    const net::Event event{pending.kind,
                           connection.owner,
                           pending.connection,
                           world_.now(),
                           pending.kind == net::EventKind::kReceived
                               ? response(pending.status, pending.body)
                               : std::string_view{},
                           pending.error};
    if (pending.kind == net::EventKind::kSent) connection.sent_at = world_.now();
    if (pending.kind == net::EventKind::kClosed || pending.kind == net::EventKind::kFailed ||
        pending.kind == net::EventKind::kConnectFailed)
      release(pending.connection);
    sink(event);
    return true;
  }

  World& world_;
  Slab<Connection> connections_;
  std::vector<net::ConnectionId> to_submit_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> events_;
  std::uint64_t order_ = 0;
  TimePoint wakes_at_{};
  std::string response_;
};

}  // namespace gend::sim
