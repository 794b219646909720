#include "ring/ring.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "ring/stamped.h"
#include "ring/uabi.h"

namespace gend::ring {
namespace {

constexpr std::size_t kKernelSigsetSize = _NSIG / 8;

__kernel_timespec to_timespec(Duration d) {
  const auto ns = std::max<std::int64_t>(d.count(), 0);
  return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
}

}  // namespace

Expected<std::unique_ptr<Ring>> Ring::create(const Features& features, const Options& options) {
  std::unique_ptr<Ring> made{new Ring{features}};
  io_uring_params params{};
  params.flags = features.setup_flags | IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE;
  params.cq_entries = options.cq_entries;
  if (const int error = ::io_uring_queue_init_params(options.sq_entries, &made->ring_, &params))
    return std::unexpected{explain_setup_failure(-error, "io_uring_setup", options.sq_entries)};
  made->made_ = true;
  if (options.file_slots > 0) {
    const int error = ::io_uring_register_files_sparse(&made->ring_, options.file_slots);
    if (error != 0)
      return std::unexpected{
          explain_setup_failure(-error, "io_uring_register_files", options.file_slots)};
  }
  return made;
}

Ring::~Ring() {
  if (made_) ::io_uring_queue_exit(&ring_);
}

Expected<void> Ring::enable() {
  const int enabled = ::io_uring_register(static_cast<unsigned>(ring_.ring_fd),
                                          uabi::kRegisterEnableRings, nullptr, 0);
  if (enabled < 0)
    return std::unexpected{explain_setup_failure(-enabled, "io_uring_register(enable)", 1)};
  // Saves looking the descriptor up at every enter; belongs to this thread. Not vital.
  ::io_uring_register_ring_fd(&ring_);
  return {};
}

io_uring_sqe* Ring::next_sqe() {
  io_uring_sqe* sqe = ::io_uring_get_sqe(&ring_);
  if (sqe == nullptr) [[unlikely]] {
    submit();
    sqe = ::io_uring_get_sqe(&ring_);
    GEND_ASSERT(sqe != nullptr);
  }
  return sqe;
}

void Ring::connect(std::uint64_t user_data, unsigned slot, const sockaddr* address,
                   socklen_t length) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_connect(sqe, static_cast<int>(slot), address, length);
  sqe->flags = IOSQE_FIXED_FILE;
  sqe->user_data = user_data;
}

void Ring::receive_multishot(std::uint64_t user_data, unsigned slot, std::uint16_t buffer_group,
                             FirstPoll poll) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_recv_multishot(sqe, static_cast<int>(slot), nullptr, 0, 0);
  sqe->flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
  sqe->buf_group = buffer_group;
  if (poll == FirstPoll::kYes) sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
  sqe->user_data = user_data;
}

void Ring::receive_stamped(std::uint64_t user_data, unsigned slot, std::uint16_t buffer_group,
                           FirstPoll poll) {
  // Read by the kernel when the operation begins, and only its lengths.
  static msghdr room{.msg_name = nullptr,
                     .msg_namelen = 0,
                     .msg_iov = nullptr,
                     .msg_iovlen = 0,
                     .msg_control = nullptr,
                     .msg_controllen = kStampedOverhead - sizeof(io_uring_recvmsg_out),
                     .msg_flags = 0};
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_recvmsg_multishot(sqe, static_cast<int>(slot), &room, 0);
  sqe->flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
  sqe->buf_group = buffer_group;
  if (poll == FirstPoll::kYes) sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
  sqe->user_data = user_data;
}

void Ring::send(std::uint64_t user_data, unsigned slot, const char* data, std::size_t size) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_send(sqe, static_cast<int>(slot), data, size, MSG_WAITALL | MSG_NOSIGNAL);
  sqe->flags = IOSQE_FIXED_FILE;
  sqe->user_data = user_data;
}

// MSG_DONTWAIT forbids the kernel to go on with it later (REQ_F_NOWAIT), MSG_WAITALL makes a part
// an error, and only what is no error goes without a completion (5.17; io_uring/net.c: io_send).
void Ring::send_or_refuse(std::uint64_t user_data, unsigned slot, const char* data,
                          std::size_t size) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_send(sqe, static_cast<int>(slot), data, size,
                       MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL);
  sqe->flags = IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
  sqe->user_data = user_data;
}

void Ring::accept_multishot(std::uint64_t user_data, int listening_fd) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_multishot_accept_direct(sqe, listening_fd, nullptr, nullptr, 0);
  sqe->user_data = user_data;
}

void Ring::cancel_slot(std::uint64_t user_data, unsigned slot) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_cancel_fd(sqe, static_cast<int>(slot),
                            IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD_FIXED);
  sqe->user_data = user_data;
}

void Ring::cancel(std::uint64_t user_data, std::uint64_t target) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_cancel64(sqe, target, 0);
  sqe->user_data = user_data;
}

void Ring::close_slot(std::uint64_t user_data, unsigned slot) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_close_direct(sqe, slot);
  sqe->user_data = user_data;
}

void Ring::linger_not(std::uint64_t user_data, unsigned slot) {
  static const linger kNotAtAll{.l_onoff = 1, .l_linger = 0};  // closing sends RST (RFC 9293 3.9.1)
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_rw(IORING_OP_URING_CMD, sqe, static_cast<int>(slot), nullptr, 0, 0);
  sqe->off = uabi::kSocketSetsockopt;  // cmd_op; the union's names are newer than our headers
  sqe->addr = std::uint64_t{SO_LINGER} << 32 | SOL_SOCKET;  // optname, level
  sqe->file_index = sizeof kNotAtAll;                       // optlen
  sqe->addr3 = reinterpret_cast<std::uint64_t>(&kNotAtAll);  // optval
  sqe->flags = IOSQE_FIXED_FILE;
  sqe->user_data = user_data;
}

void Ring::read(std::uint64_t user_data, int fd, void* into, unsigned size) {
  io_uring_sqe* sqe = next_sqe();
  ::io_uring_prep_read(sqe, fd, into, size, 0);
  sqe->user_data = user_data;
}

int Ring::install(unsigned slot, int fd) {
  const int result = ::io_uring_register_files_update(&ring_, slot, &fd, 1);
  return result == 1 ? 0 : (result < 0 ? result : -EIO);
}

// liburing 2.3 offers neither absolute deadlines nor bounded batching, so the call is made with our
// own flags; it still owns the memory of both rings. The index array of the submission ring is
// filled once at setup (i -> i), so publishing the tail is all that flushing takes.
void Ring::enter(unsigned wait_for, unsigned flags, const void* arg, std::size_t size) {
  io_uring_sq& sq = ring_.sq;
  if (sq.sqe_head != sq.sqe_tail) {
    counters_.operations += sq.sqe_tail - sq.sqe_head;
    sq.sqe_head = sq.sqe_tail;
    io_uring_smp_store_release(sq.ktail, sq.sqe_tail);
  }
  if ((ring_.int_flags & 1) != 0) flags |= uabi::kEnterRegisteredRing;
  for (;;) {
    const unsigned pending = sq.sqe_tail - io_uring_smp_load_acquire(sq.khead);
    ++counters_.enters;
    const int result = ::io_uring_enter2(static_cast<unsigned>(ring_.enter_ring_fd), pending,
                                         wait_for, flags | IORING_ENTER_GETEVENTS,
                                         static_cast<sigset_t*>(const_cast<void*>(arg)), size);
    const unsigned left = sq.sqe_tail - io_uring_smp_load_acquire(sq.khead);
    if (left == 0) break;
    // EAGAIN and EBUSY: the kernel is short of memory, or wants completions reaped first; ENOMEM
    // cannot be mended here. Task work ran in between, so a retry makes progress.
    GEND_ASSERT(result >= 0 || result == -EAGAIN || result == -EBUSY || result == -EINTR ||
                result == -ETIME);
    wait_for = 0;
  }
  if ((IO_URING_READ_ONCE(*sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0) ++counters_.overflows;
}

void Ring::submit() {
  enter(0, 0, nullptr, kKernelSigsetSize);
}

void Ring::submit_and_wait(const Wait& wait, TimePoint now) {
  if (completions_ready() || wait.deadline <= now) return submit();
  if (wait.deadline == kNever) return enter_and_wait(wait, now);
  const TimePoint asked = wait.deadline - lead_.get();
  if (asked > now) {
    Wait sleep = wait;
    sleep.deadline = asked;
    enter_and_wait(sleep, now);
  } else {
    submit();
  }
  if (::io_uring_cq_ready(&ring_) >= wait.completions) return;
  const TimePoint woke = MonotonicClock::now();
  if (woke < asked) return;  // the minimum wait was over
  if (asked > now) lead_.note(asked, woke);
  while (MonotonicClock::now() < wait.deadline) continue;
}

void Ring::enter_and_wait(const Wait& wait, TimePoint now) {
  const Duration span =
      features_.absolute_wait ? wait.deadline.time_since_epoch() : wait.deadline - now;
  __kernel_timespec ts = to_timespec(span);
  uabi::GeteventsArg arg{.sigmask = 0,
                         .sigmask_size = kKernelSigsetSize,
                         .min_wait_usec = 0,
                         .ts = wait.deadline == kNever ? 0 : reinterpret_cast<std::uint64_t>(&ts)};
  unsigned wait_for = 1;
  const auto linger_us =
      std::chrono::duration_cast<std::chrono::microseconds>(wait.linger).count();
  if (wait.deadline - wait.linger <= now) {
    // The deadline alone ends the wait: one timer, not two. (The kernel looks at it only after the
    // minimum wait, 6.12 to 6.18: io_cqring_schedule_timeout; a longer minimum would outlast it.)
    wait_for = wait.completions;
  } else if (features_.min_wait && linger_us > 0) {
    wait_for = wait.completions;
    arg.min_wait_usec = static_cast<std::uint32_t>(linger_us);
  }
  unsigned flags = uabi::kEnterExtArg;
  if (features_.absolute_wait) flags |= uabi::kEnterAbsTimer;
  if (features_.no_iowait) flags |= uabi::kEnterNoIowait;
  enter(wait_for, flags, &arg, sizeof arg);
}

}  // namespace gend::ring
