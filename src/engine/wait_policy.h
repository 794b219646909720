#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"
#include "net/event.h"
#include "ring/wait.h"

namespace gend::engine {

// How long one turn of a shard waits, and for how many completions. Fewer, fuller turns cost less
// CPU for a request (docs/performance.md); what they cost in exactness is bounded here.
//
// By our own clock each completion is stamped at the end of the wait it came in: `linger` bounds
// that error to a fiftieth of what requests take at the moment, and to 100 us. When the kernel
// stamps, waiting costs no exactness, only lateness of what is due next: turns that come thick and
// fast are kept kQuantum apart. A shard with little to do wakes for everything.
class WaitPolicy {
 public:
  explicit WaitPolicy(net::Stamps stamps) : stamps_{stamps} {}

  static constexpr Duration kQuantum = std::chrono::microseconds{100};

  // A turn begins. Call once for each.
  void note_turn(TimePoint now) {
    constexpr Duration kLong = std::chrono::milliseconds{1};
    mean_gap_ += (std::min(Duration{now - last_turn_}, kLong) - mean_gap_) / 16;
    last_turn_ = now;
    constexpr Duration kThick = std::chrono::microseconds{90};
    constexpr Duration kThin = std::chrono::microseconds{200};
    if (mean_gap_ < kThick) crowded_ = true;
    if (mean_gap_ > kThin) crowded_ = false;
  }

  // `waiting`: requests under way; `typical_service`: what they take lately.
  ring::Wait wait(TimePoint deadline, std::uint64_t waiting, Duration typical_service) const {
    constexpr std::uint64_t kFewest = 16;  // below that there is nothing to collect
    constexpr std::uint64_t kMost = 32;
    constexpr Duration kLongest = std::chrono::microseconds{100};
    if (stamps_ == net::Stamps::kKernel) {
      if (!crowded_) return {.deadline = deadline};
      return {.deadline = std::max(deadline, last_turn_ + kQuantum),
              .completions = kMost,
              .linger = kQuantum};
    }
    if (waiting < kFewest) return {.deadline = deadline};
    return {.deadline = deadline,
            .completions = static_cast<unsigned>(std::min(waiting / 2, kMost)),
            .linger = std::min(typical_service / 50, kLongest)};
  }

 private:
  net::Stamps stamps_;
  bool crowded_ = false;
  TimePoint last_turn_{};
  Duration mean_gap_ = std::chrono::milliseconds{1};
};

}  // namespace gend::engine
