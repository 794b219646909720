#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/free.h"

namespace gend::stats {

// Log-linear histogram of non-negative integers ("ticks": nanoseconds for times, value x 10^6 for
// unitless trends). 128 sub-buckets per power of two: values below 256 are exact, above that a
// bucket is at most 1/128 of its value wide, and its midpoint is at most 1/256 (0.39 %) off.
// Fixed size, no allocation after construction, merging is exact addition.
class Histogram {
 public:
  static constexpr int kSubBits = 7;   // 128 sub-buckets an octave
  static constexpr int kMaxBits = 52;  // 2^52 ns = 52 days: longer than any run may be (limits.h)
  static constexpr std::int64_t kMaxValue = (std::int64_t{1} << kMaxBits) - 1;
  static constexpr std::size_t kBuckets =
      (static_cast<std::size_t>(kMaxBits - kSubBits) << kSubBits) + (std::size_t{1} << kSubBits);

  Histogram();

  // Negative values count as 0; values above kMaxValue count in the last bucket (max() and sum()
  // stay exact).
  void add(std::int64_t value) noexcept { add_n(value, 1); }
  void add_n(std::int64_t value, std::uint64_t n) noexcept {
    if (n == 0) return;
    value = std::max<std::int64_t>(value, 0);
    buckets_[bucket_of(value)] += n;
    count_ += n;
    sum_ += static_cast<Sum>(static_cast<std::uint64_t>(value)) * n;
    // Branches that are hardly ever taken, and no store.
    if (value < min_) [[unlikely]] min_ = value;
    if (value > max_) [[unlikely]] max_ = value;
  }

  // The samples of a moment, to be taken out again later: a window slides over a histogram. Its
  // memory is that of the buckets in use.
  struct Slice;
  Slice slice() const;
  void merge(const Slice& slice) noexcept;
  // Takes out what was merged before; `min` and `max` are those of what stays (any when nothing
  // does).
  void take_out(const Slice& slice, std::int64_t min, std::int64_t max) noexcept;

  void merge(const Histogram& other) noexcept;
  void clear() noexcept;  // cost is proportional to the buckets that were touched

  std::uint64_t count() const noexcept { return count_; }
  std::int64_t min() const noexcept { return count_ ? min_ : 0; }  // exact
  std::int64_t max() const noexcept { return max_; }               // exact
  double sum() const noexcept { return static_cast<double>(sum_); }
  double mean() const noexcept;  // exact up to the one rounding to double; 0 when empty

  // The value at or below which `percent` of the samples lie (nearest rank: the ceil(p/100*n)-th
  // smallest), as its bucket's midpoint clamped to [min, max]. The first and the last rank are
  // exact. percent in [0, 100]; 0 when empty.
  double percentile(double percent) const noexcept;

  // Samples <= value at bucket resolution, for exporters with their own bucket bounds: a bucket
  // counts when its midpoint is <= value, so that percentile() and this agree.
  std::uint64_t count_at_or_below(std::int64_t value) const noexcept;

  // For storing and for tests: bucket i holds values in [lower_bound(i), lower_bound(i + 1)).
  static constexpr std::size_t bucket_of(std::int64_t value) noexcept {
    const auto v = static_cast<std::uint64_t>(std::clamp<std::int64_t>(value, 0, kMaxValue));
    // 256 and above keep their top 8 bits; `| 255` makes the shift 0 below that, without a branch.
    const auto shift = static_cast<unsigned>(std::bit_width(v | 255)) - (kSubBits + 1);
    return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(v >> shift);
  }
  static constexpr std::int64_t lower_bound(std::size_t bucket) noexcept {
    if (bucket < (std::size_t{2} << kSubBits)) return static_cast<std::int64_t>(bucket);
    const std::size_t sub = std::size_t{1} << kSubBits;
    return static_cast<std::int64_t>(((bucket & (sub - 1)) | sub) << ((bucket >> kSubBits) - 1));
  }
  std::span<const std::uint64_t> buckets() const noexcept;
  // All samples lie in the buckets [first, last); kBuckets and 0 when empty.
  std::size_t first_touched() const noexcept { return count_ ? bucket_of(min_) : kBuckets; }
  std::size_t last_touched() const noexcept { return count_ ? bucket_of(max_) + 1 : 0; }

 private:
  // 128 bits: a million connections held for 2.6 hours each would overflow 63 bits of nanoseconds,
  // and an integer keeps merging exact and independent of order.
  __extension__ using Sum = unsigned __int128;
  // calloc'ed so that pages that are never touched cost nothing.
  std::unique_ptr<std::uint64_t[], Free<std::free>> buckets_;
  std::uint64_t count_ = 0;
  Sum sum_ = 0;
  std::int64_t min_ = std::numeric_limits<std::int64_t>::max(), max_ = 0;
};

struct Histogram::Slice {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> buckets;  // number and count, none empty
  std::uint64_t count = 0;
  Sum sum = 0;
  std::int64_t min = 0, max = 0;
};

}  // namespace gend::stats
