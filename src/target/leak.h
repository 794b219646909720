#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/time.h"

namespace gend::target {

// Memory that is taken and never given back, at a rate, so that there is a leak to be found. It
// grows when somebody looks: an unwatched leak costs nothing.
class Leak {
 public:
  void set(double mb_per_minute, TimePoint now);
  // Takes what is due by now, at most kMost in all.
  void grow(TimePoint now);
  std::uint64_t bytes() const;

  static constexpr std::uint64_t kMost = std::uint64_t{1} << 30;

 private:
  mutable std::mutex mutex_;
  double mb_per_minute_ = 0;
  TimePoint since_{};
  std::uint64_t before_ = 0;  // taken at an earlier rate
  std::vector<std::unique_ptr<char[]>> blocks_;
};

}  // namespace gend::target
