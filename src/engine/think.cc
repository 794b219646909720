#include "engine/think.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gend::engine {
namespace {

Duration scaled(Duration d, double factor) {
  return Duration{static_cast<std::int64_t>(std::llround(static_cast<double>(d.count()) * factor))};
}

// Box and Muller; one of the two values is enough here.
double standard_normal(Rng& rng) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - rng.unit()));
  return radius * std::cos(2.0 * std::numbers::pi * rng.unit());
}

}  // namespace

Duration think_time(const plan::Think& think, Rng& rng) {
  switch (think.kind) {
    case plan::ThinkKind::kFixed: return think.a;
    case plan::ThinkKind::kUniform: return think.a + scaled(think.b - think.a, rng.unit());
    case plan::ThinkKind::kExponential: return scaled(think.a, -std::log(1.0 - rng.unit()));
    case plan::ThinkKind::kNormal:
      return std::max(think.a + scaled(think.b, standard_normal(rng)), Duration::zero());
  }
  return think.a;
}

}  // namespace gend::engine
