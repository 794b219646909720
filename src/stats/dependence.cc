#include "stats/dependence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace gend::stats {
namespace {

constexpr std::size_t kFewest = 8;

// Autocovariances at the lags 0 to `lags`, with the divisor n that keeps their spectrum positive.
std::vector<double> covariances_of(std::span<const double> series, std::size_t lags) {
  const double n = static_cast<double>(series.size());
  const double mean = std::accumulate(series.begin(), series.end(), 0.0) / n;
  std::vector<double> result(lags + 1);
  for (std::size_t lag = 0; lag <= lags; ++lag) {
    double sum = 0;
    for (std::size_t i = lag; i < series.size(); ++i)
      sum += (series[i] - mean) * (series[i - lag] - mean);
    result[lag] = sum / n;
  }
  return result;
}

// The lag from which on `run` correlations in a row are within what chance makes of none.
std::size_t last_resembling(const std::vector<double>& covariances, std::size_t run, double limit) {
  std::size_t last = 1, quiet = 0;
  for (std::size_t lag = 1; lag < covariances.size(); ++lag) {
    const bool resembles = std::abs(covariances[lag]) > limit * covariances[0];
    quiet = resembles ? 0 : quiet + 1;
    if (resembles) last = lag;
    if (quiet == run) break;
  }
  return last;
}

// Flat up to one half, then falling to zero at one.
double flat_top(double t) {
  return t <= 0.5 ? 1 : std::max(0.0, 2 * (1 - t));
}

}  // namespace

Dependence dependence_of(std::span<const double> series) {
  if (series.size() < kFewest) return {};
  const double n = static_cast<double>(series.size());
  const auto run = static_cast<std::size_t>(std::max(5.0, std::ceil(std::sqrt(std::log10(n)))));
  const auto most = std::min(series.size() - 1,
                             static_cast<std::size_t>(std::ceil(std::sqrt(n))) + run);
  const auto covariances = covariances_of(series, most);
  if (!(covariances[0] > 0)) return {};
  const double limit = 2 * std::sqrt(std::log10(n) / n);
  const std::size_t reach = std::min(most, 2 * last_resembling(covariances, run, limit));
  double spectrum = covariances[0], slope = 0;  // at frequency 0
  for (std::size_t lag = 1; lag <= reach; ++lag) {
    const double weight = flat_top(static_cast<double>(lag) / static_cast<double>(reach));
    spectrum += 2 * weight * covariances[lag];
    slope += 2 * weight * static_cast<double>(lag) * covariances[lag];
  }
  if (spectrum <= covariances[0]) return {};
  const double optimum =
      std::cbrt(2 * slope * slope / (4.0 / 3.0 * spectrum * spectrum)) * std::cbrt(n);
  const double longest = std::ceil(std::min(3 * std::sqrt(n), n / 3));
  return {.block = std::clamp(optimum, 1.0, longest), .inflation = spectrum / covariances[0]};
}

}  // namespace gend::stats
