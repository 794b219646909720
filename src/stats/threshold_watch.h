#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "base/time.h"
#include "stats/drift_watch.h"
#include "stats/threshold.h"

namespace gend::stats {

// Follows the thresholds of a run from interval to interval: those with a window see only its last
// intervals, and those that must fail for a while are timed. Memory is bounded by the windows, not
// by the run. docs/measurement.md says what passing means.
class ThresholdWatch {
 public:
  // Both must outlive this.
  ThresholdWatch(const Schema& schema, const std::vector<Threshold>& thresholds);

  // What was measured in [from, to) since the start of the run, in order, without gaps.
  void add(const Recorder& interval, Duration from, Duration to);
  // As of now; `total` is the run so far. Call after every add(): it times what fails.
  std::vector<ThresholdResult> results(const Recorder& total, Duration elapsed);

 private:
  struct Slice {
    Duration from{};
    std::uint64_t count = 0;
    Rate rate;
    Histogram::Slice trend;
  };
  struct Watched {
    const Threshold* threshold = nullptr;
    std::optional<DriftWatch> drift;  // of thresholds on drift and leak
    std::deque<Slice> slices;  // of the window, the oldest first
    Selected sum;              // of the slices
    Duration until{};          // the end of the latest
    bool judged = false;       // a window was full
    bool broken = false;       // one failed for as long as it takes
    ThresholdResult latest;
    bool failing = false;
    Duration failing_since{};
  };
  void slide(Watched& watched, Duration until) const;
  static void judge_window(Watched& watched);
  static void time_failure(Watched& watched, bool fails, Duration now);
  static void note_worst(ThresholdResult& result, double value, Duration at);

  const Schema& schema_;
  std::vector<Watched> watched_;
};

}  // namespace gend::stats
