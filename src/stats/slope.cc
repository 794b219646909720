#include "stats/slope.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/assert.h"
#include "stats/dependence.h"
#include "stats/student.h"

namespace gend::stats {
namespace {

// Of a vector that may be reordered.
double median_of(std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(half);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::vector<double> slopes_between(std::span<const Point> points) {
  std::vector<double> slopes;
  slopes.reserve(points.size() * (points.size() - 1) / 2);
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j)
      slopes.push_back((points[j].value - points[i].value) / (points[j].at - points[i].at));
  std::ranges::sort(slopes);
  return slopes;
}

// From 1; equal values share the mean of their places.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t j = i; j < end; ++j)
      ranks[order[j]] = (static_cast<double>(i + end) + 1) / 2;
    i = end;
  }
  return ranks;
}

// The variance of Kendall's S of independent values, of which some may be equal.
double variance_of_s(std::vector<double> values) {
  const auto part = [](double n) { return n * (n - 1) * (2 * n + 5) / 18; };
  std::ranges::sort(values);
  double variance = part(static_cast<double>(values.size()));
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i;
    while (end < values.size() && values[end] == values[i]) ++end;
    variance -= part(static_cast<double>(end - i));
    i = end;
  }
  return std::max(variance, 0.0);
}

double at_place(const std::vector<double>& sorted, double place) {
  const double last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::clamp(place, 0.0, last))];
}

}  // namespace

std::optional<Slope> slope_of(std::span<const Point> points, double confidence) {
  GEND_ASSERT(points.size() <= kSlopePointsMost && confidence > 0 && confidence < 1);
  if (points.size() < kSlopePointsFewest) return std::nullopt;
  auto slopes = slopes_between(points);
  const std::size_t n = slopes.size();
  Slope result{.points = points.size()};
  result.per_unit = n % 2 == 1 ? slopes[n / 2] : (slopes[n / 2 - 1] + slopes[n / 2]) / 2;
  std::vector<double> values, rest;
  for (const Point& point : points) {
    values.push_back(point.value);
    rest.push_back(point.value - result.per_unit * (point.at - points.front().at));
  }
  const double inflation = dependence_of(ranks_of(rest)).inflation;
  const double width =
      normal_quantile((1 + confidence) / 2) * std::sqrt(variance_of_s(values) * inflation);
  const double pairs = static_cast<double>(n);
  result.low = at_place(slopes, std::floor((pairs - width) / 2) - 1);
  result.high = at_place(slopes, std::ceil((pairs + width) / 2));
  result.length = points.back().at - points.front().at;
  result.begin = median_of(rest);
  result.end = result.begin + result.per_unit * result.length;
  return result;
}

}  // namespace gend::stats
