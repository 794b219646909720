#include "stats/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/assert.h"
#include "stats/dependence.h"
#include "stats/student.h"

namespace gend::stats {
namespace {

// The cells of block i of n are [bounds[i], bounds[i + 1]): as long as each other, but for one.
std::vector<std::size_t> bounds_of(std::size_t cells, double block) {
  const auto wanted = static_cast<std::size_t>(static_cast<double>(cells) / std::max(block, 1.0));
  const std::size_t blocks = std::clamp(wanted, kBlocksFewest, std::min(kBlocksMost, cells));
  std::vector<std::size_t> bounds(blocks + 1);
  for (std::size_t i = 0; i <= blocks; ++i) bounds[i] = i * cells / blocks;
  return bounds;
}

std::size_t longest_of(const std::vector<std::size_t>& bounds) {
  std::size_t longest = 0;
  for (std::size_t i = 1; i < bounds.size(); ++i)
    longest = std::max(longest, bounds[i] - bounds[i - 1]);
  return longest;
}

// How often each block is in one draw of as many blocks as there are.
void draw(Rng& rng, std::vector<std::uint32_t>& times) {
  std::ranges::fill(times, 0U);
  for (std::size_t i = 0; i < times.size(); ++i) ++times[rng.below(times.size())];
}

// Mean and variance as they come (Welford).
class Spread {
 public:
  void add(double value) {
    ++n_;
    const double step = value - mean_;
    mean_ += step / n_;
    squares_ += step * (value - mean_);
  }
  double deviation() const { return n_ < 2 ? 0 : std::sqrt(squares_ / (n_ - 1)); }

 private:
  double n_ = 0, mean_ = 0, squares_ = 0;
};

// What the draws make of one quantity.
class Gathering {
 public:
  Gathering(double before, double after) : before_{before}, after_{after} {
    has_ratio_ = before > 0 && after > 0;
  }
  void add(double before, double after) {
    differences_.add(after - before);
    has_ratio_ = has_ratio_ && before > 0 && after > 0;
    if (has_ratio_) ratios_.add(std::log(after / before));
  }
  // `least`: an error that both have anyway, as a standard error of the difference; `least_log` of
  // the ratio. Draws with replacement vary by (n - 1) / n less than what they stand for.
  Contrast contrast(const std::vector<std::size_t>& bounds, double least, double least_log) const {
    const double n = static_cast<double>(bounds.size() - 1);
    const double correction = std::sqrt(n / (n - 1));
    return {.before = before_, .after = after_,
            .error = std::hypot(differences_.deviation() * correction, least),
            .log_error = has_ratio_ ? std::hypot(ratios_.deviation() * correction, least_log) : 0,
            .has_ratio = has_ratio_, .blocks = bounds.size() - 1,
            .block_cells = longest_of(bounds)};
  }

 private:
  double before_, after_;
  bool has_ratio_ = false;
  Spread differences_, ratios_;
};

double ratio_of(const Part& part) { return part.weight > 0 ? part.sum / part.weight : 0; }

Part total_of(std::span<const Part> parts) {
  Part total;
  for (const Part& part : parts) {
    total.sum += part.sum;
    total.weight += part.weight;
  }
  return total;
}

// What cell i contributes to the error of the whole, to first order: the series whose resemblance
// decides how long blocks have to be.
std::vector<double> influences(std::span<const Part> before, std::span<const Part> after) {
  const Part a = total_of(before), b = total_of(after);
  std::vector<double> result(before.size());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] = (after[i].sum - ratio_of(b) * after[i].weight) / b.weight -
                (before[i].sum - ratio_of(a) * before[i].weight) / a.weight;
  return result;
}

std::vector<Part> per_block(std::span<const Part> cells, const std::vector<std::size_t>& bounds) {
  std::vector<Part> blocks;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i)
    blocks.push_back(total_of(cells.subspan(bounds[i], bounds[i + 1] - bounds[i])));
  return blocks;
}

Part drawn(const std::vector<Part>& blocks, const std::vector<std::uint32_t>& times) {
  Part total;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    total.sum += times[i] * blocks[i].sum;
    total.weight += times[i] * blocks[i].weight;
  }
  return total;
}

std::uint64_t samples_in(std::span<const Histogram::Slice> cells) {
  std::uint64_t count = 0;
  for (const auto& cell : cells) count += cell.count;
  return count;
}

// One run's blocks as rows of a table, a column for each bucket that any block uses.
class BlockTable {
 public:
  BlockTable(std::span<const Histogram::Slice> cells, const std::vector<std::size_t>& bounds)
      : rows_{bounds.size() - 1} {
    for (const auto& cell : cells)
      for (const auto& [bucket, n] : cell.buckets) buckets_.push_back(bucket);
    std::ranges::sort(buckets_);
    const auto repeated = std::ranges::unique(buckets_);
    buckets_.erase(repeated.begin(), repeated.end());
    counts_.resize(rows_ * buckets_.size());
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t i = bounds[row]; i < bounds[row + 1]; ++i) add(row, cells[i]);
    sum_.resize(buckets_.size());
  }

  // Afterwards percentile() is that of this draw. False: nothing is in it.
  bool draw(const std::vector<std::uint32_t>& times) {
    std::ranges::fill(sum_, std::uint64_t{0});
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::uint64_t n = times[row];
      if (n == 0) continue;
      const std::uint64_t* counts = counts_.data() + row * buckets_.size();
      for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += n * counts[i];
    }
    count_ = std::accumulate(sum_.begin(), sum_.end(), std::uint64_t{0});
    return count_ > 0;
  }

  // The middle of the bucket of the nearest rank.
  double percentile(double percent) const {
    const double rank = std::max(1.0, percent / 100 * static_cast<double>(count_));
    double seen = 0;
    std::size_t i = 0;
    for (; i + 1 < sum_.size(); ++i) {
      seen += static_cast<double>(sum_[i]);
      if (seen >= rank * (1 - 1e-12)) break;
    }
    const auto low = static_cast<double>(Histogram::lower_bound(buckets_[i]));
    return (low + static_cast<double>(Histogram::lower_bound(buckets_[i] + 1) - 1)) / 2;
  }

 private:
  void add(std::size_t row, const Histogram::Slice& cell) {
    for (const auto& [bucket, n] : cell.buckets) {
      const auto place = std::ranges::lower_bound(buckets_, bucket) - buckets_.begin();
      counts_[row * buckets_.size() + static_cast<std::size_t>(place)] += n;
    }
  }

  std::size_t rows_;
  std::vector<std::uint32_t> buckets_;
  std::vector<std::uint64_t> counts_, sum_;
  std::uint64_t count_ = 0;
};

// Of the samples of a cell those above the value, and all: a percentile's error is that of the
// share above it, over the density there, which is the same for all cells.
std::vector<Part> shares_above(std::span<const Histogram::Slice> cells, double value) {
  std::vector<Part> shares;
  for (const auto& cell : cells) {
    Part& share = shares.emplace_back();
    share.weight = static_cast<double>(cell.count);
    for (const auto& [bucket, n] : cell.buckets)
      if (static_cast<double>(Histogram::lower_bound(bucket)) > value)
        share.sum += static_cast<double>(n);
  }
  return shares;
}

double percentile_of(std::span<const Histogram::Slice> cells, double percent) {
  Histogram all;
  for (const auto& cell : cells) all.merge(cell);
  return all.percentile(percent);
}

// A value is anywhere in its bucket, which is 1/128 of it wide: the deviation of an even spread.
constexpr double kBucketError = 1.0 / 128 / 3.4641016151377544;

void check(std::size_t before, std::size_t after) {
  GEND_ASSERT(before == after && before >= kBlocksFewest && before <= kCellsMost);
}

}  // namespace

Interval interval_of(const Contrast& contrast, double confidence) {
  GEND_ASSERT(contrast.blocks >= 2);
  const double t = student_quantile((1 + confidence) / 2,
                                    static_cast<double>(contrast.blocks - 1));
  if (!contrast.has_ratio) {
    const double middle = contrast.after - contrast.before;
    return {middle - t * contrast.error, middle + t * contrast.error};
  }
  const double middle = std::log(contrast.after / contrast.before);
  return {contrast.before * std::expm1(middle - t * contrast.log_error),
          contrast.before * std::expm1(middle + t * contrast.log_error)};
}

Contrast contrast_of(std::span<const Part> before, std::span<const Part> after, Rng& rng) {
  check(before.size(), after.size());
  const Part a = total_of(before), b = total_of(after);
  GEND_ASSERT(a.weight > 0 && b.weight > 0);
  const auto bounds = bounds_of(before.size(), dependence_of(influences(before, after)).block);
  const auto a_blocks = per_block(before, bounds), b_blocks = per_block(after, bounds);
  Gathering gathering{ratio_of(a), ratio_of(b)};
  std::vector<std::uint32_t> times(bounds.size() - 1);
  for (int i = 0; i < kReplicates; ++i) {
    draw(rng, times);
    const Part drawn_a = drawn(a_blocks, times), drawn_b = drawn(b_blocks, times);
    if (drawn_a.weight > 0 && drawn_b.weight > 0) gathering.add(ratio_of(drawn_a),
                                                                ratio_of(drawn_b));
  }
  return gathering.contrast(bounds, 0, 0);
}

std::vector<Contrast> contrast_percentiles(std::span<const Histogram::Slice> before,
                                           std::span<const Histogram::Slice> after,
                                           std::span<const double> percentiles, Rng& rng) {
  check(before.size(), after.size());
  GEND_ASSERT(samples_in(before) > 0 && samples_in(after) > 0);
  std::vector<Gathering> gatherings;
  double block = 1;
  for (const double percent : percentiles) {
    const double a = percentile_of(before, percent), b = percentile_of(after, percent);
    gatherings.emplace_back(a, b);
    const auto a_shares = shares_above(before, a), b_shares = shares_above(after, b);
    block = std::max(block, dependence_of(influences(a_shares, b_shares)).block);
  }
  const auto bounds = bounds_of(before.size(), block);
  BlockTable a_table{before, bounds}, b_table{after, bounds};
  std::vector<std::uint32_t> times(bounds.size() - 1);
  for (int i = 0; i < kReplicates; ++i) {
    draw(rng, times);
    const bool has_a = a_table.draw(times), has_b = b_table.draw(times);
    if (!has_a || !has_b) continue;
    for (std::size_t p = 0; p < percentiles.size(); ++p)
      gatherings[p].add(a_table.percentile(percentiles[p]), b_table.percentile(percentiles[p]));
  }
  std::vector<Contrast> result;
  for (std::size_t p = 0; p < percentiles.size(); ++p) {
    const double a = percentile_of(before, percentiles[p]);
    const double b = percentile_of(after, percentiles[p]);
    result.push_back(gatherings[p].contrast(bounds, std::hypot(a, b) * kBucketError,
                                            std::sqrt(2.0) * kBucketError));
  }
  return result;
}

}  // namespace gend::stats
