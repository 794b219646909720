#include "report/intervals_csv.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "report/json_read.h"
#include "report/summary_parts.h"
#include "report/windows.h"
#include "stats/tally.h"
#include "stats/threshold.h"
#include "stats/utf8.h"

namespace gend::report {
namespace {

using stats::Kind;

constexpr std::string_view kHead =
    "time,from_s,to_s,of,metric,type,unit,scenario,name,method,tags,count,per_s,hits,share,value,"
    "min,avg,med,p90,p95,p99,max\n";

// The shortest text that reads back as the same number; never an exponent that Excel changes.
std::string number_text(double value) {
  if (!std::isfinite(value)) return "0";
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

std::string_view unit_of(stats::Contains contains) {
  switch (contains) {
    case stats::Contains::kTime: return "ms";
    case stats::Contains::kData: return "bytes";
    case stats::Contains::kDefault: return "";
  }
  return "";
}

// What stands before the numbers of a row, but for the time: the same in every window.
std::string label_of(std::string_view of, const stats::Metric& metric, const stats::Tags& tags) {
  std::string others;
  for (const auto& [key, value] : tags) {
    if (key == "scenario" || key == "name" || key == "method") continue;
    others += (others.empty() ? "" : ";") + key + "=" + value;
  }
  return fmt::format("{},{},{},{},{},{},{},{},", of, csv_text(metric.name),
                     stats::name_of(metric.kind), unit_of(metric.contains),
                     csv_text(tag_of(tags, "scenario")), csv_text(tag_of(tags, "name")),
                     csv_text(tag_of(tags, "method")), csv_text(others));
}

class Table {
 public:
  explicit Table(const History& history) : history_{history} {
    const Json& began = at(history.summary, {"run", "started_ms"});
    constexpr double kYear9999 = 253'402'300'799'999;
    started_ms_ = std::clamp(number(began), 0.0, kYear9999);
    for (const stats::Series& series : history.schema->series()) {
      const stats::Metric* metric = history.schema->find(series.metric);
      labels_.push_back(label_of(series.facet ? "facet" : "series", *metric, series.tags));
      if (!series.facet) whole_.insert(series.metric);
    }
  }

  void add(const Windows& windows) {
    const double from = to_seconds(windows.from()), to = to_seconds(windows.to());
    const double wall = std::min(started_ms_ + from * 1000, 253'402'300'799'999.0);
    time_ = fmt::format("{},{},{},", wall_text(std::llround(wall)), number_text(from),
                        number_text(to));
    seconds_ = to - from;
    for (const stats::Metric* metric : history_.schema->metrics())
      if (whole_.contains(metric->name)) add_whole(*metric, windows.recorder());
    const auto& all = history_.schema->series();
    for (std::size_t i = 0; i < all.size(); ++i) add_series(all[i], labels_[i], windows.recorder());
  }
  std::string take() { return std::move(out_); }

 private:
  void add_whole(const stats::Metric& metric, const stats::Recorder& recorder) {
    const auto selected =
        stats::select(*history_.schema, recorder, {std::string{metric.name}, {}});
    const std::string label = label_of("metric", metric, {});
    const double units = stats::units_of(metric);
    switch (metric.kind) {
      case Kind::kTrend: return add_trend(label, selected.trend);
      case Kind::kRate: return add_rate(label, selected.rate);
      case Kind::kGauge: return add_gauge(label, selected.gauge, units);
      case Kind::kCounter:
      case Kind::kTally: return add_count(label, selected.count, units);
    }
  }

  void add_series(const stats::Series& series, const std::string& label,
                  const stats::Recorder& recorder) {
    const double units = stats::units_of(*history_.schema->find(series.metric));
    switch (series.kind) {
      case Kind::kTrend: return add_trend(label, recorder.trend_at(series.slot));
      case Kind::kRate: return add_rate(label, recorder.rate_at(series.slot));
      case Kind::kGauge: return add_gauge(label, recorder.gauge_at(series.slot), units);
      case Kind::kCounter: return add_count(label, recorder.counter_at(series.slot), units);
      case Kind::kTally: return add_tally(series, label, recorder.tally_at(series.slot));
    }
  }

  void add_trend(const std::string& label, const stats::Histogram& trend) {
    if (trend.count() == 0) return;
    constexpr double kTicks = 1e6;
    const auto cell = [&](double ticks) { return number_text(ticks / kTicks); };
    out_ += fmt::format("{}{}{},{},,,,{},{},{},{},{},{},{}\n", time_, label, trend.count(),
                        per_second(static_cast<double>(trend.count())),
                        cell(static_cast<double>(trend.min())), cell(trend.mean()),
                        cell(trend.percentile(50)), cell(trend.percentile(90)),
                        cell(trend.percentile(95)), cell(trend.percentile(99)),
                        cell(static_cast<double>(trend.max())));
  }
  void add_rate(const std::string& label, const stats::Rate& rate) {
    if (rate.total == 0) return;
    out_ += fmt::format("{}{}{},{},{},{},,,,,,,,\n", time_, label, rate.total,
                        per_second(static_cast<double>(rate.total)), rate.hits,
                        number_text(share(rate.hits, rate.total)));
  }
  void add_gauge(const std::string& label, const stats::Gauge& gauge, double units) {
    if (!gauge.set) return;
    const auto cell = [&](std::int64_t n) { return number_text(static_cast<double>(n) / units); };
    out_ += fmt::format("{}{},,,,{},{},,,,,,{}\n", time_, label, cell(gauge.value),
                        cell(gauge.min), cell(gauge.max));
  }
  void add_count(const std::string& label, std::uint64_t count, double units) {
    if (count == 0) return;
    const double n = static_cast<double>(count) / units;
    out_ += fmt::format("{}{}{},{},,,,,,,,,,\n", time_, label, number_text(n), per_second(n));
  }
  // The series, and its parts: how the requests of it ended.
  void add_tally(const stats::Series& series, const std::string& label,
                 const stats::Tally& tally) {
    if (!tally.touched) return;
    std::uint64_t all = 0;
    for (const std::uint64_t n : tally.counts) all += n;
    add_count(label, all, 1);
    if (series.facet) return;
    const stats::Metric& metric = *history_.schema->find(series.metric);
    for (std::size_t key = 0; key < stats::Tally::kKeys; ++key) {
      if (tally.counts[key] == 0) continue;
      stats::Tags tags = series.tags;
      if (const int status = stats::status_of_key(key); status != 0)
        tags.emplace_back("status", std::to_string(status));
      if (const auto error = stats::error_name_of_key(key); !error.empty())
        tags.emplace_back("error", error);
      add_count(label_of("end", metric, tags), tally.counts[key], 1);
    }
  }
  std::string per_second(double n) const {
    return seconds_ > 0 ? number_text(n / seconds_) : "0";
  }

  const History& history_;
  double started_ms_ = 0;
  std::vector<std::string> labels_;  // of each series
  std::set<std::string, std::less<>> whole_;
  std::string time_;
  double seconds_ = 0;
  std::string out_{kHead};
};

}  // namespace

std::string csv_text(std::string_view text) {
  std::string field = stats::valid_utf8(text);
  if (!field.empty() && std::string_view{"=+-@\t\r"}.find(field[0]) != std::string_view::npos)
    field.insert(0, "'");
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char c : field) quoted += c == '"' ? std::string{"\"\""} : std::string{c};
  return quoted + "\"";
}

std::string intervals_csv(const History& history, Duration every) {
  Table table{history};
  for (Windows windows{history, every}; windows.next();) table.add(windows);
  return table.take();
}

}  // namespace gend::report
