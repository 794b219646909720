#pragma once

#include <cstdint>

#include "base/time.h"

namespace gend::net {

// Brings the kernel's stamps of received packets, which are of CLOCK_REALTIME, onto our clock. Told
// both clocks once a batch; a batch in which the wall clock was set has no stamps.
class StampClock {
 public:
  void read(TimePoint now, std::int64_t realtime_ns) {
    const std::int64_t offset = realtime_ns - now.time_since_epoch().count();
    constexpr std::int64_t kStep = 500'000;  // ns; slewing moves it by 0.5 us a millisecond at most
    const std::int64_t moved = offset - offset_;
    usable_ = moved < kStep && moved > -kStep;
    offset_ = offset;
    now_ = now;
  }

  // When what is stamped `realtime_ns` came; never later than the last read(), and that when the
  // stamp says nothing.
  TimePoint at(std::int64_t realtime_ns) const {
    if (!usable_ || realtime_ns == 0) return now_;
    const TimePoint came{Duration{realtime_ns - offset_}};
    return came < now_ ? came : now_;
  }

 private:
  std::int64_t offset_ = 0;
  TimePoint now_{};
  bool usable_ = false;
};

}  // namespace gend::net
