#include "stats/threshold_watch.h"

#include <algorithm>

namespace gend::stats {
namespace {

// A value further on the wrong side. What must equal something has no side: the latest counts.
bool is_worse(double value, double than, Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
    case Comparison::kLessEqual: return value > than;
    case Comparison::kGreater:
    case Comparison::kGreaterEqual: return value < than;
    case Comparison::kEqual:
    case Comparison::kNotEqual: return true;
  }
  return false;
}

}  // namespace

ThresholdWatch::ThresholdWatch(const Schema& schema, const std::vector<Threshold>& thresholds)
    : schema_{schema} {
  watched_.reserve(thresholds.size());
  for (const Threshold& threshold : thresholds) {
    Watched& watched = watched_.emplace_back();
    watched.threshold = &threshold;
    watched.latest.threshold = &threshold;
    if (threshold.assertion.judging != Judging::kLevel) watched.drift.emplace(threshold);
  }
}

void ThresholdWatch::add(const Recorder& interval, Duration from, Duration to) {
  for (Watched& watched : watched_) {
    if (watched.drift)
      watched.drift->add(select(schema_, interval, watched.threshold->parsed), from, to);
    if (watched.threshold->window <= Duration::zero() || to <= from) continue;
    const Selected found = select(schema_, interval, watched.threshold->parsed);
    watched.slices.push_back({from, found.count, found.rate, found.trend.slice()});
    watched.sum.metric = found.metric;
    watched.sum.series = found.series;
    watched.sum.count += found.count;
    watched.sum.rate.hits += found.rate.hits;
    watched.sum.rate.total += found.rate.total;
    watched.sum.trend.merge(watched.slices.back().trend);
    if (found.gauge.set) watched.sum.gauge = found.gauge;  // a level: the latest holds
    slide(watched, to);
    judge_window(watched);
  }
}

// Drops the oldest slices as long as what stays is no shorter than the window.
void ThresholdWatch::slide(Watched& watched, Duration until) const {
  watched.until = until;
  auto& slices = watched.slices;
  while (slices.size() > 1 && until - slices[1].from >= watched.threshold->window) {
    const Slice gone = std::move(slices.front());
    slices.pop_front();
    std::int64_t min = Histogram::kMaxValue, max = 0;
    for (const Slice& slice : slices) {
      if (slice.trend.count == 0) continue;
      min = std::min(min, slice.trend.min);
      max = std::max(max, slice.trend.max);
    }
    watched.sum.trend.take_out(gone.trend, min, max);
    watched.sum.count -= gone.count;
    watched.sum.rate.hits -= gone.rate.hits;
    watched.sum.rate.total -= gone.rate.total;
  }
}

void ThresholdWatch::judge_window(Watched& watched) {
  const Threshold& threshold = *watched.threshold;
  const Duration now = watched.until, covered = now - watched.slices.front().from;
  const ThresholdResult window = compare(threshold, watched.sum, covered);
  watched.latest.ok = window.ok;
  watched.latest.value = window.value;
  watched.latest.has_data |= window.has_data;
  const bool asked = threshold.delay_abort_eval > Duration::zero() &&
                     now >= threshold.delay_abort_eval;
  if (covered < threshold.window && !asked) return;
  watched.judged = true;
  time_failure(watched, !window.ok, now);
  watched.broken |= watched.latest.lasting;
  // Without samples there is no value, but none is a count.
  const bool counts = window.has_data || !window.ok;
  if (counts) note_worst(watched.latest, window.value, now);
}

void ThresholdWatch::note_worst(ThresholdResult& result, double value, Duration at) {
  if (result.has_worst && !is_worse(value, result.worst, result.threshold->assertion.comparison))
    return;
  result.has_worst = true;
  result.worst = value;
  result.worst_at = at;
}

void ThresholdWatch::time_failure(Watched& watched, bool fails, Duration now) {
  if (fails && !watched.failing) watched.failing_since = now;
  watched.failing = fails;
  watched.latest.lasting = fails && now - watched.failing_since >= watched.threshold->hold;
}

std::vector<ThresholdResult> ThresholdWatch::results(const Recorder& total, Duration elapsed) {
  std::vector<ThresholdResult> results;
  results.reserve(watched_.size());
  for (Watched& watched : watched_) {
    const Threshold& threshold = *watched.threshold;
    if (watched.drift) {
      watched.latest = watched.drift->result();
      time_failure(watched, !watched.latest.ok, elapsed);
      results.push_back(watched.latest);
      continue;
    }
    if (threshold.window > Duration::zero() && !watched.slices.empty()) {
      ThresholdResult& result = results.emplace_back(watched.latest);
      // A run that is shorter than the window is its own window.
      if (watched.judged) result.ok = !watched.broken;
      continue;
    }
    watched.latest = evaluate(threshold, schema_, total, elapsed);
    time_failure(watched, !watched.latest.ok, elapsed);
    results.push_back(watched.latest);
  }
  return results;
}

}  // namespace gend::stats
