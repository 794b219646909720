#include "stats/student.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"

namespace gend::stats {
namespace {

// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's
// method. Converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double x, double a, double b) {
  constexpr double kTiny = std::numeric_limits<double>::min();
  const auto safe = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / safe(1 - (a + b) * x / (a + 1));
  double result = d;
  for (int i = 1; i <= 500; ++i) {
    const double m = i;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    result *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    result *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

// The regularised incomplete beta function I_x(a, b).
double beta_share(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(1 - x, b, a) / b;
}

// The probability of less than t >= 0.
double student_below(double t, double freedom) {
  return 1 - 0.5 * beta_share(freedom / (freedom + t * t), freedom / 2, 0.5);
}

// Where a rising function of [0, inf) reaches `probability`: 200 halvings end at neighbours.
template <typename Below>
double find(double probability, Below below) {
  double low = 0, high = 1;
  while (below(high) < probability && high < 1e300) high *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (below(middle) < probability ? low : high) = middle;
  }
  return high;
}

}  // namespace

double normal_quantile(double probability) {
  GEND_ASSERT(probability > 0 && probability < 1);
  if (probability < 0.5) return -normal_quantile(1 - probability);
  if (probability == 0.5) return 0;
  return find(probability, [](double z) { return 1 - 0.5 * std::erfc(z / std::sqrt(2.0)); });
}

double student_quantile(double probability, double freedom) {
  GEND_ASSERT(probability > 0 && probability < 1 && freedom > 0);
  if (probability < 0.5) return -student_quantile(1 - probability, freedom);
  if (probability == 0.5) return 0;
  return find(probability, [&](double t) { return student_below(t, freedom); });
}

}  // namespace gend::stats
