#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "stats/histogram.h"

// How sure one may be of the difference between two runs of one plan. Both runs are cut into the
// same stretches of time ("cells"): cell 17 of both is the same part of the plan, so what the plan
// does there (a ramp, a burst) is in both and cancels. The block bootstrap draws runs of
// neighbouring cells anew, in pairs, and looks at how much the difference then varies.
namespace gend::stats {

// What one cell holds of a quantity that is one sum over another: hits of samples, samples of
// seconds, the sum of samples of their number.
struct Part {
  double sum = 0, weight = 0;
};

// Of one quantity in two runs.
struct Contrast {
  double before = 0, after = 0;
  // Standard errors: of after - before, and of log(after / before), which has a meaning only when
  // neither is zero in what was drawn.
  double error = 0, log_error = 0;
  bool has_ratio = false;
  std::size_t blocks = 0;       // that were drawn from; their number less one are the degrees of
                                // freedom
  std::size_t block_cells = 0;  // the longest of them
};

struct Interval {
  double low = 0, high = 0;
};
// Where after - before is, with this confidence (0.95). From the ratio where there is one: latency
// varies in proportion to itself. `blocks` must be at least 2.
Interval interval_of(const Contrast& contrast, double confidence);

// Fewer blocks than kBlocksFewest say too little of how much they vary; more than kBlocksMost cost
// time and make nothing better.
inline constexpr std::size_t kBlocksFewest = 8, kBlocksMost = 64;
inline constexpr std::size_t kCellsMost = 1024;  // that a comparison cuts a run into
inline constexpr int kReplicates = 1000;         // the error of an error is then 2 %

// `before` and `after` have as many cells as each other, at least kBlocksFewest and at most
// kCellsMost, and in both the weights' sum is positive. Blocks are as long as the resemblance of
// neighbouring differences asks for (dependence.h), but no longer than leaves kBlocksFewest.
Contrast contrast_of(std::span<const Part> before, std::span<const Part> after, Rng& rng);

// The same of percentiles, all from one set of draws. Both must have samples. The width of the
// histograms' buckets is part of the error.
std::vector<Contrast> contrast_percentiles(std::span<const Histogram::Slice> before,
                                           std::span<const Histogram::Slice> after,
                                           std::span<const double> percentiles, Rng& rng);

}  // namespace gend::stats
