#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/prefetch.h"
#include "base/slab.h"
#include "base/time.h"
#include "net/address.h"
#include "net/connection.h"
#include "net/counters.h"
#include "net/event.h"
#include "net/stamp_clock.h"
#include "ring/buffer_ring.h"
#include "ring/ring.h"
#include "ring/stamped.h"

namespace gend::net {

struct IoOptions {
  ring::Features features{};
  unsigned connections = 1024;        // that may exist at once, closing ones included
  unsigned connects_in_flight = 256;  // further ones wait their turn: no SYN herd
  unsigned sq_entries = 4096;
  unsigned cq_entries = 0;          // 0: enough for every connection's operations
  unsigned receive_buffers = 4096;  // power of two
  unsigned receive_buffer_size = 4096;
  std::vector<std::vector<Address>> endpoints{};  // addresses of each endpoint, taken in turn
  std::vector<Address> sources{};                 // local addresses to connect from, in turn
  unsigned source_offset = 0;                     // shards begin at different sources
  Stamps stamps = Stamps::kOurs;
};

// A shard's sockets on its ring: connects, sends, receives and closes connections, and says what
// happened as Events. Used by one thread; sees neither users nor protocols.
class Io {
 public:
  static Expected<std::unique_ptr<Io>> create(const IoOptions& options);
  ~Io();
  Io(const Io&) = delete;
  Io& operator=(const Io&) = delete;

  // Takes the ring into the calling thread, which makes every further call.
  Expected<void> enable();

  TimePoint now() const { return MonotonicClock::now(); }
  Stamps stamps() const { return options_.stamps; }

  // Asks for a connection to an endpoint; kConnected or kConnectFailed follows. kNoConnection when
  // all slots are taken (by connections that are still closing, if the slots were counted right).
  ConnectionId open(std::uint32_t owner, std::uint16_t endpoint);

  // Sends bytes, which stay untouched until kSent, kClosed, kFailed or close(). One at a time.
  void send(ConnectionId id, const char* data, std::size_t size);

  // The same for a few kilobytes on a connection that has nothing unsent, which the kernel takes
  // whole as it gets them: no kSent follows. One at a time still: the next when an answer has come,
  // and until then the bytes stay untouched (a kernel short of memory may take them later).
  void post(ConnectionId id, const char* data, std::size_t size);

  // The owner hears nothing more of it. Closing takes its time: cancel first, then close.
  void close(ConnectionId id);
  // The same with a reset instead of an orderly end, where the kernel can (6.7).
  void reset(ConnectionId id);

  // When the request for this connection was first handed over, though its connect may have waited.
  TimePoint asked_at(ConnectionId id) const { return connections_[id].asked_at; }
  // When the latest connect or send of this connection was handed to the kernel.
  TimePoint submitted_at(ConnectionId id) const { return connections_[id].submitted_at; }
  // When the kernel said that it has taken the latest send whole; kNever until then.
  TimePoint sent_at(ConnectionId id) const {
    const Connection& c = connections_[id];
    return c.sent_at == kPosted ? c.submitted_at : c.sent_at;
  }
  bool sending(ConnectionId id) const { return connections_[id].sending; }

  // Accepts connections of a listening socket into free slots (gentarget); kAccepted follows.
  void listen(int listening_fd);

  // Makes wait() return early when another thread calls ring_doorbell(). Thread-safe.
  void ring_doorbell();

  // One phase of a shard's turn: hands over what was asked for, waits, and calls sink(const Event&)
  // for everything that happened. All events of one call carry the same time, but for received
  // bytes with the kernel's stamps: they came at that time or before.
  template <class Sink>
  void wait(const ring::Wait& how, Sink&& sink);

  Duration cpu_time() const;  // of the calling thread
  std::size_t open_connections() const { return connections_.taken(); }
  IoCounters counters() const;

 private:
  static constexpr TimePoint kPosted = TimePoint::min();  // taken when it was submitted

  explicit Io(const IoOptions& options);
  void read_clocks();
  void start_queued_connects();
  void start_connect(ConnectionId id);
  int make_socket(const Address& to);
  void stamp_submission(TimePoint now);
  void flush_if_crowded();
  void submit_send(ConnectionId id);
  void arm_receive(ConnectionId id, ring::FirstPoll poll);
  void arm_doorbell();
  void rearm_starved();
  void ration_buffers();
  void begin_close(ConnectionId id);
  void start_close(ConnectionId id);
  void start_queued_closes();
  void continue_close(ConnectionId id);
  void finish_cancel(ConnectionId id, int result);
  void release(ConnectionId id);
  void finish_send(ConnectionId id, int result);
  void finish_post(ConnectionId id, int result);

  template <class Later, class Sink>
  void foresee(const Later& later, Sink& sink);
  template <class Sink>
  void on_completion(const ring::Completion& c, Sink& sink);
  template <class Sink>
  void on_connect(ConnectionId id, int result, Sink& sink);
  template <class Sink>
  void on_receive(ConnectionId id, const ring::Completion& c, Sink& sink);
  template <class Sink>
  void deliver_failed_connects(Sink& sink);
  template <class Sink>
  void on_accept(const ring::Completion& c, Sink& sink);
  template <class Sink>
  void end(ConnectionId id, EventKind kind, int error, Sink& sink);

  IoOptions options_;
  Slab<Connection> connections_;
  std::unique_ptr<ring::Ring> ring_;
  std::unique_ptr<ring::BufferRing> buffers_;
  std::vector<ConnectionId> to_stamp_;  // connects and sends queued since the last submission
  std::vector<ConnectionId> starved_;   // receives to arm when buffers are back
  std::vector<ConnectionId> queued_;    // connects waiting for their turn, from queued_head_
  std::size_t queued_head_ = 0;
  struct ToClose {
    ConnectionId id;
    std::uint32_t generation;
  };
  std::vector<ToClose> to_close_;  // waiting for their turn, from to_close_head_
  std::size_t to_close_head_ = 0;
  unsigned closes_left_ = 0;  // that may be begun before the next wait
  unsigned connecting_ = 0;
  struct FailedConnect {
    ConnectionId id;
    int result;  // negative errno
  };
  std::vector<FailedConnect> failed_connects_;  // no socket could be made; told at the next wait
  StampClock stamp_clock_;
  double mean_receive_ = 0;  // bytes, of the latest ones
  std::uint64_t next_address_ = 0, next_source_ = 0;
  TimePoint batch_{};  // the stamp of the events being delivered
  int doorbell_ = -1;
  std::uint64_t doorbell_value_ = 0;
  int listening_fd_ = -1;
  bool accept_paused_ = false;
  IoCounters counters_;
};

// ---- the parts that call the sink --------------------------------------------------------------

template <class Sink>
void Io::wait(const ring::Wait& how, Sink&& sink) {
  start_queued_connects();
  start_queued_closes();
  const TimePoint before = now();
  stamp_submission(before);
  if (failed_connects_.empty() && to_close_.empty())
    ring_->submit_and_wait(how, before);
  else
    ring_->submit();
  read_clocks();
  ring_->for_each_completion([&](const ring::Completion& c) { on_completion(c, sink); },
                             [&](auto&& later) { foresee(later, sink); });
  deliver_failed_connects(sink);
  ration_buffers();
  buffers_->publish();
  rearm_starved();
}

// With thousands of connections each completion meets a connection, and above it a session and a
// user, that no cache holds: they are fetched while the ones before are worked off.
template <class Later, class Sink>
void Io::foresee(const Later& later, Sink& sink) {
  constexpr unsigned kConnection = 6, kFar = 4, kNear = 2;  // completions ahead
  const auto connection_of = [&](std::uint64_t user_data) -> Connection* {
    const Tag tag = Tag::unpack(user_data);
    const bool known = tag.operation == Operation::kSend || tag.operation == Operation::kReceive;
    return known ? &connections_[tag.connection] : nullptr;
  };
  if (const Connection* const furthest = connection_of(later(kConnection))) prefetch(*furthest);
  if constexpr (requires { sink.foresee(std::uint32_t{}, Foresight::kFar); }) {
    if (const Connection* const far = connection_of(later(kFar)))
      sink.foresee(far->owner, Foresight::kFar);
    if (const Connection* const near = connection_of(later(kNear)))
      sink.foresee(near->owner, Foresight::kNear);
  }
}

template <class Sink>
void Io::deliver_failed_connects(Sink& sink) {
  // Delivering one may open another connection, but starts no connect: the list does not grow.
  for (const FailedConnect& failed : failed_connects_) {
    --connections_[failed.id].in_flight;
    connections_[failed.id].submitted_at = batch_;
    on_connect(failed.id, failed.result, sink);
  }
  failed_connects_.clear();
}

template <class Sink>
void Io::on_completion(const ring::Completion& c, Sink& sink) {
  const Tag tag = Tag::unpack(c.user_data);
  switch (tag.operation) {
    case Operation::kDoorbell: return arm_doorbell();
    case Operation::kAccept: return on_accept(c, sink);
    case Operation::kClose: return release(tag.connection);
    case Operation::kCancel: return finish_cancel(tag.connection, c.result);
    case Operation::kConnect:
    case Operation::kSend:
    case Operation::kLinger:
    case Operation::kPost:
    case Operation::kReceive: break;
  }
  Connection& connection = connections_[tag.connection];
  // Slots are only reused after every operation has ended, so another generation here is a bug.
  GEND_ASSERT(connection.generation == tag.generation);
  if (tag.operation == Operation::kPost) return finish_post(tag.connection, c.result);
  if (!c.more()) {
    GEND_ASSERT(connection.in_flight > 0);
    --connection.in_flight;
  }
  if (tag.operation == Operation::kLinger) return continue_close(tag.connection);
  if (tag.operation == Operation::kReceive) return on_receive(tag.connection, c, sink);
  if (tag.operation == Operation::kConnect) return on_connect(tag.connection, c.result, sink);
  finish_send(tag.connection, c.result);
  if (!connection.sending && connection.state == ConnectionState::kOpen && c.result > 0)
    sink(Event{EventKind::kSent, connection.owner, tag.connection, batch_});
}

template <class Sink>
void Io::end(ConnectionId id, EventKind kind, int error, Sink& sink) {
  const std::uint32_t owner = connections_[id].owner;
  begin_close(id);
  sink(Event{kind, owner, id, batch_, {}, error});
}

template <class Sink>
void Io::on_connect(ConnectionId id, int result, Sink& sink) {
  Connection& connection = connections_[id];
  --connecting_;
  if (connection.state == ConnectionState::kClosing) return continue_close(id);
  if (result < 0) return end(id, EventKind::kConnectFailed, -result, sink);
  connection.state = ConnectionState::kOpen;
  arm_receive(id, ring::FirstPoll::kYes);
  sink(Event{EventKind::kConnected, connection.owner, id, batch_});
}

template <class Sink>
void Io::on_receive(ConnectionId id, const ring::Completion& c, Sink& sink) {
  Connection& connection = connections_[id];
  if (!c.more()) connection.receiving = false;
  bool end_of_stream = c.result == 0;
  if (c.result > 0) {
    const ring::BufferRing::Lease lease{*buffers_, c.buffer(), static_cast<std::size_t>(c.result)};
    ring::Stamped seen{lease.bytes()};
    TimePoint at = batch_;
    if (options_.stamps == Stamps::kKernel) {
      seen = ring::read_stamped(lease.bytes());
      at = stamp_clock_.at(seen.realtime_ns);
    }
    end_of_stream = seen.bytes.empty();
    counters_.bytes_received += seen.bytes.size();
    mean_receive_ += (static_cast<double>(seen.bytes.size()) - mean_receive_) / 64;
    if (connection.state != ConnectionState::kOpen)
      ++counters_.stale_completions;
    else if (!end_of_stream)
      sink(Event{EventKind::kReceived, connection.owner, id, at, seen.bytes});
  }
  if (c.more()) return;
  // Whatever ended the multishot, its data was delivered first (liburing #805).
  if (connection.state == ConnectionState::kClosing) return continue_close(id);
  if (c.result > 0 && !end_of_stream) {
    ++counters_.rearmed;
    return arm_receive(id, ring::FirstPoll::kNo);
  }
  if (c.result == -ENOBUFS) {
    // Large pieces wait in their sockets for their turn: that is no want of buffers.
    ++(buffers_->rationed() ? counters_.rearmed : counters_.buffer_starved);
    starved_.push_back(id);
    return;
  }
  // A reset that the send met first leaves an end of stream for the receive.
  if (end_of_stream && connection.send_error == 0) return end(id, EventKind::kClosed, 0, sink);
  end(id, EventKind::kFailed, end_of_stream ? connection.send_error : -c.result, sink);
}

template <class Sink>
void Io::on_accept(const ring::Completion& c, Sink& sink) {
  if (c.result >= 0) {
    // The kernel chose the slot: a ring that listens opens no connections of its own.
    const auto id = static_cast<ConnectionId>(c.result);
    Connection& connection = connections_[id];
    GEND_ASSERT(connection.state == ConnectionState::kFree);
    connection.state = ConnectionState::kOpen;
    connection.owner = id;
    connection.accepted = connection.has_socket = true;
    connection.send_error = 0;
    connection.cancel_retries = 0;
    arm_receive(id, ring::FirstPoll::kYes);
    sink(Event{EventKind::kAccepted, id, id, batch_});
  }
  if (c.more()) return;
  // A full table would fail again at once: accepting goes on when a connection has gone.
  if (c.result == -ENFILE || c.result == -EMFILE)
    accept_paused_ = true;
  else
    listen(listening_fd_);
}

}  // namespace gend::net
