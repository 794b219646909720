#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gend::stats {

// What a metric is. Names, kinds and units are k6's (docs/metrics.md lists them all).
enum class Kind : std::uint8_t {
  kCounter,
  kGauge,
  kRate,
  kTrend,
  kTally  // requests by how they ended: the counters http_reqs{status} and {error} in one array
};
inline constexpr std::size_t kKinds = 5;
std::string_view name_of(Kind kind);  // counter, gauge, rate, trend; a tally is a counter to users

enum class Contains : std::uint8_t { kDefault, kTime, kData };
std::string_view name_of(Contains contains);  // default, time, data

struct Metric {
  std::string_view name;
  Kind kind;
  Contains contains;
  std::string_view help;  // one sentence, no trailing period
  bool of_plan = false;   // made by a plan's `metric` steps, not builtin
};

// How many recorded units make one of the metric's own. Trends: nanoseconds of a millisecond, or
// millionths. Counters and gauges of a plan and those of the host count in millionths, as their
// values have fractions.
double units_of(const Metric& metric);

// Every metric that gend knows by itself, in the order in which summaries print them.
const std::vector<Metric>& builtin_metrics();
const Metric* find_metric(std::string_view name);  // nullptr when unknown

// Of the host that generates the load, or of what the plan observes: names with these beginnings.
inline constexpr std::string_view kHostPrefix = "host_", kObservePrefix = "observe_";

using Tags = std::vector<std::pair<std::string, std::string>>;  // sorted by key, keys unique

// One series: a metric with one set of static tags. `slot` is its index in the array of its kind.
// The series of one metric split its samples: merging all of them gives the whole metric, and a
// sub-metric is the merge of those whose tags match.
struct Series {
  std::string metric;
  Kind kind;
  Contains contains;
  Tags tags;
  std::uint32_t slot;
  // Measures what other series of the metric measure already, from another side: by stage, or by a
  // column of the user's row. Not part of the whole metric.
  bool facet = false;
};

// A tag other than `scenario` that the series has: a selector must name one to see a facet.
bool is_facet_tag(const std::string& key);

enum class Levels : std::uint8_t { kAdd, kLatest };

// Everything a run will ever record, decided when the plan is compiled; the recorders of all shards
// are arrays laid out by it, so that nothing is looked up while load is generated.
class Schema {
 public:
  Schema() = default;
  Schema(Schema&&) = default;  // declared metrics keep their addresses
  Schema& operator=(Schema&&) = default;

  // A metric of the plan's own; declaring it again as the same kind is fine. nullptr when the name
  // is a builtin's or declared as something else already. The schema owns what it returns.
  const Metric* declare(std::string_view name, Kind kind, Contains contains);
  const Metric* find(std::string_view name) const;  // builtin or declared; nullptr when unknown
  std::vector<const Metric*> metrics() const;       // all, in the order in which they are printed

  // Returns the slot of the series, made when it is new. The metric must be builtin or declared;
  // the keys of `tags` must be unique, their order is free.
  std::uint32_t add(std::string_view metric, Tags tags);
  // The same for a facet. Its tags: `scenario`, which every series has, and those of the facet.
  std::uint32_t add_facet(std::string_view metric, Tags tags);

  const std::vector<Series>& series() const { return series_; }
  std::uint32_t slots(Kind kind) const { return slots_[static_cast<std::size_t>(kind)]; }

  // For each gauge slot the number of its metric among the gauges (0, 1, …), so that recorders can
  // follow the level of the whole metric (all users) and not only of its series.
  const std::vector<std::uint32_t>& gauge_groups() const { return gauge_groups_; }
  // For each gauge slot whether the levels of shards add up to that of the whole (users), or the
  // latest one holds (a plan's own gauges; the generator's).
  const std::vector<Levels>& gauge_levels() const { return gauge_levels_; }

 private:
  struct Declared {
    std::string name, help;
    Metric metric;
  };
  enum class Side : std::uint8_t { kWhole, kFacet };
  std::uint32_t add_series(std::string_view metric, Tags tags, Side side);

  std::vector<std::unique_ptr<const Declared>> declared_;
  std::vector<Series> series_;
  std::map<std::string, std::uint32_t> slot_of_;  // metric and tags -> slot
  std::map<std::string, std::uint32_t, std::less<>> gauge_group_of_;
  std::vector<std::uint32_t> gauge_groups_;
  std::vector<Levels> gauge_levels_;
  std::uint32_t slots_[kKinds] = {};
};

}  // namespace gend::stats
