#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.h"

namespace gend::target {

// What a limit says about one request.
struct Grant {
  bool granted = false;
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;
  Duration until_refill{};
};

// A token bucket with interval refill: `limit` tokens in each window, the first of which begins
// with the first request. Exact, whatever the number of threads: window and tokens taken are one
// word, changed by compare and swap.
class Bucket {
 public:
  Grant take(std::uint32_t limit, Duration window, TimePoint now) {
    std::int64_t first = 0;
    const std::int64_t ns = now.time_since_epoch().count();
    if (begin_.compare_exchange_strong(first, ns)) first = ns;
    // Threads stamp their requests a little apart: before the beginning is the first window.
    const std::int64_t since = ns > first ? ns - first : 0;
    auto index = static_cast<std::uint32_t>(since / window.count());
    std::uint64_t state = state_.load();
    for (;;) {
      const auto current = static_cast<std::uint32_t>(state >> 32);
      if (current > index) index = current;  // another thread has seen a later window
      const auto used = current == index ? static_cast<std::uint32_t>(state) : 0U;
      Grant grant{.granted = used < limit, .limit = limit};
      grant.remaining = grant.granted ? limit - used - 1 : 0;
      grant.until_refill = Duration{(std::int64_t{index} + 1) * window.count() - since};
      if (!grant.granted) return grant;
      const std::uint64_t taken = std::uint64_t{index} << 32 | (used + 1);
      if (state_.compare_exchange_weak(state, taken)) return grant;
    }
  }

  void refill() {
    state_.store(0);
    begin_.store(0);
  }

 private:
  std::atomic<std::int64_t> begin_{0};   // ns of the first request; 0: none yet
  std::atomic<std::uint64_t> state_{0};  // index of the window << 32 | tokens taken in it
};

}  // namespace gend::target
