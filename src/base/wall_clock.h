#pragma once

#include <chrono>
#include <cstdint>

namespace gend {

// Milliseconds since 1970 (UTC), as the host has it. For what people and other programs read;
// durations are measured with MonotonicClock.
inline std::int64_t wall_ms_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace gend
