#include "report/hdr_log.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "report/hdr.h"
#include "report/json_read.h"
#include "report/windows.h"

namespace gend::report {
namespace {

using stats::Kind;

constexpr double kTicksPerUnit = 1e6;

std::vector<std::string> trends_of(const stats::Schema& schema) {
  std::vector<std::string> names;
  for (const stats::Metric* metric : schema.metrics()) {
    const bool recorded = std::ranges::any_of(schema.series(), [&](const stats::Series& series) {
      return series.metric == metric->name && !series.facet;
    });
    if (metric->kind == Kind::kTrend && recorded) names.emplace_back(metric->name);
  }
  return names;
}

// A tag ends at a comma, and a line at its end.
std::string tag_text(std::string name) {
  std::ranges::replace_if(
      name, [](unsigned char c) { return c <= ' ' || c == ',' || c == 0x7f; }, '_');
  return name;
}

std::string words_of(const stats::Selector& selector) {
  std::string tags;
  for (const auto& [key, value] : selector.tags)
    tags += fmt::format("{}{}:{}", tags.empty() ? "" : ",", key, value);
  return tags.empty() ? selector.metric : fmt::format("{}{{{}}}", selector.metric, tags);
}

std::expected<void, std::string> check(const History& history, const stats::Selector& selector) {
  const stats::Metric* metric = history.schema->find(selector.metric);
  if (metric == nullptr)
    return std::unexpected{fmt::format("there is no metric {}", selector.metric)};
  if (metric->kind != Kind::kTrend)
    return std::unexpected{fmt::format("{} is a {}; histograms are of trends", selector.metric,
                                       stats::name_of(metric->kind))};
  const stats::Recorder none{*history.schema};
  if (stats::select(*history.schema, none, selector).series == 0)
    return std::unexpected{fmt::format("this run has no series {}", words_of(selector))};
  return {};
}

std::string head_of(const History& history) {
  const Json& run = at(history.summary, "run");
  const double began = std::clamp(number(at(run, "started_ms")), 0.0, 2.5e14) / 1000;
  return fmt::format("#[Logged with gend {}]\n#[Histogram log format version 1.3]\n"
                     "#[StartTime: {:.3f} (seconds since epoch), {}]\n"
                     "#[BaseTime: {:.3f} (seconds since epoch)]\n"
                     "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                     "\"Interval_Compressed_Histogram\"\n",
                     tag_text(text(at(run, "version"))), began,
                     tag_text(text(at(run, "started"))), began);
}

std::string line_of(const Windows& windows, const stats::Histogram& trend, std::string_view tag) {
  return fmt::format("{}{:.3f},{:.3f},{:.3f},{}\n",
                     tag.empty() ? std::string{} : fmt::format("Tag={},", tag),
                     to_seconds(windows.from()), to_seconds(windows.to() - windows.from()),
                     static_cast<double>(trend.max()) / kTicksPerUnit, hdr_base64(trend));
}

// What `hgrm` shows of a run when nobody says: what a report shows first.
std::optional<stats::Selector> main_trend(const History& history, const stats::Recorder& total) {
  std::vector<std::string> names{"http_req_duration", "http_req_duration_corrected"};
  if (truth(at(history.summary, {"run", "open_model"}))) std::ranges::reverse(names);
  for (const std::string& each : trends_of(*history.schema)) names.push_back(each);
  for (const std::string& name : names) {
    const auto found = stats::select(*history.schema, total, {name, {}});
    const bool time = found.metric != nullptr && found.metric->contains == stats::Contains::kTime;
    if (time && found.trend.count() > 0) return stats::Selector{name, {}};
  }
  return std::nullopt;
}

}  // namespace

std::expected<std::string, std::string> hdr_log(const History& history, Duration every,
                                                const stats::Selector* selector) {
  if (selector != nullptr)
    if (auto fits = check(history, *selector); !fits) return std::unexpected{fits.error()};
  const auto names = trends_of(*history.schema);
  std::string out = head_of(history);
  const auto add = [&](const Windows& windows, const stats::Selector& one, std::string_view tag) {
    const auto found = stats::select(*history.schema, windows.recorder(), one);
    if (found.trend.count() > 0) out += line_of(windows, found.trend, tag);
  };
  for (Windows windows{history, every}; windows.next();) {
    if (selector != nullptr) add(windows, *selector, {});
    else
      for (const std::string& name : names) add(windows, {name, {}}, tag_text(name));
  }
  return out;
}

std::expected<std::string, std::string> hdr_percentiles(const History& history,
                                                        const stats::Selector* selector) {
  if (selector != nullptr)
    if (auto fits = check(history, *selector); !fits) return std::unexpected{fits.error()};
  stats::Recorder total{*history.schema};
  for (const stats::Frame& frame : history.frames) total.merge(frame);
  const auto chosen =
      selector != nullptr ? std::optional{*selector} : main_trend(history, total);
  if (!chosen) return std::unexpected{"no time was measured in this run"};
  return hgrm_text(stats::select(*history.schema, total, *chosen).trend, kTicksPerUnit);
}

}  // namespace gend::report
