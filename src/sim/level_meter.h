#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace gend::sim {

// Follows a number that changes at known moments (users at work, requests under way): its mean over
// time and its peak, since they were last taken.
class LevelMeter {
 public:
  void set(std::uint64_t level, TimePoint now) {
    area_ += static_cast<double>(level_) * to_seconds(now - since_);
    since_ = now;
    level_ = level;
    peak_ = std::max(peak_, level);
  }
  void add(TimePoint now) { set(level_ + 1, now); }
  void remove(TimePoint now) { set(level_ - 1, now); }
  std::uint64_t level() const { return level_; }

  struct Seen {
    double mean = 0;
    std::uint64_t peak = 0;
  };
  Seen take(TimePoint now) {
    set(level_, now);
    const double seconds = to_seconds(now - began_);
    const Seen seen{seconds > 0 ? area_ / seconds : static_cast<double>(level_), peak_};
    area_ = 0;
    began_ = now;
    peak_ = level_;
    return seen;
  }

 private:
  std::uint64_t level_ = 0, peak_ = 0;
  double area_ = 0;  // level x seconds
  TimePoint began_{}, since_{};
};

}  // namespace gend::sim
