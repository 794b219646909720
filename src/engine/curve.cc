#include "engine/curve.h"

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

}  // namespace gend::engine
