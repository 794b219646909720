#include "engine/arrivals.h"

#include <cmath>

namespace gend::engine {
namespace {

// Beside the users' own streams (shard.h), which begin at (scenario << 40).
std::uint64_t arrival_stream(std::uint32_t scenario_index) {
  return (std::uint64_t{1} << 63) + scenario_index;
}

Curve curve_of(const plan::Scenario& scenario) {
  if (!scenario.open_model || scenario.executor == plan::Executor::kExternallyControlled)
    return Curve{0, {}};
  return Curve{scenario.start, scenario.stages};
}

}  // namespace

Arrivals::Arrivals(const plan::Scenario& scenario, std::uint64_t seed,
                   std::uint32_t scenario_index)
    : pacer_{curve_of(scenario)},
      how_{scenario.arrivals},
      controlled_{scenario.executor == plan::Executor::kExternallyControlled},
      seed_{seed},
      stream_{arrival_stream(scenario_index)} {
  if (controlled_ && scenario.open_model) change_rate(Duration{}, scenario.start);
}

void Arrivals::change_rate(Duration at, double per_second) {
  std::uint64_t first = 0;
  if (!changes_.empty()) {
    const Change& last = changes_.back();
    const double passed = to_seconds(at - last.from) * last.per_second;
    // Arrival n of a stretch is due n / rate after its beginning: those before `at` are its own.
    first = last.first + static_cast<std::uint64_t>(std::ceil(std::max(passed, 0.0) - 1e-9));
  }
  changes_.push_back({at, per_second, first});
}

std::optional<Duration> Arrivals::due_when_controlled(std::uint64_t number) const {
  for (std::size_t i = changes_.size(); i > 0; --i) {
    const Change& change = changes_[i - 1];
    if (number < change.first) continue;
    if (change.per_second <= 0) return std::nullopt;
    const double seconds = static_cast<double>(number - change.first) / change.per_second;
    return change.from + Duration{static_cast<std::int64_t>(seconds * 1e9)};
  }
  return std::nullopt;
}

ArrivalCursor::ArrivalCursor(const Arrivals& arrivals, Share share)
    : arrivals_{&arrivals},
      share_{share},
      number_{share.index},
      rng_{Rng::for_stream(arrivals.seed_, arrivals.stream_)} {
  if (arrivals.how_ == plan::Arrivals::kPoisson) draw();
  due_ = compute();
}

void ArrivalCursor::draw() {
  while (drawn_ <= number_) {
    drawn_area_ += -std::log(1.0 - rng_.unit());
    ++drawn_;
  }
}

std::optional<Duration> ArrivalCursor::compute() const {
  if (arrivals_->controlled_) return std::nullopt;
  if (arrivals_->how_ == plan::Arrivals::kPoisson)
    return arrivals_->pacer_.due_after(static_cast<long double>(drawn_area_));
  if (number_ >= arrivals_->pacer_.total()) return std::nullopt;
  return arrivals_->pacer_.due(number_);
}

void ArrivalCursor::advance() {
  number_ += share_.count;
  if (arrivals_->controlled_) return;
  if (arrivals_->how_ == plan::Arrivals::kPoisson) draw();
  due_ = compute();
}

}  // namespace gend::engine
