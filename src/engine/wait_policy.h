#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"
#include "ring/wait.h"

namespace gend::engine {

// How many completions one wait collects. More of them a wait means fewer wake-ups and less CPU for
// a request, but each sits until the wait ends and is stamped then: `linger` bounds that error to a
// fiftieth of what requests take at the moment, and to 100 us (docs/measurement.md).
class WaitPolicy {
 public:
  ring::Wait wait(TimePoint deadline, std::uint64_t waiting, Duration typical_service) const {
    constexpr std::uint64_t kFewest = 16;  // below that there is nothing to collect
    constexpr std::uint64_t kMost = 32;
    constexpr Duration kLongest = std::chrono::microseconds{100};
    if (waiting < kFewest) return {.deadline = deadline};
    return {.deadline = deadline,
            .completions = static_cast<unsigned>(std::min(waiting / 2, kMost)),
            .linger = std::min(typical_service / 50, kLongest)};
  }
};

}  // namespace gend::engine
