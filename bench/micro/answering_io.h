#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/slab.h"
#include "base/time.h"
#include "net/counters.h"
#include "net/event.h"
#include "ring/wait.h"

namespace gend::bench {

// net::Io without sockets, for counting what a shard itself does: a clock that only moves when the
// shard waits, and a server that answers one request after the other, always with the same bytes.
// Waits end as those of a ring do: at the deadline, or when enough completions are there, or when
// the first has lingered. Its functions are never inlined, so that a profile can tell them from the
// shard's.
class AnsweringIo {
 public:
  struct Server {
    Duration latency{std::chrono::microseconds{100}};  // of an answer that waits for no other
    Duration gap{std::chrono::microseconds{10}};       // between two answers
    std::string bytes{};
  };

  AnsweringIo(std::size_t connections, Server server, net::Stamps stamps)
      : stamps_{stamps}, connections_{connections}, server_{std::move(server)} {
    asked_.reserve(connections);
  }

  TimePoint now() const { return now_; }
  net::Stamps stamps() const { return stamps_; }
  [[gnu::noinline]] net::ConnectionId open(std::uint32_t owner, std::uint16_t) {
    const net::ConnectionId id = connections_.take();
    if (id == Slab<Connection>::kNone) return net::kNoConnection;
    connections_[id] = {.owner = owner, .open = true, .connects = true};
    asked_.push_back(id);
    return id;
  }
  [[gnu::noinline]] void send(net::ConnectionId id, const char*, std::size_t) {
    Connection& connection = connections_[id];
    connection.sending = true;
    connection.sent_at = kNever;
    asked_.push_back(id);
  }
  [[gnu::noinline]] void post(net::ConnectionId id, const char*, std::size_t) {
    connections_[id].posted = true;
    asked_.push_back(id);
  }
  [[gnu::noinline]] void close(net::ConnectionId id) {
    connections_[id].open = false;
    connections_.put(id);
  }
  TimePoint asked_at(net::ConnectionId id) const { return connections_[id].submitted_at; }
  TimePoint submitted_at(net::ConnectionId id) const { return connections_[id].submitted_at; }
  TimePoint sent_at(net::ConnectionId id) const {
    return connections_[id].posted ? connections_[id].submitted_at : connections_[id].sent_at;
  }
  bool sending(net::ConnectionId id) const { return connections_[id].sending; }
  TimePoint tcp_connected_at(net::ConnectionId) const { return kNever; }
  bool resumed(net::ConnectionId) const { return false; }
  std::size_t open_connections() const { return connections_.taken(); }
  std::uint64_t answered() const { return answered_; }
  Duration cpu_time() const { return {}; }
  net::IoCounters counters() const { return {}; }

  template <class Sink>
  [[gnu::noinline]] void wait(const ring::Wait& how, Sink&& sink) {
    submit();
    now_ = std::max(now_, end_of(how));
    tell(taken_, sink);
    tell(answers_, sink);
  }

 private:
  struct Connection {
    std::uint32_t owner = 0;
    bool open = false, connects = false, sending = false, posted = false;
    TimePoint submitted_at{}, sent_at = kNever;
  };
  struct Completion {
    TimePoint at;
    net::ConnectionId connection;
    net::EventKind kind;
  };

  // What the kernel has taken at once stands before the answers: the completions of sends, then
  // what they bring.
  [[gnu::noinline]] void submit() {
    for (const net::ConnectionId id : asked_) {
      Connection& connection = connections_[id];
      connection.submitted_at = now_;
      if (connection.connects) {
        connection.connects = false;
        taken_.push_back({now_, id, net::EventKind::kConnected});
      } else {
        if (!connection.posted) taken_.push_back({now_, id, net::EventKind::kSent});
        free_at_ = std::max(free_at_ + server_.gap, now_ + server_.latency);
        answers_.push_back({free_at_, id, net::EventKind::kReceived});
      }
    }
    asked_.clear();
  }

  TimePoint end_of(const ring::Wait& how) const {
    const std::size_t wanted = std::max(how.completions, 1U);
    const TimePoint first = !taken_.empty()     ? now_
                            : !answers_.empty() ? answers_.front().at
                                                : kNever;
    TimePoint enough = kNever;
    if (taken_.size() >= wanted)
      enough = now_;
    else if (taken_.size() + answers_.size() >= wanted)
      enough = answers_[wanted - taken_.size() - 1].at;
    if (how.linger > Duration::zero())
      enough = std::min(enough, std::max(first, now_ + how.linger));
    return std::min(enough, how.deadline);
  }

  template <class Sink>
  void tell(std::deque<Completion>& completions, Sink& sink) {
    while (!completions.empty() && completions.front().at <= now_) {
      foresee(completions, sink);
      const Completion done = completions.front();
      completions.pop_front();
      if (connections_[done.connection].open) sink(event_of(done));
    }
  }

  template <class Sink>
  void foresee(const std::deque<Completion>& completions, Sink& sink) {
    constexpr std::size_t kFar = 4, kNear = 2;  // as net::Io does it
    const auto owner_of = [&](std::size_t ahead) {
      return connections_[completions[ahead].connection].owner;
    };
    if (completions.size() > kFar) sink.foresee(owner_of(kFar), net::Foresight::kFar);
    if (completions.size() > kNear) sink.foresee(owner_of(kNear), net::Foresight::kNear);
  }

  [[gnu::noinline]] net::Event event_of(const Completion& done) {
    Connection& connection = connections_[done.connection];
    net::Event event{done.kind, connection.owner, done.connection, now_};
    if (done.kind == net::EventKind::kSent) {
      connection.sending = false;
      connection.sent_at = now_;
    } else if (done.kind == net::EventKind::kReceived) {
      event.bytes = server_.bytes;
      ++answered_;
    }
    return event;
  }

  net::Stamps stamps_;
  TimePoint now_{}, free_at_{};
  std::uint64_t answered_ = 0;
  Slab<Connection> connections_;
  Server server_;
  std::vector<net::ConnectionId> asked_;   // opened, or sent on, since the last wait
  std::deque<Completion> taken_, answers_;  // each by time
};

}  // namespace gend::bench
