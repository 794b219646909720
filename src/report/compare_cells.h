#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "report/history.h"
#include "stats/bootstrap.h"
#include "stats/threshold.h"

namespace gend::report {

// The stretches of time by which two runs of one plan are compared: whole seconds each, the same in
// both, and only those in which both have measured anything.
class CellGrid {
 public:
  CellGrid(const History& before, const History& after);

  std::size_t cells() const { return cells_; }
  Duration width() const { return width_; }
  Duration length() const { return length_; }  // up to the end of the shorter run
  // Nothing for frames from beyond the other run's end, or from one of its gaps.
  std::optional<std::size_t> cell_of(const stats::Frame& frame) const;

 private:
  std::optional<std::size_t> stretch_of(const stats::Frame& frame) const;

  Duration length_{}, width_{};
  std::vector<std::optional<std::size_t>> cell_of_stretch_;
  std::size_t cells_ = 0;
};

// One run, cut into the cells of a grid. `history` and `grid` must outlive it.
class CellRun {
 public:
  CellRun(const History& history, const CellGrid& grid);

  const stats::Schema& schema() const { return *history_.schema; }
  // Of a trend: each cell's samples.
  std::vector<stats::Histogram::Slice> trend(const stats::Selector& selector) const;
  // Of a rate: hits of samples. Of a counter or tally: how many in how many seconds. Of a gauge:
  // the sum of its levels, of how many intervals. In the metric's own units.
  std::vector<stats::Part> parts(const stats::Selector& selector) const;
  // How many samples a selector names, over all cells.
  std::uint64_t samples(const stats::Selector& selector) const;

 private:
  template <typename Value>
  using BySlot = std::vector<std::vector<std::pair<std::uint32_t, Value>>>;  // cell and value

  void take(std::uint32_t cell, const stats::Frame& frame);
  std::vector<stats::Part> gauge_parts(const std::vector<const stats::Series*>& series) const;

  const History& history_;
  std::size_t cells_;
  std::vector<double> seconds_;  // of each cell
  BySlot<const stats::Histogram::Slice*> trends_;
  BySlot<std::uint64_t> counts_;
  BySlot<stats::Rate> rates_;
  BySlot<std::pair<const stats::Frame*, std::int64_t>> gauges_;
  BySlot<const stats::Frame::TallyAt*> tallies_;
};

}  // namespace gend::report
