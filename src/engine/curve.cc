#include "engine/curve.h"

#include <algorithm>

namespace gend::engine {

Curve::Curve(double start, const std::vector<plan::Stage>& stages) : start_{start} {
  double level = start;
  for (const plan::Stage& stage : stages) {
    if (stage.duration > Duration::zero()) {
      segments_.push_back({length_, length_ + stage.duration, level, stage.target, area_});
      // Exact for whole numbers: the product stays below 2^64, the mantissa of a long double.
      area_ += (static_cast<long double>(level) + static_cast<long double>(stage.target)) *
               static_cast<long double>(stage.duration.count());
      length_ += stage.duration;
    }
    level = stage.target;
  }
}

double Curve::value_at(Duration t) const {
  for (const Segment& s : segments_) {
    if (t < s.from || t >= s.to) continue;
    const double share =
        static_cast<double>((t - s.from).count()) / static_cast<double>((s.to - s.from).count());
    return s.at_from + (s.at_to - s.at_from) * share;
  }
  return 0;
}

double Curve::peak() const {
  double highest = segments_.empty() ? start_ : 0;
  for (const Segment& s : segments_) highest = std::max({highest, s.at_from, s.at_to});
  return highest;
}

}  // namespace gend::engine
