#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"
#include "stats/histogram.h"
#include "stats/slope.h"
#include "stats/threshold.h"

namespace gend::stats {

// Follows one quantity over the part of a run in which its load is steady, for thresholds on drift
// and leak. Memory is bounded, whatever the run's length: the part is cut into cells, and when
// there are kCellsMost of them, two and two become one.
class DriftWatch {
 public:
  static constexpr std::size_t kCellsMost = 256;
  static constexpr Duration kCellLeast = std::chrono::seconds{2};
  // What happens in the first tenth of the steady part is warming up.
  static constexpr int kWarmUpPart = 10;
  // Nothing is said before this share of the part was seen: half of a soak is no soak.
  static constexpr double kShareSeen = 0.5;
  static constexpr double kConfidence = 0.95;

  explicit DriftWatch(const Threshold& threshold);  // must outlive this

  // What was measured in [from, to) since the start of the run, in order.
  void add(const Selected& found, Duration from, Duration to);

  // As of the last whole cell. `ok` is false only when the whole interval is beyond the limit;
  // without enough evidence it holds, and `has_data` is false.
  const ThresholdResult& result() const { return result_; }

 private:
  struct Cell {
    Duration from{}, to{};
    double sum = 0, weight = 0;  // of counters, rates and gauges
    Histogram::Slice trend;
  };
  static Cell joined(Cell first, Cell second);
  void join_cells();
  void judge();
  std::optional<double> value_of(const Cell& cell) const;
  void conclude(const Slope& slope);

  const Threshold& threshold_;
  const Metric* metric_ = nullptr;
  Duration begin_{};        // of what is looked at
  Duration width_ = kCellLeast;
  std::vector<Cell> cells_;  // the last may still grow
  ThresholdResult result_;
};

}  // namespace gend::stats
