#include "export/openmetrics.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <fmt/format.h>

#include "base/assert.h"
#include "export/exposition.h"
#include "export/rooms.h"

namespace gend::exporter {
namespace {

using report::RunResult;
using stats::Kind;
using stats::Series;
using stats::Tally;
using Labels = Exposition::Labels;

// Bounds in the form the specification calls canonical, and in nanoseconds. A bucket of ours is up
// to 0.8 % wide, so a count at a bound may be off by the samples within 0.4 % of it; _sum and
// _count are exact.
struct Bound {
  std::string_view le;
  std::int64_t ticks;  // ns for times
};
constexpr std::array<Bound, 16> kBounds{{{"0.0005", 500'000},
                                         {"0.001", 1'000'000},
                                         {"0.0025", 2'500'000},
                                         {"0.005", 5'000'000},
                                         {"0.01", 10'000'000},
                                         {"0.025", 25'000'000},
                                         {"0.05", 50'000'000},
                                         {"0.1", 100'000'000},
                                         {"0.25", 250'000'000},
                                         {"0.5", 500'000'000},
                                         {"1.0", 1'000'000'000},
                                         {"2.5", 2'500'000'000},
                                         {"5.0", 5'000'000'000},
                                         {"10.0", 10'000'000'000},
                                         {"30.0", 30'000'000'000},
                                         {"60.0", 60'000'000'000}}};

// For trends of a plan that are no times: 1, 2, 5 in each power of ten from a thousandth to a
// million, in the millionths that they are kept in.
constexpr std::array<Bound, 28> kPlainBounds{{{"0.001", 1'000},
                                              {"0.002", 2'000},
                                              {"0.005", 5'000},
                                              {"0.01", 10'000},
                                              {"0.02", 20'000},
                                              {"0.05", 50'000},
                                              {"0.1", 100'000},
                                              {"0.2", 200'000},
                                              {"0.5", 500'000},
                                              {"1.0", 1'000'000},
                                              {"2.0", 2'000'000},
                                              {"5.0", 5'000'000},
                                              {"10.0", 10'000'000},
                                              {"20.0", 20'000'000},
                                              {"50.0", 50'000'000},
                                              {"100.0", 100'000'000},
                                              {"200.0", 200'000'000},
                                              {"500.0", 500'000'000},
                                              {"1000.0", 1'000'000'000},
                                              {"2000.0", 2'000'000'000},
                                              {"5000.0", 5'000'000'000},
                                              {"10000.0", 10'000'000'000},
                                              {"20000.0", 20'000'000'000},
                                              {"50000.0", 50'000'000'000},
                                              {"100000.0", 100'000'000'000},
                                              {"200000.0", 200'000'000'000},
                                              {"500000.0", 500'000'000'000},
                                              {"1e+06", 1'000'000'000'000}}};

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
  if (!metric.of_plan) return "";
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
  std::string tag = {};

  std::string name() const {
    return fmt::format("gend_{}{}{}{}", prefix_of(metric), metric.name, tag.empty() ? "" : "_by_",
                       tag.empty() ? "" : label_name(tag));
  }
  std::string family() const {
    const std::string unit = unit_of(metric.contains);
    return name() + (unit.empty() ? "" : "_") + unit;
  }
  std::string help() const {
    return fmt::format("{}{}{}", metric.help, tag.empty() ? "" : ", by ", tag);
  }
  bool holds(const Series& series) const {
    if (series.metric != metric.name || series.facet == tag.empty()) return false;
    return tag.empty() || std::ranges::find(series.tags, tag, &stats::Tags::value_type::first) !=
                              series.tags.end();
  }
};

void write_histogram(Exposition& out, const Labels& labels, const stats::Histogram& trend,
                     stats::Contains contains) {
  // A series without a sample is left out: expected and unexpected answers of every step have one
  // each, and an empty histogram costs a scrape 19 lines.
  if (trend.count() == 0) return;
  const bool time = contains == stats::Contains::kTime;
  for (const Bound& bound : time ? std::span<const Bound>{kBounds} : kPlainBounds) {
    // Whole numbers lie on the bounds themselves: their bucket belongs to those below, all of it.
    const std::int64_t upto =
        time ? bound.ticks
             : stats::Histogram::lower_bound(stats::Histogram::bucket_of(bound.ticks) + 1) - 1;
    out.sample("_bucket", with(labels, "le", bound.le), trend.count_at_or_below(upto));
  }
  out.sample("_bucket", with(labels, "le", "+Inf"), trend.count());
  out.sample("_sum", labels, trend.sum() / (time ? 1e9 : 1e6));
  out.sample("_count", labels, trend.count());
}

// One sample for each way requests ended. Expected and unexpected answers of one status differ in
// their `error` label.
void write_tally(Exposition& out, const Labels& labels, const Tally& tally) {
  for (std::size_t key = 0; key < Tally::kKeys; ++key) {
    if (tally.counts[key] == 0) continue;
    const int status = stats::status_of_key(key);
    Labels all = with(labels, "error", stats::error_tag_of_key(key));
    all = with(std::move(all), "outcome", stats::error_name_of_key(key));
    if (status != 0) all = with(std::move(all), "status", fmt::format_int(status).str());
    out.sample("_total", all, tally.counts[key]);
  }
}

template <class Write>
void for_series_of(const RunResult& run, const Side& side, Write write) {
  for (const Series& series : run.schema->series())
    if (side.holds(series)) write(labels_of(series.tags), series.slot);
}

void write_rate(Exposition& out, const RunResult& run, const Side& side) {
  const stats::Recorder& recorder = run.total->recorder;
  out.family(side.name() + "_hits", "counter", "",
             fmt::format("{}: the samples for which it is so", side.help()));
  for_series_of(run, side, [&](const Labels& labels, std::uint32_t slot) {
    out.sample("_total", labels, recorder.rate_at(slot).hits);
  });
  out.family(side.name() + "_samples", "counter", "",
             fmt::format("{}: all samples", side.help()));
  for_series_of(run, side, [&](const Labels& labels, std::uint32_t slot) {
    out.sample("_total", labels, recorder.rate_at(slot).total);
  });
}

// Whole where it counts whole things.
void write_count(Exposition& out, const Labels& labels, std::uint64_t count, double units) {
  if (units == 1) out.sample("_total", labels, count);
  else out.sample("_total", labels, static_cast<double>(count) / units);
}

void write_side(Exposition& out, const RunResult& run, const Side& side) {
  const stats::Recorder& recorder = run.total->recorder;
  const double units = stats::units_of(side.metric);
  const auto family = [&](std::string_view type) {
    out.family(side.family(), type, unit_of(side.metric.contains), side.help());
  };
  switch (side.metric.kind) {
    case Kind::kRate: write_rate(out, run, side); return;
    case Kind::kCounter:
      family("counter");
      for_series_of(run, side, [&](const Labels& labels, std::uint32_t slot) {
        write_count(out, labels, recorder.counter_at(slot), units);
      });
      return;
    case Kind::kTally:
      family("counter");
      for_series_of(run, side, [&](const Labels& labels, std::uint32_t slot) {
        write_tally(out, labels, recorder.tally_at(slot));
      });
      return;
    case Kind::kGauge:
      family("gauge");
      for_series_of(run, side, [&](const Labels& labels, std::uint32_t slot) {
        if (recorder.gauge_at(slot).set)
          out.sample("", labels, static_cast<double>(recorder.gauge_at(slot).value) / units);
      });
      return;
    case Kind::kTrend:
      family("histogram");
      for_series_of(run, side, [&](const Labels& labels, std::uint32_t slot) {
        write_histogram(out, labels, recorder.trend_at(slot), side.metric.contains);
      });
      return;
  }
}

// Not recorded as series: write_generator() takes them from the generator's health.
bool is_of_process(const stats::Metric& metric) {
  return metric.name == "gen_cpu" || metric.name == "gen_memory";
}

void write_metrics(Exposition& out, const RunResult& run) {
  for (const stats::Metric* metric : run.schema->metrics()) {
    if (is_of_process(*metric)) continue;
    bool recorded = false;
    std::set<std::string> facets;
    for (const Series& series : run.schema->series()) {
      if (series.metric != metric->name) continue;
      recorded |= !series.facet;
      for (const auto& tag : series.tags)
        if (series.facet && stats::is_facet_tag(tag.first)) facets.insert(tag.first);
    }
    if (recorded) write_side(out, run, {*metric});
    for (const std::string& tag : facets) write_side(out, run, {*metric, tag});
  }
}

void write_verdict(Exposition& out, const RunResult& run) {
  out.family("gend_generator_verdict", "stateset", "", "Whether the generator's numbers hold");
  for (const auto verdict :
       {stats::Verdict::kClean, stats::Verdict::kSuspect, stats::Verdict::kSaturated})
    out.sample("", {{"gend_generator_verdict", std::string{stats::name_of(verdict)}}},
               std::uint64_t{verdict == run.verdict.verdict ? 1u : 0u});
}

// What the generator observed of itself over the whole run.
void write_generator(Exposition& out, const RunResult& run) {
  const stats::GeneratorHealth& health = run.total->health;
  const stats::GeneratorHealth& latest =
      run.interval == nullptr ? health : run.interval->health;
  out.family("gend_gen_cpu_ratio", "gauge", "ratio",
             "Busy share of the busiest shard, in the latest second while a run goes on");
  out.sample("", {}, latest.busiest);
  out.family("gend_gen_memory_bytes", "gauge", "bytes", "Resident memory of the generator");
  out.sample("", {}, static_cast<double>(health.memory_bytes));
  out.family("gend_generator_loops", "counter", "", "Turns of the event loops");
  out.sample("_total", {}, health.loops);
  out.family("gend_generator_syscalls", "counter", "", "System calls of the event loops");
  out.sample("_total", {}, health.syscalls);
  out.family("gend_generator_limits", "counter", "",
             "Limits of this host or of gend that work ran into; not the target's doing");
  const std::array<std::pair<const char*, std::uint64_t>, 6> limits{
      {{"descriptors", health.host_descriptors},
       {"ports", health.host_ports},
       {"memory", health.host_memory},
       {"host", health.host_other},
       {"buffers", health.buffer_starved},
       {"completion_queue", health.cq_overflows}}};
  for (const auto& [resource, count] : limits)
    out.sample("_total", {{"resource", resource}}, count);
  out.family("gend_iterations_dropped_by_reason", "counter", "",
             "Iterations that were due and never began, by reason");
  out.sample("_total", {{"reason", "no_user"}}, health.dropped_no_user);
  out.sample("_total", {{"reason", "stopped"}}, health.dropped_stopped);
  out.sample("_total", {{"reason", "no_time"}}, health.dropped_no_time);
}

void write_thresholds(Exposition& out, const RunResult& run) {
  if (run.thresholds.empty()) return;
  out.family("gend_threshold_ok", "gauge", "", "Whether a threshold holds so far");
  std::set<std::pair<std::string, std::string>> seen;  // a plan may repeat itself
  for (const auto& result : run.thresholds) {
    const auto& threshold = *result.threshold;
    if (!seen.emplace(threshold.selector, threshold.source).second) continue;
    out.sample("", {{"metric", threshold.selector}, {"threshold", threshold.source}},
               std::uint64_t{result.ok ? 1u : 0u});
  }
}

void write_run(Exposition& out, const RunResult& run) {
  out.family("gend_run", "info", "", "The run that these numbers are of");
  out.sample("_info", {{"id", run.id}, {"name", run.name}, {"plan", run.plan_file}},
             std::uint64_t{1});
  out.family("gend_run_elapsed_seconds", "gauge", "seconds", "How long the run has been going on");
  out.sample("", {}, to_seconds(run.elapsed));
  out.family("gend_run_planned_seconds", "gauge", "seconds", "How long the run is meant to take");
  out.sample("", {}, to_seconds(run.planned));
  write_verdict(out, run);
  if (run.schema == nullptr || run.total == nullptr) return;
  write_metrics(out, run);
  write_rooms(out, run);
  write_generator(out, run);
  write_thresholds(out, run);
}

}  // namespace

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

std::string openmetrics(const RunResult* result) {
  Exposition out;
  out.family("gend_up", "gauge", "", "gend is running");
  out.sample("", {}, std::uint64_t{1});
  out.family("gend_build", "info", "", "The program that answers");
  out.sample("_info", {{"version", GEND_VERSION}}, std::uint64_t{1});
  if (result != nullptr) write_run(out, *result);
  return std::move(out).finish();
}

}  // namespace gend::exporter
