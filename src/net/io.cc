#include "net/io.h"

#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace gend::net {
namespace {

// A send and the end of a receive of each connection. What else they post is bounded for all of
// them together: a completion for each receive buffer, two for each of kClosesAtOnce.
unsigned completion_entries(unsigned connections) {
  constexpr unsigned kPerConnection = 2;
  constexpr unsigned kLeast = 8192, kMost = 65536;  // the kernel takes up to 131,072
  return std::clamp(std::bit_ceil(std::min(connections, kMost) * kPerConnection), kLeast, kMost);
}

constexpr unsigned kClosesAtOnce = 2048;

constexpr unsigned kCrowded = 16;  // submission entries that one event may need

}  // namespace

Expected<std::unique_ptr<Io>> Io::create(const IoOptions& options) {
  std::unique_ptr<Io> made{new Io{options}};
  auto ring = ring::Ring::create(
      options.features,
      {.sq_entries = options.sq_entries,
       .cq_entries =
           options.cq_entries != 0 ? options.cq_entries : completion_entries(options.connections),
       .file_slots = options.connections});
  if (!ring) return std::unexpected{ring.error()};
  made->ring_ = std::move(*ring);
  auto buffers = ring::BufferRing::create(
      *made->ring_, {.buffers = options.receive_buffers, .size = options.receive_buffer_size});
  if (!buffers) return std::unexpected{buffers.error()};
  made->buffers_ = std::move(*buffers);
  made->doorbell_ = ::eventfd(0, EFD_CLOEXEC);
  if (made->doorbell_ < 0) return std::unexpected{ring::explain_setup_failure(errno, "eventfd", 1)};
  return made;
}

Io::Io(const IoOptions& options) : options_{options}, connections_{options.connections} {
  to_stamp_.reserve(options.sq_entries);
  starved_.reserve(options.connections);
  queued_.reserve(options.connections);
  to_close_.reserve(options.connections);
  closes_left_ = kClosesAtOnce;
  next_source_ = options.source_offset;
}

Io::~Io() {
  // The ring goes first: the kernel lets go of buffers and sockets before their memory does.
  if (ring_) {
    buffers_.reset();
    ring_.reset();
  }
  if (doorbell_ >= 0) ::close(doorbell_);
}

Expected<void> Io::enable() {
  auto enabled = ring_->enable();
  if (!enabled) return enabled;
  arm_doorbell();
  return {};
}

void Io::arm_doorbell() {
  ring_->read(Tag{Operation::kDoorbell, 0, 0}.pack(), doorbell_, &doorbell_value_,
              sizeof doorbell_value_);
}

IoCounters Io::counters() const {
  IoCounters all = counters_;
  all.enters = ring_->counters().enters;
  all.completions = ring_->counters().completions;
  all.overflows = ring_->counters().overflows;
  return all;
}

void Io::read_clocks() {
  batch_ = now();
  if (options_.stamps == Stamps::kOurs) return;
  timespec real{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  stamp_clock_.read(batch_, std::int64_t{real.tv_sec} * 1'000'000'000 + real.tv_nsec);
}

Duration Io::cpu_time() const {
  timespec ts{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
  return std::chrono::seconds{ts.tv_sec} + std::chrono::nanoseconds{ts.tv_nsec};
}

void Io::ring_doorbell() {
  const std::uint64_t one = 1;
  // Cannot fail but for a full counter, and then the bell rings already.
  [[maybe_unused]] const ssize_t written = ::write(doorbell_, &one, sizeof one);
}

// ---- connecting --------------------------------------------------------------------------------

ConnectionId Io::open(std::uint32_t owner, std::uint16_t endpoint) {
  const ConnectionId id = connections_.take();
  if (id == Slab<Connection>::kNone) return kNoConnection;
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.state == ConnectionState::kFree && connection.in_flight == 0);
  connection.state = ConnectionState::kQueued;
  connection.owner = owner;
  connection.endpoint = endpoint;
  connection.asked_at = connection.submitted_at = connection.sent_at = kNever;
  connection.send_error = 0;
  connection.cancel_retries = 0;
  queued_.push_back(id);
  to_stamp_.push_back(id);
  return id;
}

void Io::start_queued_connects() {
  while (queued_head_ < queued_.size() && connecting_ < options_.connects_in_flight) {
    const ConnectionId id = queued_[queued_head_++];
    // Closed while it waited: its slot is free again, or even queued anew further back.
    if (id != kNoConnection) start_connect(id);
  }
  if (queued_head_ == queued_.size()) {
    queued_.clear();
    queued_head_ = 0;
  }
}

// The socket is made by ordinary calls, put into the ring's table and closed as a descriptor: works
// the same from 6.1 on, and only one descriptor at a time counts against RLIMIT_NOFILE.
int Io::make_socket(const Address& to) {
  const int fd = ::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  counters_.socket_calls += 4;
  if (options_.stamps == Stamps::kKernel) {
    ring::stamp_receives(fd);  // without it, our stamps are as good
    ++counters_.socket_calls;
  }
  if (options_.sources.empty()) return fd;
  const Address& source = options_.sources[next_source_++ % options_.sources.size()];
  if (source.family() != to.family()) return fd;
  // Without this bind() would reserve a port for all destinations at once.
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  counters_.socket_calls += 2;
  if (::bind(fd, source.get(), source.length) == 0) return fd;
  const int error = errno;
  ::close(fd);
  return -error;
}

void Io::start_connect(ConnectionId id) {
  Connection& connection = connections_[id];
  const auto& addresses = options_.endpoints[connection.endpoint];
  const Address& to = addresses[next_address_++ % addresses.size()];
  int result = make_socket(to);
  if (result >= 0) {
    const int fd = result;
    result = ring_->install(id, fd);
    ::close(fd);
  }
  connection.state = ConnectionState::kConnecting;
  ++connecting_;
  ++connection.in_flight;
  if (result < 0) {
    // Told at the next wait(), like any other failed connect.
    failed_connects_.push_back({id, result});
    return;
  }
  connection.has_socket = true;
  flush_if_crowded();
  ring_->connect(Tag{Operation::kConnect, connection.generation, id}.pack(), id, to.get(),
                 to.length);
  to_stamp_.push_back(id);
}

// ---- sending and receiving ---------------------------------------------------------------------

void Io::send(ConnectionId id, const char* data, std::size_t size) {
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.state == ConnectionState::kOpen && !connection.sending && size > 0);
  connection.data = data;
  connection.size = static_cast<std::uint32_t>(size);
  connection.done = 0;
  connection.sending = true;
  connection.sent_at = kNever;
  flush_if_crowded();
  to_stamp_.push_back(id);
  submit_send(id);
}

void Io::post(ConnectionId id, const char* data, std::size_t size) {
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.state == ConnectionState::kOpen && !connection.sending && size > 0);
  connection.data = data;
  connection.size = static_cast<std::uint32_t>(size);
  connection.sent_at = kPosted;
  counters_.bytes_sent += size;
  flush_if_crowded();
  to_stamp_.push_back(id);
  ring_->send_or_refuse(Tag{Operation::kPost, connection.generation, id}.pack(), id, data, size);
}

// Refused: the rest goes as an ordinary send, if there is still somebody to send it. Comes with the
// completions of the very enter that submitted it, so before any close that was submitted later.
void Io::finish_post(ConnectionId id, int result) {
  Connection& connection = connections_[id];
  const auto taken = static_cast<std::uint32_t>(std::max(result, 0));
  counters_.bytes_sent -= connection.size - taken;
  if (connection.state == ConnectionState::kClosing) return;
  if (result < 0 && result != -EAGAIN) {
    connection.send_error = -result;  // the receive sees the same end and reports it
    return;
  }
  ++counters_.posts_refused;
  connection.done = taken;
  connection.sending = true;
  connection.sent_at = kNever;
  submit_send(id);
}

void Io::submit_send(ConnectionId id) {
  Connection& connection = connections_[id];
  ++connection.in_flight;
  ring_->send(Tag{Operation::kSend, connection.generation, id}.pack(), id,
              connection.data + connection.done, connection.size - connection.done);
}

void Io::finish_send(ConnectionId id, int result) {
  Connection& connection = connections_[id];
  if (result > 0) {
    connection.done += static_cast<std::uint32_t>(result);
    counters_.bytes_sent += static_cast<std::uint64_t>(result);
  }
  if (connection.state == ConnectionState::kClosing) {
    connection.sending = false;
    return continue_close(id);
  }
  if (result <= 0) {
    // The receive sees the same end and reports it, after any bytes that came before it.
    connection.sending = false;
    connection.send_error = result == 0 ? EPIPE : -result;
    return;
  }
  if (connection.done < connection.size) return submit_send(id);  // short in spite of MSG_WAITALL
  connection.sending = false;
  connection.sent_at = batch_;
}

void Io::arm_receive(ConnectionId id, ring::FirstPoll poll) {
  Connection& connection = connections_[id];
  GEND_ASSERT(!connection.receiving);
  connection.receiving = true;
  ++connection.in_flight;
  const std::uint64_t tag = Tag{Operation::kReceive, connection.generation, id}.pack();
  if (options_.stamps == Stamps::kKernel)
    return ring_->receive_stamped(tag, id, buffers_->group(), poll);
  ring_->receive_multishot(tag, id, buffers_->group(), poll);
}

// Of what comes in large pieces a few buffers hold as much as the caches do, and what does not fit
// waits in its socket. What comes in small pieces needs one for each.
void Io::ration_buffers() {
  constexpr double kLarge = 8192, kSmall = 4096;
  constexpr unsigned kFew = 16, kLargeBuffer = 65536;
  const ring::BufferRing::Options& all = buffers_->options();
  if (all.size < kLargeBuffer || all.buffers <= kFew) return;
  if (mean_receive_ > kLarge) buffers_->ration(kFew);
  if (mean_receive_ < kSmall) buffers_->ration(all.buffers);
}

// Buffers are back: what waited for them is armed again, not after a delay but now.
void Io::rearm_starved() {
  if (starved_.empty()) return;
  for (const ConnectionId id : starved_) {
    const Connection& connection = connections_[id];
    if (connection.state == ConnectionState::kOpen && !connection.receiving)
      arm_receive(id, ring::FirstPoll::kNo);
  }
  starved_.clear();
}

void Io::listen(int listening_fd) {
  listening_fd_ = listening_fd;
  ring_->accept_multishot(Tag{Operation::kAccept, 0, 0}.pack(), listening_fd);
}

// ---- submission stamps -------------------------------------------------------------------------

void Io::stamp_submission(TimePoint now) {
  for (const ConnectionId id : to_stamp_) {
    Connection& connection = connections_[id];
    if (connection.asked_at == kNever) connection.asked_at = now;
    connection.submitted_at = now;
  }
  to_stamp_.clear();
}

// A full submission ring submits by itself; the stamps must be taken before that.
void Io::flush_if_crowded() {
  if (ring_->room() >= kCrowded) return;
  stamp_submission(now());
  ring_->submit();
}

// ---- closing -----------------------------------------------------------------------------------

void Io::close(ConnectionId id) {
  GEND_ASSERT(connections_[id].state != ConnectionState::kFree &&
              connections_[id].state != ConnectionState::kClosing);
  begin_close(id);
}

void Io::reset(ConnectionId id) {
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.state == ConnectionState::kOpen);
  ++connection.in_flight;
  ring_->linger_not(Tag{Operation::kLinger, connection.generation, id}.pack(), id);
  begin_close(id);
}

void Io::begin_close(ConnectionId id) {
  Connection& connection = connections_[id];
  if (connection.state == ConnectionState::kQueued) {
    *std::find(queued_.begin() + static_cast<std::ptrdiff_t>(queued_head_), queued_.end(), id) =
        kNoConnection;
    connection.state = ConnectionState::kClosing;
    return release(id);
  }
  connection.state = ConnectionState::kClosing;
  connection.close_submitted = false;
  if (closes_left_ == 0) return to_close_.push_back({id, connection.generation});
  --closes_left_;
  start_close(id);
}

// The completions of a few thousand have room; those of all connections at once might not.
void Io::start_queued_closes() {
  closes_left_ = kClosesAtOnce;
  while (to_close_head_ < to_close_.size() && closes_left_ > 0) {
    const auto [id, generation] = to_close_[to_close_head_++];
    const Connection& connection = connections_[id];
    // Its last operation may have ended meanwhile, and the slot have another life.
    if (connection.generation != generation || connection.close_submitted) continue;
    --closes_left_;
    start_close(id);
  }
  if (to_close_head_ < to_close_.size()) return;
  to_close_.clear();
  to_close_head_ = 0;
}

void Io::start_close(ConnectionId id) {
  Connection& connection = connections_[id];
  if (connection.in_flight == 0) return continue_close(id);
  // Cancel first: close() alone sends no FIN while a receive is armed (probed on 6.18).
  const bool only_receives = connection.receiving && connection.in_flight == 1;
  ++connection.in_flight;
  const std::uint64_t tag = Tag{Operation::kCancel, connection.generation, id}.pack();
  if (!only_receives) return ring_->cancel_slot(tag, id);
  ring_->cancel(tag, Tag{Operation::kReceive, connection.generation, id}.pack());
}

void Io::finish_cancel(ConnectionId id, int result) {
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.state == ConnectionState::kClosing && connection.in_flight > 0);
  --connection.in_flight;
  constexpr std::uint8_t kRetries = 3;
  // Found nothing though something is in flight: seen with multishots on 6.11 (liburing #1375).
  if (connection.in_flight > 0 && result == -ENOENT && connection.cancel_retries < kRetries) {
    ++connection.cancel_retries;
    ++connection.in_flight;
    ring_->cancel_slot(Tag{Operation::kCancel, connection.generation, id}.pack(), id);
    return;
  }
  continue_close(id);
}

void Io::continue_close(ConnectionId id) {
  Connection& connection = connections_[id];
  if (connection.in_flight > 0 || connection.close_submitted) return;
  if (!connection.has_socket) return release(id);
  connection.close_submitted = true;
  ring_->close_slot(Tag{Operation::kClose, connection.generation, id}.pack(), id);
}

void Io::release(ConnectionId id) {
  Connection& connection = connections_[id];
  GEND_ASSERT(connection.state == ConnectionState::kClosing && connection.in_flight == 0);
  connection.state = ConnectionState::kFree;
  connection.generation = (connection.generation + 1) & 0xFFFFFF;
  connection.sending = connection.receiving = connection.has_socket = false;
  connection.close_submitted = false;
  if (!connection.accepted) return connections_.put(id);
  if (!accept_paused_) return;
  accept_paused_ = false;
  listen(listening_fd_);
}

}  // namespace gend::net
