#include "stats/histogram.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/assert.h"

namespace gend::stats {
namespace {

// The middle of the integers in a bucket: lower_bound .. lower_bound + width - 1.
double midpoint(std::size_t bucket) {
  const auto low = static_cast<double>(Histogram::lower_bound(bucket));
  return (low + static_cast<double>(Histogram::lower_bound(bucket + 1) - 1)) / 2;
}

// ceil(percent / 100 * n), in [1, n]. 99.9 is not a binary number: without the tolerance of a few
// units in the last place, p(99.9) of 1000 samples would be the 1000th instead of the 999th.
std::uint64_t nearest_rank(double percent, std::uint64_t n) {
  const double exact = percent / 100.0 * static_cast<double>(n);
  const double rank = std::ceil(exact * (1 - 4 * std::numeric_limits<double>::epsilon()));
  if (rank >= static_cast<double>(n)) return n;
  return rank < 1 ? 1 : static_cast<std::uint64_t>(rank);
}

}  // namespace

Histogram::Histogram()
    : buckets_{static_cast<std::uint64_t*>(std::calloc(kBuckets, sizeof(std::uint64_t)))} {
  GEND_ASSERT(buckets_ != nullptr);
}

void Histogram::merge(const Histogram& other) noexcept {
  // Pointers and ends of their own: what is written could be any member otherwise.
  const std::size_t last = other.last_touched();
  std::uint64_t* const to = buckets_.get();
  const std::uint64_t* const from = other.buckets_.get();
  for (std::size_t i = other.first_touched(); i < last; ++i) to[i] += from[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

Histogram::Slice Histogram::slice() const {
  Slice slice{.buckets = {}, .count = count_, .sum = sum_, .min = min(), .max = max_};
  for (std::size_t i = first_touched(); i < last_touched(); ++i)
    if (buckets_[i] > 0) slice.buckets.emplace_back(static_cast<std::uint32_t>(i), buckets_[i]);
  return slice;
}

void Histogram::merge(const Slice& slice) noexcept {
  if (slice.count == 0) return;
  for (const auto& [bucket, n] : slice.buckets) buckets_[bucket] += n;
  count_ += slice.count;
  sum_ += slice.sum;
  min_ = std::min(min_, slice.min);
  max_ = std::max(max_, slice.max);
}

void Histogram::take_out(const Slice& slice, std::int64_t min, std::int64_t max) noexcept {
  GEND_ASSERT(slice.count <= count_);
  for (const auto& [bucket, n] : slice.buckets) buckets_[bucket] -= n;
  count_ -= slice.count;
  sum_ -= slice.sum;
  min_ = count_ == 0 ? std::numeric_limits<std::int64_t>::max() : min;
  max_ = count_ == 0 ? 0 : max;
}

void Histogram::clear() noexcept {
  if (count_ == 0) return;
  std::fill(buckets_.get() + first_touched(), buckets_.get() + last_touched(), 0);
  count_ = 0;
  sum_ = 0;
  min_ = std::numeric_limits<std::int64_t>::max();
  max_ = 0;
}

double Histogram::mean() const noexcept {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

double Histogram::percentile(double percent) const noexcept {
  GEND_ASSERT(percent >= 0 && percent <= 100);
  if (count_ == 0) return 0;
  const std::uint64_t rank = nearest_rank(percent, count_);
  if (rank == 1) return static_cast<double>(min_);
  if (rank == count_) return static_cast<double>(max_);
  std::uint64_t seen = 0;
  std::size_t bucket = first_touched();
  for (;; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) break;
  }
  return std::clamp(midpoint(bucket), static_cast<double>(min_), static_cast<double>(max_));
}

std::uint64_t Histogram::count_at_or_below(std::int64_t value) const noexcept {
  if (count_ == 0 || value < min_) return 0;
  if (value >= max_) return count_;
  std::uint64_t seen = 0;
  for (std::size_t i = first_touched(); i < last_touched(); ++i) {
    if (std::floor(midpoint(i)) > static_cast<double>(value)) break;
    seen += buckets_[i];
  }
  return seen;
}

std::span<const std::uint64_t> Histogram::buckets() const noexcept {
  return {buckets_.get(), kBuckets};
}

}  // namespace gend::stats
