#include "stats/recorder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "stats/frame.h"

namespace gend::stats {

namespace {

// Levels may be as large as their type (bytes of a host, in millionths): their sum stays in it.
std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t out = 0;
  if (!__builtin_add_overflow(a, b, &out)) return out;
  return a < 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

void Gauge::sample(std::int64_t level) noexcept {
  min = set ? std::min(min, level) : level;
  max = set ? std::max(max, level) : level;
  value = level;
  set = true;
  carried = false;
}

void Gauge::add_shard(const Gauge& other) noexcept {
  if (!other.set) return;
  if (!set || carried) {
    *this = other;
    carried = false;
    return;
  }
  value = sum(value, other.value);
  min = sum(min, other.min);
  max = sum(max, other.max);
}

void Gauge::add_interval(const Gauge& later) noexcept {
  if (!later.set) return;
  if (!set || carried) {
    *this = later;
    carried = false;
    return;
  }
  value = later.value;
  min = std::min(min, later.min);
  max = std::max(max, later.max);
}

void Gauge::take_latest(const Gauge& other) noexcept {
  if (!other.carried) add_interval(other);
}

Recorder::Recorder(const Schema& schema)
    : trends_(schema.slots(Kind::kTrend)),
      counters_(schema.slots(Kind::kCounter)),
      rates_(schema.slots(Kind::kRate)),
      gauges_(schema.slots(Kind::kGauge)),
      tallies_(schema.slots(Kind::kTally)),
      gauge_groups_{schema.gauge_groups()},
      gauge_levels_{schema.gauge_levels()} {
  const auto last = std::ranges::max_element(gauge_groups_);
  levels_.resize(last == gauge_groups_.end() ? 0 : *last + 1);
}

void Recorder::custom(Kind kind, std::uint32_t slot, double value) noexcept {
  if (!std::isfinite(value)) return;
  constexpr auto kMost = static_cast<double>(Histogram::kMaxValue);
  const std::int64_t units = std::llround(std::clamp(value * 1e6, -kMost, kMost));
  switch (kind) {
    case Kind::kCounter:
      counters_[slot] += static_cast<std::uint64_t>(std::max<std::int64_t>(units, 0));
      return;
    case Kind::kGauge: gauges_[slot].sample(units); return;
    case Kind::kRate: rate(slot, value != 0); return;
    case Kind::kTrend: trend_ticks(slot, units); return;
    case Kind::kTally: return;  // no metric of a plan is one
  }
}

void Recorder::merge(const Recorder& other, Over over) noexcept {
  GEND_ASSERT(trends_.size() == other.trends_.size() && gauges_.size() == other.gauges_.size() &&
              counters_.size() == other.counters_.size() && rates_.size() == other.rates_.size() &&
              tallies_.size() == other.tallies_.size());
  for (std::size_t i = 0; i < trends_.size(); ++i) trends_[i].merge(other.trends_[i]);
  for (std::size_t i = 0; i < counters_.size(); ++i) counters_[i] += other.counters_[i];
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    rates_[i].hits += other.rates_[i].hits;
    rates_[i].total += other.rates_[i].total;
  }
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    if (!other.tallies_[i].touched) continue;
    tallies_[i].touched = true;
    for (std::size_t key = 0; key < Tally::kKeys; ++key)
      tallies_[i].counts[key] += other.tallies_[i].counts[key];
  }
  merge_gauges(other.gauges_, over);
  // A recorder that was never given an interval has from == to.
  if (other.from != other.to) {
    from = from == to ? other.from : std::min(from, other.from);
    to = std::max(to, other.to);
  }
}

// The sum of the metric's series at the end of an interval.
Gauge Recorder::level_of(std::uint32_t group, const std::vector<Gauge>& gauges) const noexcept {
  Gauge level;
  for (std::size_t i = 0; i < gauges.size(); ++i)
    if (gauge_groups_[i] == group && gauges[i].set) level.sample(sum(level.value, gauges[i].value));
  return level;
}

void Recorder::merge(const Frame& later) noexcept {
  for (const Frame::Trend& at : later.trends) trends_[at.slot].merge(at.slice);
  for (const Frame::Count& at : later.counts) counters_[at.slot] += at.n;
  for (const Frame::RateAt& at : later.rates) share(at.slot, at.rate.hits, at.rate.total);
  for (const Frame::TallyAt& at : later.tallies) {
    tallies_[at.slot].touched = true;
    for (const auto& [key, n] : at.keys) tallies_[at.slot].counts[key] += n;
  }
  std::vector<Gauge> gauges(gauges_.size());
  for (const Frame::GaugeAt& at : later.gauges) gauges[at.slot] = at.gauge;
  merge_gauges(gauges, Over::kIntervals);
}

void Recorder::merge_gauges(const std::vector<Gauge>& other, Over over) noexcept {
  for (std::size_t i = 0; i < gauges_.size(); ++i) {
    if (gauge_levels_[i] == Levels::kLatest) gauges_[i].take_latest(other[i]);
    else if (over == Over::kShards) gauges_[i].add_shard(other[i]);
    else gauges_[i].add_interval(other[i]);
  }
  switch (over) {
    case Over::kShards: return;
    case Over::kIntervals:
      for (std::uint32_t group = 0; group < levels_.size(); ++group) {
        const Gauge level = level_of(group, other);
        if (level.set) levels_[group].sample(level.value);
      }
      return;
  }
}

void Recorder::clear() noexcept {
  for (auto& trend : trends_) trend.clear();
  std::ranges::fill(counters_, 0);
  std::ranges::fill(rates_, Rate{});
  for (auto& tally : tallies_)
    if (tally.touched) tally = Tally{};
  for (auto& gauge : gauges_) {
    gauge.min = gauge.max = gauge.value;
    gauge.carried = gauge.set;
  }
  std::ranges::fill(levels_, Gauge{});
  from = to = TimePoint{};
}

void Recorder::carry_gauges(const Recorder& previous) noexcept {
  GEND_ASSERT(gauges_.size() == previous.gauges_.size());
  for (std::size_t i = 0; i < gauges_.size(); ++i) {
    const Gauge& before = previous.gauges_[i];
    if (!before.set) continue;
    gauges_[i] = {.value = before.value, .min = before.value, .max = before.value, .set = true};
  }
}

}  // namespace gend::stats
