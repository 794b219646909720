#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace gend::stats {

struct Point {
  double at = 0, value = 0;
};

// How a level changes: the median of the slopes between all pairs of points (Theil, Sen), which one
// point in four may contradict without moving it much.
struct Slope {
  double per_unit = 0;         // of `at`
  double low = 0, high = 0;    // where the slope is, as sure as was asked
  double begin = 0, end = 0;   // the level at the first and at the last point, as the slope has it
  double length = 0;           // from the first point to the last
  std::size_t points = 0;
};

// The fewest points that say anything of a slope, and the most that are taken: the cost of slope_of
// grows with their square.
inline constexpr std::size_t kSlopePointsFewest = 12, kSlopePointsMost = 512;

// The interval is Sen's (1968), from the distribution of Kendall's S with its correction for ties;
// the variance of S is multiplied by what the resemblance of neighbours makes of it (dependence.h,
// of the ranks of what is left of the points without the slope, as Hamed and Rao 1998 do).
// `points` in order of `at`, no two at the same. Nothing with fewer than kSlopePointsFewest.
// `confidence` in (0, 1): 0.95.
std::optional<Slope> slope_of(std::span<const Point> points, double confidence);

}  // namespace gend::stats
