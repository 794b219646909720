#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/outcome.h"
#include "base/time.h"
#include "stats/histogram.h"
#include "stats/schema.h"

namespace gend::stats {

struct Rate {
  std::uint64_t hits = 0;   // samples that were true
  std::uint64_t total = 0;  // all samples
};

// A level sampled over time. Shards' gauges add up (users of shard 0 + users of shard 1).
struct Gauge {
  std::int64_t value = 0, min = 0, max = 0;
  bool set = false;
};

// Requests by how they ended. Exactly one key a request: the HTTP status (100..999) when a whole
// response came, else the Outcome's number (below 100).
struct Tally {
  static constexpr std::size_t kKeys = 1000;
  std::array<std::uint64_t, kKeys> counts{};
  bool touched = false;

  static std::size_t key(Outcome outcome, int status) noexcept {
    const bool answered = outcome == Outcome::kOk || outcome == Outcome::kStatus4xx ||
                          outcome == Outcome::kStatus5xx;
    return answered && status >= 100 && status < 1000 ? static_cast<std::size_t>(status)
                                                      : static_cast<std::size_t>(outcome);
  }
  void add(std::size_t key) noexcept { ++counts[key]; touched = true; }
};
static_assert(kOutcomeCount < 100, "outcomes and statuses share one key space");

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
  void gauge(std::uint32_t slot, std::int64_t value) noexcept;
  void tally(std::uint32_t slot, std::size_t key) noexcept { tallies_[slot].add(key); }

  // Adds what another recorder of the same schema holds: counts, rates, tallies and histograms add.
  // Gauges: with kShards (the same moment, other shards) values, minima and maxima add; with
  // kIntervals (the same shards, a later interval) the later value holds and min/max widen.
  enum class Over : std::uint8_t { kShards, kIntervals };
  void merge(const Recorder& other, Over over) noexcept;
  // Empties everything; gauges keep their level (min = max = value).
  void clear() noexcept;

  const Histogram& trend_at(std::uint32_t slot) const { return trends_[slot]; }
  std::uint64_t counter_at(std::uint32_t slot) const { return counters_[slot]; }
  const Rate& rate_at(std::uint32_t slot) const { return rates_[slot]; }
  const Gauge& gauge_at(std::uint32_t slot) const { return gauges_[slot]; }
  const Tally& tally_at(std::uint32_t slot) const { return tallies_[slot]; }

  // The interval the content belongs to: [from, to).
  TimePoint from{}, to{};

 private:
  std::vector<Histogram> trends_;
  std::vector<std::uint64_t> counters_;
  std::vector<Rate> rates_;
  std::vector<Gauge> gauges_;
  std::vector<Tally> tallies_;
};

}  // namespace gend::stats
