#pragma once

#include <bit>
#include <cstdint>

#include "base/assert.h"
#include "base/time.h"

namespace gend {

// A deadline in a TimerQueue. Lives inside its owner, which must cancel it before it goes.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { GEND_ASSERT(!armed()); }

  bool armed() const { return next_ != nullptr; }
  TimePoint at() const { return at_; }

 private:
  friend class TimerQueue;
  Timer* next_ = nullptr;
  Timer* prev_ = nullptr;
  TimePoint at_{};
  std::uint8_t bucket_ = 0;
};

// Deadlines of one shard, exact to the nanosecond: a monotone radix queue (Seastar's timer_set).
// A deadline waits in the bucket of the highest bit in which it differs from the last expiry, so
// arming and cancelling cost O(1) and each timer moves down at most 63 times in its life. Most
// timers here are request timeouts that never fire; those never move at all.
class TimerQueue {
 public:
  TimerQueue() {
    for (auto& head : buckets_) head.next_ = head.prev_ = &head;
  }
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue() {
    for (auto& head : buckets_) {
      GEND_ASSERT(head.next_ == &head);
      head.next_ = nullptr;  // the sentinels are Timers too
    }
  }

  // Arms `timer`, which must not be armed. A deadline in the past fires at the next expire().
  void arm(Timer& timer, TimePoint at) {
    GEND_ASSERT(!timer.armed());
    timer.at_ = at;
    link(timer);
    if (at < next_) next_ = at;
    ++size_;
  }

  void cancel(Timer& timer) {
    if (!timer.armed()) return;
    unlink(timer);
    --size_;
  }

  // No later than the earliest deadline; kNever when there is none. After a cancel it may be early:
  // the caller then wakes once for nothing.
  TimePoint next() const { return size_ == 0 ? kNever : next_; }

  std::size_t size() const { return size_; }

  // Calls fire(Timer&) for every timer whose deadline is at or before `now`; each is disarmed
  // first, so that it may be armed again or destroyed. `now` must not go backwards.
  template <class Fire>
  void expire(TimePoint now, Fire&& fire) {
    if (size_ == 0 || now < next_) return;
    Timer due;
    due.next_ = due.prev_ = &due;
    collect(now, due);
    // next() is lowered by arm() while timers fire, and settled afterwards.
    next_ = kNever;
    while (due.next_ != &due) {
      Timer& timer = *due.next_;
      unlink(timer);
      --size_;
      fire(timer);
    }
    due.next_ = nullptr;
    next_ = earliest();
  }

 private:
  static constexpr std::size_t kBuckets = 65;

  std::size_t bucket_for(TimePoint at) const {
    if (at <= last_) return 0;
    const auto differing = static_cast<std::uint64_t>(at.time_since_epoch().count()) ^
                           static_cast<std::uint64_t>(last_.time_since_epoch().count());
    return static_cast<std::size_t>(std::bit_width(differing));
  }

  static void append(Timer& head, Timer& timer) {
    timer.prev_ = head.prev_;
    timer.next_ = &head;
    head.prev_->next_ = &timer;
    head.prev_ = &timer;
  }

  static void unlink(Timer& timer) {
    timer.prev_->next_ = timer.next_;
    timer.next_->prev_ = timer.prev_;
    timer.next_ = timer.prev_ = nullptr;
  }

  void link(Timer& timer) {
    timer.bucket_ = static_cast<std::uint8_t>(bucket_for(timer.at_));
    append(buckets_[timer.bucket_], timer);
  }

  // Moves what is due to `due` and re-files what shares the highest changed bit with `now`.
  void collect(TimePoint now, Timer& due) {
    const std::size_t top = bucket_for(now);
    if (now > last_) last_ = now;
    for (std::size_t b = 0; b <= top; ++b) {
      Timer& head = buckets_[b];
      Timer* timer = head.next_;
      head.next_ = head.prev_ = &head;
      while (timer != &head) {
        Timer* following = timer->next_;
        if (timer->at_ <= now)
          append(due, *timer);
        else
          link(*timer);
        timer = following;
      }
    }
  }

  TimePoint earliest() const {
    for (const auto& head : buckets_) {
      if (head.next_ == &head) continue;
      TimePoint first = kNever;
      for (const Timer* t = head.next_; t != &head; t = t->next_)
        if (t->at_ < first) first = t->at_;
      return first;
    }
    return kNever;
  }

  Timer buckets_[kBuckets];
  TimePoint last_{};
  TimePoint next_ = kNever;
  std::size_t size_ = 0;
};

}  // namespace gend
