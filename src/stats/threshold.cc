#include "stats/threshold.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace gend::stats {
namespace {

// The tags of a selector, taken apart: those that a series must have, and those inside tallies.
struct Filter {
  Tags series_tags;
  const std::string* status = nullptr;
  const std::string* error = nullptr;

  Filter(const Tags& tags, Kind kind) {
    for (const auto& tag : tags) {
      if (kind == Kind::kTally && tag.first == "status") status = &tag.second;
      else if (kind == Kind::kTally && tag.first == "error") error = &tag.second;
      else series_tags.push_back(tag);
    }
  }
  // A facet is seen only by those who name it: the sum of everything must not count it again.
  bool matches(const Series& series) const {
    const auto of_facet = [&](const auto& tag) { return is_facet_tag(tag.first); };
    if (series.facet && std::ranges::none_of(series_tags, of_facet)) return false;
    return std::ranges::all_of(series_tags, [&](const auto& tag) {
      return std::ranges::find(series.tags, tag) != series.tags.end();
    });
  }
  bool matches_key(std::size_t key) const {
    if (status != nullptr) {
      const int number = status_of_key(key);
      if (number == 0 || fmt::format_int(number).str() != *status) return false;
    }
    return error == nullptr || error_tag_of_key(key) == *error || error_name_of_key(key) == *error;
  }
};

std::uint64_t count_in(const Tally& tally, const Filter& filter) {
  if (!tally.touched) return 0;
  std::uint64_t count = 0;
  for (std::size_t key = 0; key < Tally::kKeys; ++key)
    if (tally.counts[key] != 0 && filter.matches_key(key)) count += tally.counts[key];
  return count;
}

void add_series(Selected& into, const Series& series, const Recorder& recorder,
                const Filter& filter, Levels levels) {
  switch (series.kind) {
    case Kind::kCounter: into.count += recorder.counter_at(series.slot); return;
    case Kind::kTally: into.count += count_in(recorder.tally_at(series.slot), filter); return;
    case Kind::kTrend: into.trend.merge(recorder.trend_at(series.slot)); return;
    case Kind::kGauge:
      if (levels == Levels::kLatest) into.gauge.take_latest(recorder.gauge_at(series.slot));
      else into.gauge.add_shard(recorder.gauge_at(series.slot));
      return;
    case Kind::kRate:
      into.rate.hits += recorder.rate_at(series.slot).hits;
      into.rate.total += recorder.rate_at(series.slot).total;
      return;
  }
}

// The extremes of a whole gauge metric. The sum of its series' maxima may never have been reached
// (two scenarios, one after the other), so the level followed over the intervals holds; it is
// sampled once an interval, so a single series that was seen higher in between holds as well.
void correct_extremes(Selected& into, const Schema& schema, const Recorder& recorder) {
  std::int64_t highest = 0;
  const Gauge* level = nullptr;
  for (const Series& series : schema.series()) {
    if (series.kind != Kind::kGauge || series.metric != into.metric->name) continue;
    if (schema.gauge_levels()[series.slot] == Levels::kLatest) return;
    level = &recorder.gauge_level(schema.gauge_groups()[series.slot]);
    highest = std::max(highest, recorder.gauge_at(series.slot).max);
  }
  if (into.series < 2 || level == nullptr || !level->set) return;
  into.gauge.min = level->min;
  into.gauge.max = std::min(into.gauge.max, std::max(level->max, highest));
}

bool holds(double value, const Assertion& assertion) {
  switch (assertion.comparison) {
    case Comparison::kLess: return value < assertion.limit;
    case Comparison::kLessEqual: return value <= assertion.limit;
    case Comparison::kGreater: return value > assertion.limit;
    case Comparison::kGreaterEqual: return value >= assertion.limit;
    case Comparison::kEqual: return value == assertion.limit;
    case Comparison::kNotEqual: return value != assertion.limit;
  }
  GEND_ASSERT(!"a comparison is one of six");
}

std::string_view fitting_aggregations(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
    case Kind::kTally: return "count, rate";
    case Kind::kGauge: return "value";
    case Kind::kRate: return "rate";
    case Kind::kTrend: return "avg, min, max, med, p(N)";
  }
  GEND_ASSERT(!"a kind has aggregations");
}

bool fits(Aggregation aggregation, Kind kind) {
  switch (aggregation) {
    case Aggregation::kCount: return kind == Kind::kCounter || kind == Kind::kTally;
    case Aggregation::kRate:
      return kind == Kind::kCounter || kind == Kind::kTally || kind == Kind::kRate;
    case Aggregation::kValue: return kind == Kind::kGauge;
    case Aggregation::kAvg:
    case Aggregation::kMin:
    case Aggregation::kMax:
    case Aggregation::kMed:
    case Aggregation::kPercentile: return kind == Kind::kTrend;
  }
  GEND_ASSERT(!"an aggregation fits a kind or does not");
}

double rate_of(const Selected& selected, Duration elapsed) {
  if (selected.metric->kind == Kind::kRate) {
    const Rate& rate = selected.rate;
    return rate.total == 0 ? 0 : static_cast<double>(rate.hits) / static_cast<double>(rate.total);
  }
  if (elapsed <= Duration::zero()) return 0;
  return static_cast<double>(selected.count) / units_of(*selected.metric) / to_seconds(elapsed);
}

}  // namespace

std::expected<void, ThresholdError> check_aggregation(const Assertion& assertion, Kind kind) {
  if (assertion.judging == Judging::kLeak && kind != Kind::kGauge)
    return std::unexpected{ThresholdError{
        fmt::format("leak is the growth of a gauge, and this is a {} metric; expected drift(…), or "
                    "a gauge such as gen_memory", name_of(kind)), 0}};
  if (assertion.judging == Judging::kDrift && assertion.aggregation == Aggregation::kCount)
    return std::unexpected{ThresholdError{
        "a count always grows; expected drift(rate), how many there are in a second", 0}};
  if (fits(assertion.aggregation, kind)) return {};
  return std::unexpected{ThresholdError{
      fmt::format("{} does not fit a {} metric, expected one of: {}", text_of(assertion),
                  name_of(kind), fitting_aggregations(kind)),
      0}};
}

Selected select(const Schema& schema, const Recorder& recorder, const Selector& selector) {
  Selected result;
  result.metric = schema.find(selector.metric);
  if (result.metric == nullptr) return result;
  const Filter filter{selector.tags, result.metric->kind};
  for (const Series& series : schema.series()) {
    if (series.metric != selector.metric || !filter.matches(series)) continue;
    ++result.series;
    const Levels levels =
        series.kind == Kind::kGauge ? schema.gauge_levels()[series.slot] : Levels::kAdd;
    add_series(result, series, recorder, filter, levels);
  }
  if (result.metric->kind == Kind::kGauge && filter.series_tags.empty())
    correct_extremes(result, schema, recorder);
  return result;
}

std::vector<const Series*> series_of(const Schema& schema, const Selector& selector) {
  std::vector<const Series*> found;
  const Metric* metric = schema.find(selector.metric);
  if (metric == nullptr) return found;
  const Filter filter{selector.tags, metric->kind};
  for (const Series& series : schema.series())
    if (series.metric == selector.metric && filter.matches(series)) found.push_back(&series);
  return found;
}

bool names_key(const Selector& selector, std::size_t key) {
  return Filter{selector.tags, Kind::kTally}.matches_key(key);
}

bool has_samples(const Selected& selected) {
  if (selected.metric == nullptr || selected.series == 0) return false;
  switch (selected.metric->kind) {
    case Kind::kCounter:
    case Kind::kTally: return selected.count > 0;
    case Kind::kGauge: return selected.gauge.set;
    case Kind::kRate: return selected.rate.total > 0;
    case Kind::kTrend: return selected.trend.count() > 0;
  }
  GEND_ASSERT(!"a kind has samples or none");
}

double aggregate(const Selected& selected, const Assertion& assertion, Duration elapsed) {
  if (selected.metric == nullptr) return 0;
  const Histogram& trend = selected.trend;
  const double units = units_of(*selected.metric);
  switch (assertion.aggregation) {
    case Aggregation::kCount: return static_cast<double>(selected.count) / units;
    case Aggregation::kRate: return rate_of(selected, elapsed);
    case Aggregation::kValue: return static_cast<double>(selected.gauge.value) / units;
    case Aggregation::kAvg: return trend.mean() / units;
    case Aggregation::kMin: return static_cast<double>(trend.min()) / units;
    case Aggregation::kMax: return static_cast<double>(trend.max()) / units;
    case Aggregation::kMed: return trend.percentile(50) / units;
    case Aggregation::kPercentile: return trend.percentile(assertion.percentile) / units;
  }
  GEND_ASSERT(!"an aggregation is one of eight");
}

namespace {

std::string aggregation_text(const Assertion& assertion) {
  switch (assertion.aggregation) {
    case Aggregation::kCount: return "count";
    case Aggregation::kRate: return "rate";
    case Aggregation::kValue: return "value";
    case Aggregation::kAvg: return "avg";
    case Aggregation::kMin: return "min";
    case Aggregation::kMax: return "max";
    case Aggregation::kMed: return "med";
    case Aggregation::kPercentile: return fmt::format("p({})", assertion.percentile);
  }
  GEND_ASSERT(!"an aggregation has a name");
}

}  // namespace

std::string text_of(const Assertion& assertion) {
  switch (assertion.judging) {
    case Judging::kLevel: return aggregation_text(assertion);
    case Judging::kDrift: return fmt::format("drift({})", aggregation_text(assertion));
    case Judging::kLeak: return "leak";
  }
  GEND_ASSERT(!"an assertion judges one of three");
}

ThresholdResult evaluate(const Threshold& threshold, const Schema& schema, const Recorder& recorder,
                         Duration elapsed) {
  return compare(threshold, select(schema, recorder, threshold.parsed), elapsed);
}

ThresholdResult compare(const Threshold& threshold, const Selected& selected, Duration elapsed) {
  // A change takes a series: drift_watch.h.
  if (threshold.assertion.judging != Judging::kLevel) return {.threshold = &threshold};
  ThresholdResult result{.threshold = &threshold, .ok = true, .has_data = has_samples(selected),
                         .value = aggregate(selected, threshold.assertion, elapsed)};
  const bool counts = selected.series > 0 && (selected.metric->kind == Kind::kCounter ||
                                              selected.metric->kind == Kind::kTally);
  if (result.has_data || counts) result.ok = holds(result.value, threshold.assertion);
  return result;
}

}  // namespace gend::stats
