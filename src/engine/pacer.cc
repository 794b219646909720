#include "engine/pacer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.h"

namespace gend::engine {
namespace {

// Curve keeps areas in halves of value x nanosecond: this many of them make one arrival.
constexpr long double kAreaOfOne = 2e9L;

// A scaled rate (0.1 x 21) is not exact in binary; a surplus of less than this is rounding.
constexpr long double kRounding = 1e-6L;

}  // namespace

Pacer::Pacer(Curve rate) : rate_{std::move(rate)} {
  const long double arrivals = rate_.area() / kAreaOfOne;
  const long double whole = std::floor(arrivals);
  total_ = static_cast<std::uint64_t>(whole) + (arrivals - whole > kRounding ? 1 : 0);
}

Duration Pacer::due(std::uint64_t n) const {
  GEND_ASSERT(n < total_);
  return offset_of(static_cast<long double>(n) * kAreaOfOne);
}

std::optional<Duration> Pacer::due_after(long double arrivals) const {
  const long double wanted = arrivals * kAreaOfOne;
  if (wanted >= rate_.area()) return std::nullopt;
  return offset_of(wanted);
}

// The moment at which the integral of the rate reaches `wanted`, which is less than all of it.
Duration Pacer::offset_of(long double wanted) const {
  const auto& segments = rate_.segments();
  // The last segment that begins at or below the wanted area...
  auto segment = std::upper_bound(
      segments.begin(), segments.end(), wanted,
      [](long double area, const Curve::Segment& s) { return area < s.area_before; });
  --segment;
  const long double length = static_cast<long double>((segment->to - segment->from).count());
  const long double b = static_cast<long double>(segment->at_from);
  const long double slope = (static_cast<long double>(segment->at_to) - b) / length;
  const long double rest = wanted - segment->area_before;
  // ...and in it the smaller root of slope x^2 + 2 b x = rest, in the form that loses no digits.
  const long double root =
      slope == 0 ? b : std::sqrt(std::max(b * b + slope * rest, 0.0L));  // asked for every arrival
  const long double x = rest <= 0 ? 0 : rest / (b + root);
  const auto offset = static_cast<std::int64_t>(std::floor(std::min(x, length)));
  return segment->from + Duration{offset};
}

std::uint64_t Pacer::count_due(Duration t) const {
  if (t < Duration::zero()) return 0;
  std::uint64_t low = 0, high = total_;  // due() rises with n
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (due(middle) <= t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace gend::engine
