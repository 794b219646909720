#pragma once

#include <liburing.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>

#include "base/assert.h"
#include "base/error.h"
#include "base/time.h"
#include "ring/features.h"
#include "ring/wait.h"
#include "ring/wake_lead.h"

namespace gend::ring {

// One operation's end, or one of the many of a multishot operation.
struct Completion {
  std::uint64_t user_data;
  std::int32_t result;  // bytes or 0, or a negative errno
  std::uint32_t flags;

  bool more() const { return (flags & IORING_CQE_F_MORE) != 0; }  // the operation goes on
  bool has_buffer() const { return (flags & IORING_CQE_F_BUFFER) != 0; }
  std::uint16_t buffer() const {
    return static_cast<std::uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT);
  }
};

struct Counters {
  std::uint64_t enters = 0;      // io_uring_enter calls
  std::uint64_t operations = 0;  // submitted
  std::uint64_t completions = 0;
  std::uint64_t overflows = 0;  // completion ring full: must stay 0, see limits in net/io.cc
};

enum class FirstPoll : std::uint8_t { kYes, kNo };  // IORING_RECVSEND_POLL_FIRST

// One io_uring, used by one thread, with the operations that gend uses. Made disabled, on any
// thread; enable() and everything below it belongs to the shard's thread (SINGLE_ISSUER). Sockets
// are named by their slot in the ring's table of direct descriptors.
class Ring {
 public:
  struct Options {
    unsigned sq_entries = 4096;
    unsigned cq_entries = 65536;  // at least one for every operation that may be in flight
    unsigned file_slots = 0;      // size of the direct-descriptor table; not counted against
                                  // RLIMIT_NOFILE, but no larger than it (kernel: rsrc.c)
  };
  static Expected<std::unique_ptr<Ring>> create(const Features& features, const Options& options);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  Expected<void> enable();

  // Operations. Each is queued; none can fail for want of room, because a full submission ring is
  // submitted first. What the kernel is given stays untouched until the last completion.
  void connect(std::uint64_t user_data, unsigned slot, const sockaddr* address, socklen_t length);
  void receive_multishot(std::uint64_t user_data, unsigned slot, std::uint16_t buffer_group,
                         FirstPoll poll);
  // The same with the kernel's stamp before the bytes (ring/stamped.h).
  void receive_stamped(std::uint64_t user_data, unsigned slot, std::uint16_t buffer_group,
                       FirstPoll poll);
  void send(std::uint64_t user_data, unsigned slot, const char* data, std::size_t size);
  // The same without a completion when the kernel takes all of it at once. It does, or refuses: it
  // never waits. Refused, there is a completion, with the bytes that were taken or -EAGAIN.
  void send_or_refuse(std::uint64_t user_data, unsigned slot, const char* data, std::size_t size);
  void accept_multishot(std::uint64_t user_data, int listening_fd);  // into free slots
  void cancel_slot(std::uint64_t user_data, unsigned slot);          // everything on that socket
  // The one operation with that user_data. The kernel finds it by a hash; cancel_slot() looks at
  // every operation of the ring (0.7 ms with 15,000 receives armed, measured on 6.18).
  void cancel(std::uint64_t user_data, std::uint64_t target);
  void close_slot(std::uint64_t user_data, unsigned slot);
  // Makes the close of this socket a reset. Fails, harmlessly, on kernels before 6.7.
  void linger_not(std::uint64_t user_data, unsigned slot);
  void read(std::uint64_t user_data, int fd, void* into, unsigned size);

  // Entries that can be queued before an operation has to submit the earlier ones.
  unsigned room() const { return ::io_uring_sq_space_left(&ring_); }
  bool completions_ready() const { return ::io_uring_cq_ready(&ring_) != 0; }

  // Hands the queued operations to the kernel and waits as told. Never sleeps while completions are
  // already there (TigerBeetle #3530). Timers fire late: sleeps are asked to end a little earlier
  // (ring/wake_lead.h), and what is left of them is spent awake. `now` is a recent time.
  void submit_and_wait(const Wait& wait, TimePoint now);
  void submit();  // hands over what is queued and collects what is ready, without waiting

  // Calls handle(const Completion&) for every completion that is there when it starts, and frees
  // their entries. Returns how many.
  template <class Handle>
  unsigned for_each_completion(Handle&& handle) {
    return for_each_completion(std::forward<Handle>(handle), [](auto&&) {});
  }
  // Before each, `foresee` gets the same batch as a function of how far ahead to look: the
  // user_data of the completion that comes `n` later, or 0. For prefetching.
  template <class Handle, class Foresee>
  unsigned for_each_completion(Handle&& handle, Foresee&& foresee) {
    const unsigned count = ::io_uring_cq_ready(&ring_);
    const unsigned mask = ring_.cq.ring_mask;
    unsigned head = *ring_.cq.khead;
    for (unsigned i = 0; i < count; ++i, ++head) {
      foresee([&](unsigned n) {
        return i + n < count ? ring_.cq.cqes[(head + n) & mask].user_data : 0;
      });
      const io_uring_cqe& cqe = ring_.cq.cqes[head & mask];
      handle(Completion{cqe.user_data, cqe.res, cqe.flags});
    }
    ::io_uring_cq_advance(&ring_, count);
    counters_.completions += count;
    return count;
  }

  // Puts `fd` into a slot of the table; the caller may close it afterwards. 0 or a negative errno.
  int install(unsigned slot, int fd);

  const Features& features() const { return features_; }
  const Counters& counters() const { return counters_; }

 private:
  friend class BufferRing;
  explicit Ring(const Features& features) : features_{features} {}
  io_uring_sqe* next_sqe();
  void enter(unsigned wait_for, unsigned flags, const void* arg, std::size_t size);
  void enter_and_wait(const Wait& wait, TimePoint now);

  io_uring ring_{};
  bool made_ = false;
  Features features_;
  Counters counters_;
  WakeLead lead_;
};

}  // namespace gend::ring
