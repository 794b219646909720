#pragma once

#include <cstdint>

#include "base/time.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Intervals of all shards end at the same moments: start, start + 1 s, start + 2 s, …
inline constexpr Duration kInterval{std::chrono::seconds{1}};

// A full interval on its way to the control side, and which one it is: it holds everything since
// the shard's previous one, up to the end of interval `index`. A shard that stood still hands over
// several intervals in one.
struct Delivery {
  stats::Snapshot* snapshot = nullptr;
  std::uint64_t index = 0;
  bool last = false;
};

}  // namespace gend::engine
