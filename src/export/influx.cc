#include "export/influx.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "stats/tally.h"
#include "stats/utf8.h"

namespace gend::exporter {
namespace {

using stats::Kind;

class Lines {
 public:
  Lines(const Slots& slots, const Second& second, const FixedLabels& labels)
      : slots_{slots}, second_{second}, labels_{labels} {}

  Message write() &&;

 private:
  // Measurement and tags, up to the space before the fields; `more` are tags of one key of a tally.
  std::string head(const Slots::Entry& entry, const FixedLabels& more) const;
  void line(const Slots::Entry& entry, std::string_view fields, const FixedLabels& more = {});
  void trend(const stats::Frame::Trend& trend);
  void tally(const stats::Frame::TallyAt& tally);

  const Slots& slots_;
  const Second& second_;
  const FixedLabels& labels_;
  stats::Histogram scratch_;
  Message message_;
};

std::string Lines::head(const Slots::Entry& entry, const FixedLabels& more) const {
  std::map<std::string_view, std::string_view> tags;
  for (const auto& [key, value] : more) tags.emplace(key, value);
  for (const auto& [key, value] : entry.series->tags) tags.emplace(key, value);
  for (const auto& [key, value] : labels_) tags.emplace(key, value);
  std::string text = influx_escaped(entry.series->metric);
  if (entry.series->facet)
    for (const auto& [key, value] : entry.series->tags)
      if (stats::is_facet_tag(key)) text += "_by_" + influx_escaped(key);
  for (const auto& [key, value] : tags) {
    if (value.empty() || key.empty()) continue;  // the protocol has no form for them
    text.append(",").append(influx_escaped(key)).append("=").append(influx_escaped(value));
  }
  return text += ' ';
}

void Lines::line(const Slots::Entry& entry, std::string_view fields, const FixedLabels& more) {
  message_.bytes += head(entry, more);
  message_.bytes += fields;
  message_.bytes += fmt::format(" {}\n", second_.wall_ms);
  ++message_.samples;
}

void Lines::trend(const stats::Frame::Trend& trend) {
  const auto& entry = slots_.at(Kind::kTrend, trend.slot);
  scratch_.clear();
  scratch_.merge(trend.slice);
  if (scratch_.count() == 0) return;
  const double units = stats::units_of(*entry.metric);
  line(entry,
       fmt::format("value={},count={}i,sum={},min={},max={},p50={},p90={},p95={},p99={}",
                   scratch_.mean() / units, scratch_.count(), scratch_.sum() / units,
                   static_cast<double>(scratch_.min()) / units,
                   static_cast<double>(scratch_.max()) / units, scratch_.percentile(50) / units,
                   scratch_.percentile(90) / units, scratch_.percentile(95) / units,
                   scratch_.percentile(99) / units));
}

void Lines::tally(const stats::Frame::TallyAt& tally) {
  for (const auto& [key, count] : tally.keys) {
    const std::string_view error = stats::error_tag_of_key(key);
    FixedLabels more{{"error", std::string{error}},
                     {"outcome", std::string{stats::error_name_of_key(key)}},
                     {"expected_response", error.empty() ? "true" : "false"}};
    if (const int status = stats::status_of_key(key); status != 0)
      more.emplace_back("status", fmt::format("{}", status));
    line(slots_.at(Kind::kTally, tally.slot), fmt::format("value={}", count), more);
  }
}

Message Lines::write() && {
  const stats::Frame& frame = second_.frame;
  for (const auto& each : frame.trends) trend(each);
  for (const auto& each : frame.counts) {
    const auto& entry = slots_.at(Kind::kCounter, each.slot);
    line(entry, fmt::format("value={}", static_cast<double>(each.n) /
                                            stats::units_of(*entry.metric)));
  }
  for (const auto& each : frame.rates) {
    if (each.rate.total == 0) continue;
    line(slots_.at(Kind::kRate, each.slot),
         fmt::format("value={},hits={}i,samples={}i",
                     static_cast<double>(each.rate.hits) / static_cast<double>(each.rate.total),
                     each.rate.hits, each.rate.total));
  }
  for (const auto& each : frame.gauges) {
    const auto& entry = slots_.at(Kind::kGauge, each.slot);
    line(entry, fmt::format("value={}", static_cast<double>(each.gauge.value) /
                                            stats::units_of(*entry.metric)));
  }
  for (const auto& each : frame.tallies) tally(each);
  return std::move(message_);
}

}  // namespace

std::string influx_escaped(std::string_view text) {
  std::string result;
  for (const char c : stats::valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      result += "\\ ";
      continue;
    }
    if (c == ',' || c == '=' || c == ' ') result += '\\';
    result += c == '\\' ? '/' : c;
  }
  return result;
}

Message influx_lines(const Slots& slots, const Second& second, const FixedLabels& labels) {
  return Lines{slots, second, labels}.write();
}

}  // namespace gend::exporter
