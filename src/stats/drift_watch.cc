#include "stats/drift_watch.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.h"

namespace gend::stats {
namespace {

double hours(Duration d) { return to_seconds(d) / 3600; }

// Beyond the limit for certain: even the end of the interval that speaks best for it.
bool surely_fails(const Assertion& assertion, double low, double high) {
  switch (assertion.comparison) {
    case Comparison::kLess: return low >= assertion.limit;
    case Comparison::kLessEqual: return low > assertion.limit;
    case Comparison::kGreater: return high <= assertion.limit;
    case Comparison::kGreaterEqual: return high < assertion.limit;
    case Comparison::kEqual:
    case Comparison::kNotEqual: return false;  // the parser takes none
  }
  GEND_ASSERT(!"a comparison is one of six");
}

}  // namespace

DriftWatch::DriftWatch(const Threshold& threshold) : threshold_{threshold} {
  begin_ = threshold.steady_from + (threshold.steady_to - threshold.steady_from) / kWarmUpPart;
  cells_.reserve(kCellsMost);
  result_.threshold = &threshold;
}

void DriftWatch::add(const Selected& found, Duration from, Duration to) {
  if (from < begin_ || to > threshold_.steady_to || to <= from) return;
  metric_ = found.metric;
  if (cells_.empty() || cells_.back().to - cells_.back().from >= width_) {
    if (cells_.size() == kCellsMost) join_cells();
    cells_.push_back({.from = from, .to = from, .sum = 0, .weight = 0, .trend = {}});
  }
  Cell seen{.from = from, .to = to, .sum = 0, .weight = 0, .trend = found.trend.slice()};
  if (found.metric != nullptr) {
    switch (found.metric->kind) {
      case Kind::kTrend: break;
      case Kind::kCounter:
      case Kind::kTally:
        seen.sum = static_cast<double>(found.count);
        seen.weight = to_seconds(to - from);
        break;
      case Kind::kRate:
        seen.sum = static_cast<double>(found.rate.hits);
        seen.weight = static_cast<double>(found.rate.total);
        break;
      case Kind::kGauge:
        seen.sum = static_cast<double>(found.gauge.value);
        seen.weight = found.gauge.set ? 1 : 0;
        break;
    }
  }
  cells_.back() = joined(std::move(cells_.back()), std::move(seen));
  if (cells_.back().to - cells_.back().from >= width_) judge();
}

DriftWatch::Cell DriftWatch::joined(Cell first, Cell second) {
  first.to = second.to;
  first.sum += second.sum;
  first.weight += second.weight;
  if (first.trend.count == 0) {
    first.trend = std::move(second.trend);
  } else if (second.trend.count > 0) {
    Histogram both;
    both.merge(first.trend);
    both.merge(second.trend);
    first.trend = both.slice();
  }
  return first;
}

void DriftWatch::join_cells() {
  const std::size_t pairs = cells_.size() / 2;
  for (std::size_t i = 0; i < pairs; ++i)
    cells_[i] = joined(std::move(cells_[2 * i]), std::move(cells_[2 * i + 1]));
  cells_.resize(pairs);
  width_ *= 2;
}

// In the metric's unit; nothing where nothing was measured.
std::optional<double> DriftWatch::value_of(const Cell& cell) const {
  const Assertion& assertion = threshold_.assertion;
  const double units = units_of(*metric_);
  if (metric_->kind != Kind::kTrend) {
    if (cell.weight <= 0) return std::nullopt;
    return cell.sum / cell.weight / units;
  }
  if (cell.trend.count == 0) return std::nullopt;
  Selected selected{.metric = metric_, .series = 1, .trend = {}, .count = 0, .rate = {},
                    .gauge = {}};
  selected.trend.merge(cell.trend);
  return aggregate(selected, assertion, cell.to - cell.from);
}

void DriftWatch::judge() {
  result_.seen = cells_.back().to - begin_;
  const double share =
      to_seconds(result_.seen) / to_seconds(threshold_.steady_to - begin_);
  if (metric_ == nullptr || share < kShareSeen) return;
  std::vector<Point> points;
  for (const Cell& cell : cells_)
    if (const auto value = value_of(cell))
      points.push_back({hours(cell.from + (cell.to - cell.from) / 2), *value});
  if (const auto slope = slope_of(points, kConfidence)) conclude(*slope);
}

void DriftWatch::conclude(const Slope& slope) {
  const Assertion& assertion = threshold_.assertion;
  double scale = 1;  // of an hour's growth
  if (assertion.judging == Judging::kDrift) {
    const bool is_share = metric_->kind == Kind::kRate;
    // Of a level that is zero or below there are no shares.
    if (!is_share && slope.begin <= 0) return;
    scale = slope.length / (is_share ? 1 : slope.begin);
  }
  result_.has_data = result_.has_interval = true;
  result_.value = slope.per_unit * scale;
  result_.low = slope.low * scale;
  result_.high = slope.high * scale;
  result_.ok = !surely_fails(assertion, result_.low, result_.high);
}

}  // namespace gend::stats
