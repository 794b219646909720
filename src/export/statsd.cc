#include "export/statsd.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/export_limits.h"
#include "stats/tally.h"

namespace gend::exporter {
namespace {

using stats::Kind;

constexpr std::uint64_t kValues = 20;  // of one trend a second

class Packets {
 public:
  Packets(const Slots& slots, const Second& second, const StatsdStyle& style,
          const FixedLabels& labels)
      : slots_{slots}, second_{second}, style_{style}, labels_{labels} {}

  std::vector<Message> write() &&;

 private:
  bool wanted(const Slots::Entry& entry) const {
    return style_.tags == StatsdStyle::Tags::kAppend || !entry.series->facet;
  }
  std::string name(const Slots::Entry& entry) const;
  std::string tags(const Slots::Entry& entry, const FixedLabels& more) const;
  void line(const std::string& text);
  void count(const std::string& name, double n, const std::string& tags);
  void values(const std::string& name, const stats::Histogram& trend, double units,
              const std::string& tags);
  void tally(const stats::Frame::TallyAt& tally);
  void gauges();

  const Slots& slots_;
  const Second& second_;
  const StatsdStyle& style_;
  const FixedLabels& labels_;
  stats::Histogram scratch_;
  Message packet_;
  std::vector<Message> done_;
};

std::string Packets::name(const Slots::Entry& entry) const {
  std::string text = style_.prefix + statsd_word(entry.series->metric);
  if (entry.series->facet)
    for (const auto& [key, value] : entry.series->tags)
      if (stats::is_facet_tag(key)) text += "_by_" + statsd_word(key);
  return text;
}

std::string Packets::tags(const Slots::Entry& entry, const FixedLabels& more) const {
  if (style_.tags == StatsdStyle::Tags::kNone) return {};
  std::map<std::string_view, std::string_view> all;
  for (const auto& [key, value] : more) all.emplace(key, value);
  for (const auto& [key, value] : entry.series->tags) all.emplace(key, value);
  for (const auto& [key, value] : labels_) all.emplace(key, value);
  std::string text;
  for (const auto& [key, value] : all) {
    if (value.empty()) continue;
    text += fmt::format("{}{}:{}", text.empty() ? "|#" : ",", statsd_word(key),
                        statsd_word(value));
  }
  return text;
}

// A metric is never split over two datagrams; one that would not fit alone has tags that no server
// takes either.
void Packets::line(const std::string& text) {
  if (text.size() > limits::kStatsdPacket) return;
  if (packet_.bytes.size() + 1 + text.size() > limits::kStatsdPacket)
    done_.push_back(std::exchange(packet_, {}));
  if (!packet_.bytes.empty()) packet_.bytes += '\n';
  packet_.bytes += text;
  ++packet_.samples;
}

void Packets::count(const std::string& name, double n, const std::string& tags) {
  if (n > 0) line(fmt::format("{}:{}|c{}", name, n, tags));
}

void Packets::values(const std::string& name, const stats::Histogram& trend, double units,
                     const std::string& tags) {
  const std::uint64_t all = trend.count();
  if (all == 0) return;
  const std::uint64_t told = std::min(all, kValues);
  const std::string rate =
      told == all ? "" : fmt::format("|@{}", static_cast<double>(told) / static_cast<double>(all));
  for (std::uint64_t i = 0; i < told; ++i) {
    // The middle of each twentieth.
    const double percent = 100 * (static_cast<double>(i) + 0.5) / static_cast<double>(told);
    line(fmt::format("{}:{}|ms{}{}", name, trend.percentile(percent) / units, rate, tags));
  }
}

void Packets::tally(const stats::Frame::TallyAt& tally) {
  const auto& entry = slots_.at(Kind::kTally, tally.slot);
  if (!wanted(entry)) return;
  const bool tagged = style_.tags == StatsdStyle::Tags::kAppend;
  for (const auto& [key, n] : tally.keys) {
    const std::string error{stats::error_tag_of_key(key)};
    const int status = stats::status_of_key(key);
    FixedLabels more{{"error", error}};
    if (status != 0) more.emplace_back("status", fmt::format("{}", status));
    const auto amount = static_cast<double>(n);
    count(name(entry), amount, tags(entry, more));
    if (tagged) continue;
    if (status != 0) count(fmt::format("{}.status.{}", name(entry), status), amount, {});
    if (!error.empty()) count(name(entry) + ".error." + error, amount, {});
  }
}

// StatsD's own names are of whole metrics, so without tags levels add up here.
void Packets::gauges() {
  std::map<std::pair<std::string, std::string>, double> levels;
  for (const auto& each : second_.frame.gauges) {
    const auto& entry = slots_.at(Kind::kGauge, each.slot);
    if (wanted(entry))
      levels[{name(entry), tags(entry, {})}] +=
          static_cast<double>(each.gauge.value) / stats::units_of(*entry.metric);
  }
  for (const auto& [key, level] : levels) {
    // A sign would mean "change it by so much": a negative level is set in two steps.
    if (level < 0) line(fmt::format("{}:0|g{}", key.first, key.second));
    line(fmt::format("{}:{}|g{}", key.first, level, key.second));
  }
}

std::vector<Message> Packets::write() && {
  const stats::Frame& frame = second_.frame;
  std::map<std::pair<std::string, std::string>, std::vector<const stats::Frame::Trend*>> trends;
  for (const auto& each : frame.trends) {
    const auto& entry = slots_.at(Kind::kTrend, each.slot);
    if (wanted(entry)) trends[{name(entry), tags(entry, {})}].push_back(&each);
  }
  for (const auto& [key, parts] : trends) {
    scratch_.clear();
    for (const auto* part : parts) scratch_.merge(part->slice);
    const auto& entry = slots_.at(Kind::kTrend, parts.front()->slot);
    values(key.first, scratch_, stats::units_of(*entry.metric), key.second);
  }
  for (const auto& each : frame.counts) {
    const auto& entry = slots_.at(Kind::kCounter, each.slot);
    if (wanted(entry))
      count(name(entry), static_cast<double>(each.n) / stats::units_of(*entry.metric),
            tags(entry, {}));
  }
  for (const auto& each : frame.rates) {
    const auto& entry = slots_.at(Kind::kRate, each.slot);
    if (!wanted(entry)) continue;
    count(name(entry) + ".hits", static_cast<double>(each.rate.hits), tags(entry, {}));
    count(name(entry) + ".samples", static_cast<double>(each.rate.total), tags(entry, {}));
  }
  gauges();
  for (const auto& each : frame.tallies) tally(each);
  if (!packet_.bytes.empty()) done_.push_back(std::move(packet_));
  return std::move(done_);
}

}  // namespace

std::string statsd_word(std::string_view text) {
  std::string word{text};
  for (char& c : word) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || c == '.' || c == '/';
    if (!plain) c = '_';
  }
  return word;
}

std::vector<Message> statsd_packets(const Slots& slots, const Second& second,
                                    const StatsdStyle& style, const FixedLabels& labels) {
  return Packets{slots, second, style, labels}.write();
}

}  // namespace gend::exporter
