#include "base/time.h"

#include <time.h>

namespace gend {

MonotonicClock::time_point MonotonicClock::now() noexcept {
  timespec ts;
  ::clock_gettime(CLOCK_MONOTONIC, &ts);
  return time_point{std::chrono::seconds{ts.tv_sec} + std::chrono::nanoseconds{ts.tv_nsec}};
}

}  // namespace gend
