#pragma once

#include <cstdint>

#include "base/time.h"

namespace gend::engine {

// What the control side tells the shards while a run goes on. All shards get the same one.
struct Command {
  enum class Kind : std::uint8_t {
    kStopGracefully,  // no new iterations; those under way get the plan's gracefulStop
    kStopNow,
    // For externally controlled scenarios:
    kUsers,  // `value` users from `at` on
    kRate,   // `value` arrivals a second from `at` on
    kPause,  // nothing new begins from `at` on
    kResume
  };
  Kind kind = Kind::kStopGracefully;
  double value = 0;
  // The moment from which it holds, a little ahead, so that shards change in step.
  TimePoint at{};
};

}  // namespace gend::engine
