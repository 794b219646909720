#pragma once

#include <algorithm>

#include "base/time.h"

namespace gend::ring {

// How much earlier a sleep is asked to end than it shall, because none ends when it was asked to:
// a timer's interrupt, the way out of idle and the scheduler take their time (measured in a virtual
// machine: 22 us after 0.1 ms asleep, 56 us after 1 ms, medians). Learned from the sleeps
// themselves, as what nine of ten exceed: then one of ten ends early, and the rest of it is spent
// awake.
class WakeLead {
 public:
  // More is no wake-up any more, but somebody else on this processor; and that much is at most
  // spent awake for a sleep while a host gets faster.
  static constexpr Duration kMost = std::chrono::microseconds{100};

  Duration get() const { return lead_; }

  // A sleep that was asked to end at `asked` ended at `woke`.
  void note(TimePoint asked, TimePoint woke) {
    // Stochastic approximation of a quantile (Robbins and Monro, 1951): in balance when one of ten
    // is below.
    constexpr Duration kStep = std::chrono::nanoseconds{200};
    const Duration step = woke - asked > lead_ ? kStep : -9 * kStep;
    lead_ = std::clamp(lead_ + step, Duration::zero(), kMost);
  }

 private:
  Duration lead_{};
};

}  // namespace gend::ring
