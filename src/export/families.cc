#include "export/families.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/assert.h"
#include "export/buckets.h"

namespace gend::exporter {
namespace {

using stats::Kind;
using stats::Series;
using stats::Tally;
using Labels = Exposition::Labels;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Labels labels_of(const stats::Tags& tags) {
  Labels labels;
  for (const auto& [key, value] : tags) labels.emplace_back(label_name(key), value);
  return labels;
}

Labels with(Labels labels, std::string name, std::string_view value) {
  if (!value.empty()) labels.emplace_back(std::move(name), std::string{value});
  return labels;
}

std::string unit_of(stats::Contains contains) {
  switch (contains) {
    case stats::Contains::kDefault: return "";
    case stats::Contains::kTime: return "seconds";
    case stats::Contains::kData: return "bytes";
  }
  GEND_ASSERT(!"contents have a unit or none");
}

// A plan's own metrics have their kind in their name: whatever a plan calls them, their families
// are neither each other's nor any of gend's.
std::string_view prefix_of(const stats::Metric& metric) {
  if (!metric.of_plan || metric.name.starts_with(stats::kObservePrefix)) return "";
  switch (metric.kind) {
    case Kind::kTally:
    case Kind::kCounter: return "counter_";
    case Kind::kGauge: return "gauge_";
    case Kind::kRate: return "rate_";
    case Kind::kTrend: return metric.contains == stats::Contains::kTime ? "time_" : "trend_";
  }
  GEND_ASSERT(!"a kind has a prefix");
}

// Some of the series of a metric, exported under one name: those that make up the whole, or, with a
// `tag`, the facets by that tag. A family of their own keeps sum() over the whole right.
struct Side {
  const stats::Metric& metric;
  Names names = Names::kGend;
  std::string tag = {};

  std::string name() const {
    return fmt::format("{}_{}{}{}{}", names == Names::kK6 ? "k6" : "gend",
                       names == Names::kK6 ? "" : prefix_of(metric), metric.name,
                       tag.empty() ? "" : "_by_", tag.empty() ? "" : label_name(tag));
  }
  // k6 has the unit in the names of its histograms only.
  std::string unit() const {
    const bool without = names == Names::kK6 && metric.kind != Kind::kTrend;
    return without ? std::string{} : unit_of(metric.contains);
  }
  std::string family() const { return name() + (unit().empty() ? "" : "_") + unit(); }
  std::string help() const {
    return fmt::format("{}{}{}", metric.help, tag.empty() ? "" : ", by ", tag);
  }
  bool holds(const Series& series) const {
    if (series.metric != metric.name || series.facet == tag.empty()) return false;
    return tag.empty() || std::ranges::find(series.tags, tag, &stats::Tags::value_type::first) !=
                              series.tags.end();
  }
};

// One sample for each way requests ended. Expected and unexpected answers of one status differ in
// their `error` label; k6 says so with `expected_response`.
void write_tally(Exposition& out, const Labels& labels, const Tally& tally, Names names) {
  for (std::size_t key = 0; key < Tally::kKeys; ++key) {
    if (tally.counts[key] == 0) continue;
    const int status = stats::status_of_key(key);
    const std::string_view error = stats::error_tag_of_key(key);
    Labels all = with(labels, "error", error);
    all = with(std::move(all), "outcome", stats::error_name_of_key(key));
    if (status != 0) all = with(std::move(all), "status", fmt::format_int(status).str());
    if (names == Names::kK6)
      all.emplace_back("expected_response", error.empty() ? "true" : "false");
    out.sample("_total", all, tally.counts[key]);
  }
}

struct Writer {
  Exposition& out;
  const stats::Schema& schema;
  const stats::Recorder& recorder;

  template <class Write>
  void each(const Side& side, Write write) const {
    for (const Series& series : schema.series())
      if (side.holds(series)) write(labels_of(series.tags), series.slot);
  }
  void family(const Side& side, std::string_view type) const {
    out.family(side.family(), type, side.unit(), side.help());
  }
  void metric(const Side& side) const;
  void rate(const Side& side) const;
  void k6_rate(const Side& side) const;
  void trend(const Side& side) const;
  void k6_stats(const Side& side) const;
};

void Writer::rate(const Side& side) const {
  out.family(side.name() + "_hits", "counter", "",
             fmt::format("{}: the samples for which it is so", side.help()));
  each(side, [&](const Labels& labels, std::uint32_t slot) {
    out.sample("_total", labels, recorder.rate_at(slot).hits);
  });
  out.family(side.name() + "_samples", "counter", "",
             fmt::format("{}: all samples", side.help()));
  each(side, [&](const Labels& labels, std::uint32_t slot) {
    out.sample("_total", labels, recorder.rate_at(slot).total);
  });
}

// The share over the run so far, as k6 has it.
void Writer::k6_rate(const Side& side) const {
  out.family(side.name() + "_rate", "gauge", "", side.help());
  each(side, [&](const Labels& labels, std::uint32_t slot) {
    const stats::Rate& rate = recorder.rate_at(slot);
    if (rate.total == 0) return;
    out.sample("", labels, static_cast<double>(rate.hits) / static_cast<double>(rate.total));
  });
}

// A series without a sample is left out: expected and unexpected answers of every step have one
// each, and an empty histogram would cost a scrape 38 lines.
void Writer::trend(const Side& side) const {
  family(side, "histogram");
  each(side, [&](const Labels& labels, std::uint32_t slot) {
    const stats::Histogram& trend = recorder.trend_at(slot);
    if (trend.count() > 0) out.histogram(labels, trend, side.metric.contains);
  });
  if (side.names == Names::kK6) k6_stats(side);
}

// k6's K6_PROMETHEUS_RW_TREND_STATS: gauges over the run so far, in seconds.
void Writer::k6_stats(const Side& side) const {
  struct Stat {
    const char* name;
    double (*of)(const stats::Histogram&);
  };
  using stats::Histogram;
  constexpr std::array<Stat, 7> kStats{
      {{"min", [](const Histogram& t) { return static_cast<double>(t.min()); }},
       {"avg", [](const Histogram& t) { return t.mean(); }},
       {"med", [](const Histogram& t) { return t.percentile(50); }},
       {"max", [](const Histogram& t) { return static_cast<double>(t.max()); }},
       {"p90", [](const Histogram& t) { return t.percentile(90); }},
       {"p95", [](const Histogram& t) { return t.percentile(95); }},
       {"p99", [](const Histogram& t) { return t.percentile(99); }}}};
  for (const Stat& stat : kStats) {
    out.family(fmt::format("{}_{}", side.name(), stat.name), "gauge", "", side.help());
    each(side, [&](const Labels& labels, std::uint32_t slot) {
      const Histogram& trend = recorder.trend_at(slot);
      if (trend.count() > 0)
        out.sample("", labels, stat.of(trend) / ticks_of_one(side.metric.contains));
    });
  }
}

// Whole where it counts whole things.
void write_count(Exposition& out, const Labels& labels, std::uint64_t count, double units) {
  if (units == 1) out.sample("_total", labels, count);
  else out.sample("_total", labels, static_cast<double>(count) / units);
}

void Writer::metric(const Side& side) const {
  const double units = stats::units_of(side.metric);
  switch (side.metric.kind) {
    case Kind::kRate: return side.names == Names::kK6 ? k6_rate(side) : rate(side);
    case Kind::kTrend: return trend(side);
    case Kind::kCounter:
      family(side, "counter");
      return each(side, [&](const Labels& labels, std::uint32_t slot) {
        write_count(out, labels, recorder.counter_at(slot), units);
      });
    case Kind::kTally:
      family(side, "counter");
      return each(side, [&](const Labels& labels, std::uint32_t slot) {
        write_tally(out, labels, recorder.tally_at(slot), side.names);
      });
    case Kind::kGauge:
      family(side, "gauge");
      return each(side, [&](const Labels& labels, std::uint32_t slot) {
        if (recorder.gauge_at(slot).set)
          out.sample("", labels, static_cast<double>(recorder.gauge_at(slot).value) / units);
      });
  }
}

// Not recorded as series: write_generator() takes them from the generator's health.
bool is_of_process(const stats::Metric& metric) {
  return metric.name == "gen_cpu" || metric.name == "gen_memory";
}

}  // namespace

void write_families(Exposition& out, const stats::Schema& schema, const stats::Recorder& recorder,
                    Names names) {
  const Writer writer{out, schema, recorder};
  for (const stats::Metric* metric : schema.metrics()) {
    if (is_of_process(*metric)) continue;
    bool recorded = false;
    std::set<std::string> facets;
    for (const Series& series : schema.series()) {
      if (series.metric != metric->name) continue;
      recorded |= !series.facet;
      for (const auto& tag : series.tags)
        if (series.facet && stats::is_facet_tag(tag.first)) facets.insert(tag.first);
    }
    if (recorded) writer.metric({*metric, names});
    for (const std::string& tag : facets) writer.metric({*metric, names, tag});
  }
}

std::string label_name(std::string_view tag) {
  const bool valid = !tag.empty() && !is_digit(tag.front()) &&
                     std::ranges::all_of(tag, [](char c) {
                       return is_letter(c) || is_digit(c) || c == '_';
                     });
  const bool taken = tag == "le" || tag == "status" || tag == "error" || tag == "outcome" ||
                     tag.starts_with("__") || tag.starts_with("tag_");
  if (valid && !taken) return std::string{tag};
  std::string name = "tag_";
  for (const char c : tag) {
    if (is_letter(c) || is_digit(c)) name += c;
    else name += fmt::format("_{:02x}", static_cast<unsigned char>(c));
  }
  return name;
}

std::string exported_names(const stats::Metric& metric) {
  if (metric.name == "gen_cpu") return "gend_gen_cpu_ratio";
  if (metric.kind == Kind::kRate)
    return fmt::format("{0}_hits, {0}_samples", Side{metric}.name());
  return Side{metric}.family();
}

}  // namespace gend::exporter
