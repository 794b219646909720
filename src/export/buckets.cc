#include "export/buckets.h"

#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gend::exporter {
namespace {

struct Bound {
  std::string le;      // in the form the specification calls canonical
  std::int64_t upto;  // the largest number of ticks that counts
};

// "0.5", "1.0", "1.4142135623730951": the shortest text that is the number again, with a point.
std::string canonical(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// 2^(first / steps) to 2^(last / steps).
std::vector<Bound> bounds_of(int first, int last, int steps, stats::Contains contains) {
  std::vector<Bound> bounds;
  const bool time = contains == stats::Contains::kTime;
  for (int i = first; i <= last; ++i) {
    const double value = std::exp2(static_cast<double>(i) / steps);
    const auto ticks = static_cast<std::int64_t>(value * ticks_of_one(contains));
    // Whole numbers lie on the bounds themselves: their bucket belongs to those below, all of it.
    bounds.push_back({canonical(value),
                      time ? ticks
                           : stats::Histogram::lower_bound(stats::Histogram::bucket_of(ticks) + 1) -
                                 1});
  }
  return bounds;
}

const std::vector<Bound>& bounds_for(stats::Contains contains) {
  static const std::vector<Bound> times = bounds_of(-22, 12, 2, stats::Contains::kTime);
  static const std::vector<Bound> values = bounds_of(-10, 19, 1, stats::Contains::kDefault);
  return contains == stats::Contains::kTime ? times : values;
}

}  // namespace

double ticks_of_one(stats::Contains contains) {
  return contains == stats::Contains::kTime ? 1e9 : 1e6;
}

void write_buckets(Exposition& out, const Exposition::Labels& labels,
                   const stats::Histogram& trend, stats::Contains contains) {
  Exposition::Labels all = labels;
  all.emplace_back("le", "");
  for (const Bound& bound : bounds_for(contains)) {
    all.back().second = bound.le;
    out.sample("_bucket", all, trend.count_at_or_below(bound.upto));
  }
  all.back().second = "+Inf";
  out.sample("_bucket", all, trend.count());
  out.sample("_sum", labels, trend.sum() / ticks_of_one(contains));
  out.sample("_count", labels, trend.count());
}

}  // namespace gend::exporter
