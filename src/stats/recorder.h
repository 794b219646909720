#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "stats/histogram.h"
#include "stats/schema.h"
#include "stats/tally.h"

namespace gend::stats {

struct Frame;

struct Rate {
  std::uint64_t hits = 0;   // samples that were true
  std::uint64_t total = 0;  // all samples
};

// A level sampled over time. Shards' gauges add up (users of shard 0 + users of shard 1), or the
// latest of them holds (Schema::gauge_levels).
struct Gauge {
  std::int64_t value = 0, min = 0, max = 0;
  bool set = false;
  bool carried = false;  // the level stems from before the last clear(); not sampled since

  void sample(std::int64_t level) noexcept;
  void add_shard(const Gauge& other) noexcept;     // the same moment, elsewhere
  void add_interval(const Gauge& later) noexcept;  // the same place, later
  void take_latest(const Gauge& other) noexcept;   // unless it was not sampled since its clear()
};

// What one shard measures in one interval, laid out by a Schema. One writer, no locks, nothing
// allocated after construction. Also the sum of intervals and of shards: merge() is exact.
class Recorder {
 public:
  explicit Recorder(const Schema& schema);

  void trend(std::uint32_t slot, Duration value) noexcept { trends_[slot].add(value.count()); }
  void trend_ticks(std::uint32_t slot, std::int64_t ticks) noexcept { trends_[slot].add(ticks); }
  void count(std::uint32_t slot, std::uint64_t n = 1) noexcept { counters_[slot] += n; }
  void rate(std::uint32_t slot, bool hit) noexcept {
    rates_[slot].hits += hit ? 1 : 0;
    ++rates_[slot].total;
  }
  // Hits and samples that do not come together.
  void share(std::uint32_t slot, std::uint64_t hits, std::uint64_t total) noexcept {
    rates_[slot].hits += hits;
    rates_[slot].total += total;
  }
  void gauge(std::uint32_t slot, std::int64_t value) noexcept { gauges_[slot].sample(value); }
  void tally(std::uint32_t slot, std::size_t key) noexcept { tallies_[slot].add(key); }
  // One value of a plan's own metric, in the metric's unit (time trends: ms). A rate is hit by
  // every number but 0; counters take no negative numbers, trends count them as 0; what is not a
  // finite number is nothing.
  void custom(Kind kind, std::uint32_t slot, double value) noexcept;

  // Adds what another recorder of the same schema holds: counts, rates, tallies and histograms add.
  // Gauges: with kShards (the same moment, other shards) values, minima and maxima add; with
  // kIntervals (the same shards, a later interval) the later value holds and min/max widen. Gauges
  // whose latest level holds: so among shards, too.
  enum class Over : std::uint8_t { kShards, kIntervals };
  void merge(const Recorder& other, Over over) noexcept;
  // The same for an interval that was kept (kIntervals); it must fit the schema.
  void merge(const Frame& later) noexcept;
  // Empties everything; gauges keep their level (min = max = value) until they are sampled or
  // merged into, so a recorder that is cleared and then merged into does not count them twice.
  void clear() noexcept;
  // Takes over the levels of `previous` as if its gauges had been sampled here. For a shard that
  // swaps two recorders: the one that comes back holds levels that are one interval too old.
  void carry_gauges(const Recorder& previous) noexcept;

  const Histogram& trend_at(std::uint32_t slot) const { return trends_[slot]; }
  std::uint64_t counter_at(std::uint32_t slot) const { return counters_[slot]; }
  const Rate& rate_at(std::uint32_t slot) const { return rates_[slot]; }
  const Gauge& gauge_at(std::uint32_t slot) const { return gauges_[slot]; }
  const Tally& tally_at(std::uint32_t slot) const { return tallies_[slot]; }
  // The level of a whole metric at the ends of the intervals merged with kIntervals: the sum of its
  // series at one moment, which the sum of their maxima is not. `set` only after such a merge.
  const Gauge& gauge_level(std::uint32_t group) const { return levels_[group]; }

  // The interval the content belongs to: [from, to).
  TimePoint from{}, to{};

 private:
  Gauge level_of(std::uint32_t group, const std::vector<Gauge>& gauges) const noexcept;
  void merge_gauges(const std::vector<Gauge>& other, Over over) noexcept;

  std::vector<Histogram> trends_;
  std::vector<std::uint64_t> counters_;
  std::vector<Rate> rates_;
  std::vector<Gauge> gauges_;
  std::vector<Tally> tallies_;
  std::vector<std::uint32_t> gauge_groups_;
  std::vector<Levels> gauge_levels_;
  std::vector<Gauge> levels_;
};

}  // namespace gend::stats
