#pragma once

#include <chrono>
#include <cstdint>

namespace gend {

using Duration = std::chrono::nanoseconds;

// CLOCK_MONOTONIC, the clock io_uring waits on. Wall-clock jumps never reach a measurement.
struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, duration>;
  static constexpr bool is_steady = true;

  // About 25 ns through the vDSO. Called by the event loop, once per phase of a turn; everybody
  // else is handed the answer, so that every test can run at any time it likes.
  static time_point now() noexcept;
};

using TimePoint = MonotonicClock::time_point;

// "Not at all": later than every deadline, and safe to compare and to take the minimum of.
inline constexpr TimePoint kNever = TimePoint::max();

constexpr double to_ms(Duration d) {
  return static_cast<double>(d.count()) / 1e6;
}
constexpr double to_seconds(Duration d) {
  return static_cast<double>(d.count()) / 1e9;
}

}  // namespace gend
