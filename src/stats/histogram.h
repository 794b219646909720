#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace gend::stats {

// Log-linear histogram of non-negative integers ("ticks": nanoseconds for times, value x 10^6 for
// unitless trends). 128 sub-buckets per power of two: values below 256 are exact, above that a
// bucket is at most 1/128 of its value wide, and its midpoint is at most 1/256 (0.39 %) off.
// Fixed size, no allocation after construction, merging is exact addition.
class Histogram {
 public:
  static constexpr int kSubBits = 7;                       // 128 sub-buckets an octave
  static constexpr int kMaxBits = 44;                      // 2^44 ns = 4.9 hours
  static constexpr std::int64_t kMaxValue = (std::int64_t{1} << kMaxBits) - 1;
  static constexpr std::size_t kBuckets =
      (static_cast<std::size_t>(kMaxBits - kSubBits) << kSubBits) + (std::size_t{1} << kSubBits);

  Histogram();

  // Negative values count as 0; values above kMaxValue count in the last bucket (max() stays exact).
  void add(std::int64_t value) noexcept { add_n(value, 1); }
  void add_n(std::int64_t value, std::uint64_t n) noexcept;

  void merge(const Histogram& other) noexcept;
  void clear() noexcept;  // cost is proportional to the buckets that were touched

  std::uint64_t count() const noexcept { return count_; }
  std::int64_t min() const noexcept { return count_ ? min_ : 0; }  // exact
  std::int64_t max() const noexcept { return count_ ? max_ : 0; }  // exact
  double sum() const noexcept { return sum_; }
  double mean() const noexcept;  // exact up to double's rounding; 0 when empty

  // The value at or below which `percent` of the samples lie (nearest rank: the ceil(p/100*n)-th
  // smallest), as its bucket's midpoint clamped to [min, max]. percent in [0, 100]; 0 when empty.
  double percentile(double percent) const noexcept;

  // Samples <= value (bucket resolution), for exporters with their own bucket bounds.
  std::uint64_t count_at_or_below(std::int64_t value) const noexcept;

  // For storing and for tests: bucket i holds values in [lower_bound(i), lower_bound(i + 1)).
  static std::size_t bucket_of(std::int64_t value) noexcept;
  static std::int64_t lower_bound(std::size_t bucket) noexcept;
  std::span<const std::uint64_t> buckets() const noexcept;
  std::size_t first_touched() const noexcept { return touched_from_; }  // [first, last)
  std::size_t last_touched() const noexcept { return touched_to_; }

 private:
  struct Free {
    void operator()(void* p) const noexcept;
  };
  // calloc'ed so that pages that are never touched cost nothing.
  std::unique_ptr<std::uint64_t[], Free> buckets_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::int64_t min_ = 0, max_ = 0;
  std::size_t touched_from_ = kBuckets, touched_to_ = 0;
};

}  // namespace gend::stats
