#pragma once

#include <algorithm>
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
#include "sim/level_meter.h"
#include "sim/world.h"

namespace gend::sim {

// net::Io in virtual time: the same calls and events, against a Target whose answers are known.
// wait() does not wait; it says when it would wake, and the driver (sim/driver.h) moves the clock.
class Io {
 public:
  Io(World& world, std::size_t connections) : world_{world}, connections_{connections} {}

  TimePoint now() const { return world_.now(); }
  net::Stamps stamps() const { return net::Stamps::kOurs; }
  net::ConnectionId open(std::uint32_t owner, std::uint16_t endpoint);
  void send(net::ConnectionId id, const char* data, std::size_t size);
  void post(net::ConnectionId id, const char* data, std::size_t size) { send(id, data, size); }
  void close(net::ConnectionId id);
  TimePoint asked_at(net::ConnectionId id) const { return connections_[id].asked_at; }
  TimePoint submitted_at(net::ConnectionId id) const { return connections_[id].submitted_at; }
  TimePoint sent_at(net::ConnectionId id) const { return connections_[id].sent_at; }
  bool sending(net::ConnectionId id) const { return connections_[id].wants_send; }
  // kNever without TLS, which is only a time here.
  TimePoint tcp_connected_at(net::ConnectionId id) const {
    const TimePoint at = connections_[id].tcp_connected_at;
    return at <= world_.now() ? at : kNever;
  }
  bool resumed(net::ConnectionId) const { return false; }
  std::size_t open_connections() const { return connections_.taken(); }
  std::size_t most_connections() const { return most_connections_; }
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

 protected:
  enum class Body : std::uint8_t { kSent, kNone };
  // What the next answer on a connection is like when the target serves it well, and in which group
  // the request counts as under way.
  void shape_answer(net::ConnectionId id, int status, Body body, std::uint16_t group) {
    Connection& connection = connections_[id];
    connection.status = static_cast<std::uint16_t>(status);
    connection.body = body;
    connection.group = group;
  }
  std::vector<LevelMeter>& under_way() { return under_way_; }  // requests, by group

 private:
  struct Connection {
    std::uint32_t generation = 0;
    std::uint32_t owner = 0;
    std::uint16_t endpoint = 0, group = 0, status = 200;
    Body body = Body::kSent;
    bool open = false, wants_connect = false, wants_send = false, asks = false;
    TimePoint asked_at{}, submitted_at{}, sent_at{}, tcp_connected_at{};
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
    Body sent_body;
    bool operator>(const Pending& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };

  void submit();
  void submit_connect(net::ConnectionId id);
  void submit_send(net::ConnectionId id);
  void post(net::ConnectionId id, TimePoint at, net::EventKind kind, int error = 0);
  void post_answer(net::ConnectionId id, const Reply& reply);
  void release(net::ConnectionId id);
  void end_request(Connection& connection);
  std::string_view response(const Pending& pending);

  template <class Sink>
  bool deliver(const Pending& pending, Sink& sink) {
    Connection& connection = connections_[pending.connection];
    if (connection.generation != pending.generation) return false;  // closed meanwhile
    const net::Event event{pending.kind,
                           connection.owner,
                           pending.connection,
                           world_.now(),
                           pending.kind == net::EventKind::kReceived
                               ? response(pending)
                               : std::string_view{},
                           pending.error};
    end_request(connection);
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
  std::vector<LevelMeter> under_way_{1};
  std::size_t most_connections_ = 0;
  std::string response_;
  int response_status_ = 0;  // of what stands in response_
  std::uint32_t response_bytes_ = 0;
  Body response_body_ = Body::kSent;
};

}  // namespace gend::sim
