#include "stats/schema.h"

#include <algorithm>

#include "base/assert.h"

namespace gend::stats {

const Metric* find_metric(std::string_view name) {
  const auto& all = builtin_metrics();
  const auto found = std::ranges::find(all, name, &Metric::name);
  return found == all.end() ? nullptr : &*found;
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kTally:
    case Kind::kCounter: return "counter";
    case Kind::kGauge: return "gauge";
    case Kind::kRate: return "rate";
    case Kind::kTrend: return "trend";
  }
  GEND_ASSERT(!"a kind has a name");
}

std::string_view name_of(Contains contains) {
  switch (contains) {
    case Contains::kDefault: return "default";
    case Contains::kTime: return "time";
    case Contains::kData: return "data";
  }
  GEND_ASSERT(!"contents have a name");
}

double units_of(const Metric& metric) {
  const bool may = metric.kind == Kind::kCounter || metric.kind == Kind::kGauge;
  const bool has_fractions = may && (metric.of_plan || metric.name.starts_with(kHostPrefix));
  return metric.kind == Kind::kTrend || has_fractions ? 1e6 : 1;
}

bool is_facet_tag(const std::string& key) { return key != "scenario"; }

const Metric* Schema::declare(std::string_view name, Kind kind, Contains contains) {
  if (const Metric* known = find(name)) {
    const bool same = known->of_plan && known->kind == kind && known->contains == contains;
    return same ? known : nullptr;
  }
  auto made = std::make_unique<Declared>();
  made->name = name;
  made->help = name.starts_with(kObservePrefix) ? "Observed as the plan's `observe` says"
                                                : "Measured by the plan's `metric` steps";
  made->metric = {made->name, kind, contains, made->help, true};
  declared_.push_back(std::move(made));
  return &declared_.back()->metric;
}

const Metric* Schema::find(std::string_view name) const {
  if (const Metric* builtin = find_metric(name)) return builtin;
  const auto found = std::ranges::find(declared_, name, [](const auto& each) {
    return each->metric.name;
  });
  return found == declared_.end() ? nullptr : &(*found)->metric;
}

std::vector<const Metric*> Schema::metrics() const {
  std::vector<const Metric*> all;
  for (const Metric& metric : builtin_metrics()) all.push_back(&metric);
  for (const auto& declared : declared_) all.push_back(&declared->metric);
  return all;
}

std::uint32_t Schema::add(std::string_view metric, Tags tags) {
  return add_series(metric, std::move(tags), Side::kWhole);
}

std::uint32_t Schema::add_facet(std::string_view metric, Tags tags) {
  return add_series(metric, std::move(tags), Side::kFacet);
}

std::uint32_t Schema::add_series(std::string_view metric, Tags tags, Side side) {
  const Metric* known = find(metric);
  GEND_ASSERT(known != nullptr);
  std::ranges::sort(tags);
  // Lengths make the key unambiguous whatever bytes a tag's value holds.
  std::string key{side == Side::kFacet ? "facet " : ""};
  key += metric;
  for (const auto& [name, value] : tags) {
    key += '\n' + std::to_string(name.size()) + ':' + name;
    key += std::to_string(value.size()) + ':' + value;
  }
  std::uint32_t& next = slots_[static_cast<std::size_t>(known->kind)];
  const auto [place, is_new] = slot_of_.try_emplace(std::move(key), next);
  if (!is_new) return place->second;
  if (known->kind == Kind::kGauge) {
    const auto groups = static_cast<std::uint32_t>(gauge_group_of_.size());
    gauge_groups_.push_back(gauge_group_of_.try_emplace(std::string{metric}, groups).first->second);
    const bool latest = known->of_plan || metric == "gen_cpu" || metric == "gen_memory" ||
                        metric.starts_with(kHostPrefix);
    gauge_levels_.push_back(latest ? Levels::kLatest : Levels::kAdd);
  }
  series_.push_back({std::string{metric}, known->kind, known->contains, std::move(tags), next,
                     side == Side::kFacet});
  return next++;
}

}  // namespace gend::stats
