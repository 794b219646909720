#include "report/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "report/json_read.h"
#include "report/summary_parts.h"
#include "report/timeline_parts.h"

namespace gend::report {
namespace {

using stats::Frame;
using stats::Histogram;
using stats::Kind;
using stats::Series;

constexpr std::size_t kStepsShown = 12, kErrorsShown = 7, kGaugesShown = 100;

struct Source {
  std::string_view name, metric;
};
constexpr std::array kCounts{
    Source{"planned", "gen_planned"},       Source{"started", "gen_started"},
    Source{"completed", "iterations"},      Source{"dropped", "dropped_iterations"},
    Source{"requests", "http_reqs"},        Source{"failed", "http_req_failed"},
    Source{"retries", "http_req_retries"},  Source{"sent_bytes", "data_sent"},
    Source{"received_bytes", "data_received"}, Source{"sessions_opened", "ws_sessions"},
    Source{"reconnects", "ws_reconnects"},  Source{"messages_sent", "ws_msgs_sent"},
    Source{"messages_received", "ws_msgs_received"}, Source{"delivered", "delivery_reach"},
    Source{"lost", "delivery_lost"},        Source{"duplicated", "delivery_duplicated"},
    Source{"reordered", "delivery_reordered"}, Source{"late", "delivery_late"}};
// What is tried and can fail: requests, and the beginning and the end of sessions.
constexpr std::array<std::string_view, 3> kFailing{"http_req_failed", "ws_connect_failed",
                                                   "ws_session_failed"};
constexpr std::array<std::string_view, 6> kLatencies{
    "http_req_duration_corrected", "http_req_duration", "delivery_latency",
    "ws_msg_duration",             "sio_ack",           "sql_query_duration"};
// Told as series of their own.
constexpr std::array<std::string_view, 4> kKnownGauges{"vus", "vus_max", "gen_cpu", "gen_memory"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Json value_or_null(const Histogram& of, double value) {
  return of.count() == 0 ? Json(nullptr) : Json(four_digits(value));
}

// The percentiles of one metric, point by point.
struct Latency {
  std::string_view metric;
  Histogram now;
  HeatMap heat;
  Json count = Json::array(), p50 = Json::array(), p90 = Json::array(), p95 = Json::array(),
       p99 = Json::array(), max = Json::array();
  std::uint64_t total = 0;

  void end_point() {
    count.push_back(now.count());
    for (const auto& [values, percent] : {std::pair{&p50, 50.0}, {&p90, 90.0}, {&p95, 95.0},
                                          {&p99, 99.0}})
      values->push_back(value_or_null(now, now.percentile(percent) / 1e6));
    max.push_back(value_or_null(now, static_cast<double>(now.max()) / 1e6));
    total += now.count();
    now.clear();
  }
  Json json(std::size_t every) {
    return {{"metric", metric},      {"count", std::move(count)}, {"p50", std::move(p50)},
            {"p90", std::move(p90)}, {"p95", std::move(p95)},     {"p99", std::move(p99)},
            {"max", std::move(max)}, {"heat", heat.json(every)}};
  }
};

struct Step {
  std::string scenario, name, method;
  Histogram now;
  Json count = Json::array(), p95 = Json::array();
  std::uint64_t total = 0;

  void end_point() {
    count.push_back(now.count());
    p95.push_back(value_or_null(now, now.percentile(95) / 1e6));
    total += now.count();
    now.clear();
  }
};

// A level: of users their highest sum in the point, of others the latest sample of it.
struct Level {
  std::string metric;
  stats::Tags tags;
  stats::Contains contains;
  double units = 1;
  std::optional<std::int64_t> now;
  Json values = Json::array();
  bool any = false;

  void end_point() {
    any = any || now.has_value();
    values.push_back(now ? Json(four_digits(static_cast<double>(*now) / units)) : Json(nullptr));
    now.reset();
  }
};

// The users at work: the levels of all series at one moment, added up.
struct Users {
  std::string_view name;
  std::vector<std::uint32_t> slots;
  std::vector<std::int64_t> levels;
  Curve curve;

  explicit Users(std::string_view n) : name{n}, curve{n} {}
  void add(const Frame& frame) {
    for (const Frame::GaugeAt& at : frame.gauges)
      for (std::size_t i = 0; i < slots.size(); ++i)
        if (slots[i] == at.slot) levels[i] = at.gauge.value;
    std::uint64_t sum = 0;
    for (const auto level : levels)
      sum += static_cast<std::uint64_t>(std::max<std::int64_t>(level, 0));
    curve.now = std::max(curve.now, sum);
  }
};

class Builder {
 public:
  Builder(const stats::Schema& schema, std::string_view step_metric);
  void add(const Frame& frame, std::size_t column);
  void end_point(Duration from, Duration to);
  Json take(std::size_t every);

 private:
  void take_series(const stats::Schema& schema, const Series& series, std::string_view step_metric);
  void take_gauge(const stats::Schema& schema, const Series& series);
  Step& step_of(const Series& series);
  void count(Kind kind, std::uint32_t slot, std::uint64_t n);
  void add_tallies(const Frame& frame);
  void add_gauges(const Frame& frame);
  void add_health(const stats::GeneratorHealth& health);
  Json series_json();
  Json errors_json();
  Json steps_json();

  // Curves by kind and slot: what a sample of a slot goes to.
  template <class T>
  using BySlot = std::vector<std::vector<T*>>;
  template <class T>
  static void feed(BySlot<T>& by_slot, std::uint32_t slot, T& to) {
    if (by_slot.size() <= slot) by_slot.resize(slot + 1);
    by_slot[slot].push_back(&to);
  }
  template <class T>
  static std::span<T* const> fed(const BySlot<T>& by_slot, std::uint32_t slot) {
    return slot < by_slot.size() ? std::span<T* const>{by_slot[slot]} : std::span<T* const>{};
  }

  std::vector<double> from_s_, to_s_;
  std::vector<std::unique_ptr<Curve>> counts_;
  std::array<BySlot<Curve>, stats::kKinds> count_feeds_;
  std::vector<std::unique_ptr<Latency>> latencies_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<std::unique_ptr<Level>> levels_;
  BySlot<Latency> latency_feeds_;
  BySlot<Step> step_feeds_;
  BySlot<Histogram> lag_feeds_;
  BySlot<Level> level_feeds_;
  std::vector<std::uint32_t> failing_, ended_;  // slots of rates; of session durations
  Curve tried_{"tried"}, went_wrong_{"went_wrong"};
  Users users_{"users"}, users_max_{"users_max"};
  std::map<std::string_view, Curve> errors_;
  Histogram lag_;
  std::int64_t open_ = 0;
  bool has_sessions_ = false, has_lag_ = false;
  double busiest_ = 0;
  Duration stall_{};
  std::int64_t memory_ = 0;
  Json open_values_ = Json::array(), busiest_values_ = Json::array(), stalls_ = Json::array(),
       memories_ = Json::array(), lag_p99_ = Json::array(), lag_max_ = Json::array();
};

Builder::Builder(const stats::Schema& schema, std::string_view step_metric) {
  for (const Source& source : kCounts)
    counts_.push_back(std::make_unique<Curve>(source.name));
  for (const auto metric : kLatencies) {
    latencies_.push_back(std::make_unique<Latency>());
    latencies_.back()->metric = metric;
  }
  for (const Series& series : schema.series())
    if (!series.facet) take_series(schema, series, step_metric);
}

Step& Builder::step_of(const Series& series) {
  const auto scenario = tag_of(series.tags, "scenario"), name = tag_of(series.tags, "name"),
             method = tag_of(series.tags, "method");
  for (const auto& step : steps_)
    if (step->scenario == scenario && step->name == name && step->method == method) return *step;
  steps_.push_back(std::make_unique<Step>());
  steps_.back()->scenario = scenario;
  steps_.back()->name = name;
  steps_.back()->method = method;
  return *steps_.back();
}

void Builder::take_series(const stats::Schema& schema, const Series& series,
                          std::string_view step_metric) {
  for (std::size_t i = 0; i < kCounts.size(); ++i)
    if (kCounts[i].metric == series.metric)
      feed(count_feeds_[static_cast<std::size_t>(series.kind)], series.slot, *counts_[i]);
  if (series.kind == Kind::kTrend) {
    for (const auto& latency : latencies_)
      if (latency->metric == series.metric) feed(latency_feeds_, series.slot, *latency);
    if (series.metric == step_metric) feed(step_feeds_, series.slot, step_of(series));
    if (series.metric == "gen_lag") {
      feed(lag_feeds_, series.slot, lag_);
      has_lag_ = true;
    }
    if (series.metric == "ws_session_duration") ended_.push_back(series.slot);
  }
  if (series.kind == Kind::kRate && contains(kFailing, series.metric))
    failing_.push_back(series.slot);
  if (series.metric == "ws_sessions") has_sessions_ = true;
  if (series.kind == Kind::kGauge) take_gauge(schema, series);
}

void Builder::take_gauge(const stats::Schema& schema, const Series& series) {
  for (Users* users : {&users_, &users_max_})
    if (series.metric == (users == &users_ ? "vus" : "vus_max")) {
      users->slots.push_back(series.slot);
      users->levels.push_back(0);
    }
  if (contains(kKnownGauges, series.metric) || levels_.size() >= kGaugesShown) return;
  const stats::Metric* metric = schema.find(series.metric);
  levels_.push_back(std::make_unique<Level>());
  Level& level = *levels_.back();
  level.metric = series.metric;
  level.tags = series.tags;
  level.contains = series.contains;
  level.units = metric == nullptr ? 1 : stats::units_of(*metric);
  feed(level_feeds_, series.slot, level);
}

void Builder::count(Kind kind, std::uint32_t slot, std::uint64_t n) {
  for (Curve* curve : fed(count_feeds_[static_cast<std::size_t>(kind)], slot)) curve->now += n;
}

void Builder::add_tallies(const Frame& frame) {
  for (const Frame::TallyAt& at : frame.tallies)
    for (const auto& [key, n] : at.keys) {
      count(Kind::kTally, at.slot, n);
      const std::string_view name = stats::error_name_of_key(key);
      if (name.empty()) continue;
      Curve& curve = errors_.try_emplace(name, name).first->second;
      while (curve.values().size() < from_s_.size()) curve.end_point();  // none until now
      curve.now += n;
    }
}

void Builder::add_gauges(const Frame& frame) {
  users_.add(frame);
  users_max_.add(frame);
  for (const Frame::GaugeAt& at : frame.gauges)
    if (!at.gauge.carried)
      for (Level* level : fed(level_feeds_, at.slot)) level->now = at.gauge.value;
}

void Builder::add_health(const stats::GeneratorHealth& health) {
  busiest_ = std::max(busiest_, health.busiest);
  stall_ = std::max(stall_, health.longest_stall);
  if (health.memory_bytes > 0) memory_ = health.memory_bytes;
}

void Builder::add(const Frame& frame, std::size_t column) {
  for (const Frame::Count& at : frame.counts) count(Kind::kCounter, at.slot, at.n);
  for (const Frame::RateAt& at : frame.rates) {
    count(Kind::kRate, at.slot, at.rate.hits);
    if (std::ranges::find(failing_, at.slot) == failing_.end()) continue;
    tried_.now += at.rate.total;
    went_wrong_.now += at.rate.hits;
  }
  for (const Frame::Trend& at : frame.trends) {
    for (Latency* latency : fed(latency_feeds_, at.slot)) {
      latency->now.merge(at.slice);
      latency->heat.add(at.slice, column);
    }
    for (Step* step : fed(step_feeds_, at.slot)) step->now.merge(at.slice);
    for (Histogram* lag : fed(lag_feeds_, at.slot)) lag->merge(at.slice);
    if (std::ranges::find(ended_, at.slot) != ended_.end())
      open_ -= static_cast<std::int64_t>(at.slice.count);
  }
  add_tallies(frame);
  add_gauges(frame);
  add_health(frame.health);
}

void Builder::end_point(Duration from, Duration to) {
  const auto thousandths = [](Duration d) { return std::round(to_ms(d)) / 1e3; };
  from_s_.push_back(thousandths(from));
  to_s_.push_back(thousandths(to));
  for (const auto& curve : counts_) {
    if (curve->name() == "sessions_opened") open_ += static_cast<std::int64_t>(curve->now);
    curve->end_point();
  }
  for (Curve* curve : {&tried_, &went_wrong_, &users_.curve, &users_max_.curve}) curve->end_point();
  for (auto& [name, curve] : errors_) curve.end_point();
  for (const auto& latency : latencies_) latency->end_point();
  for (const auto& step : steps_) step->end_point();
  for (const auto& level : levels_) level->end_point();
  open_values_.push_back(std::max<std::int64_t>(open_, 0));
  busiest_values_.push_back(four_digits(busiest_ * 100));
  stalls_.push_back(four_digits(to_ms(stall_)));
  memories_.push_back(memory_);
  lag_p99_.push_back(value_or_null(lag_, lag_.percentile(99) / 1e6));
  lag_max_.push_back(value_or_null(lag_, static_cast<double>(lag_.max()) / 1e6));
  lag_.clear();
  busiest_ = 0;
  stall_ = Duration::zero();
}

Json Builder::series_json() {
  Json series = Json::object();
  for (const auto& curve : counts_)
    if (curve->any()) series[curve->name()] = curve->values();
  for (const Users* users : {&users_, &users_max_})
    if (users->curve.any()) series[users->curve.name()] = users->curve.values();
  if (has_sessions_) series["sessions_open"] = std::move(open_values_);
  series["busiest_percent"] = std::move(busiest_values_);
  series["memory_bytes"] = std::move(memories_);
  series["stall_ms"] = std::move(stalls_);
  if (has_lag_) {
    series["lag_p99_ms"] = std::move(lag_p99_);
    series["lag_max_ms"] = std::move(lag_max_);
  }
  return series;
}

Json Builder::errors_json() {
  std::vector<std::pair<std::uint64_t, const Curve*>> kinds;
  for (const auto& [name, curve] : errors_) {
    std::uint64_t sum = 0;
    for (const auto n : curve.values()) sum += n;
    kinds.emplace_back(sum, &curve);
  }
  std::ranges::stable_sort(kinds, std::ranges::greater{}, &decltype(kinds)::value_type::first);
  Json errors = Json::array();
  std::uint64_t rest = 0;
  std::vector<std::uint64_t> others(from_s_.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto& [sum, curve] = kinds[i];
    if (i < kErrorsShown) {
      errors.push_back({{"name", curve->name()}, {"count", sum}, {"counts", curve->values()}});
      continue;
    }
    rest += sum;
    for (std::size_t j = 0; j < others.size(); ++j) others[j] += curve->values()[j];
  }
  if (rest > 0) errors.push_back({{"name", "other"}, {"count", rest}, {"counts", others}});
  return errors;
}

Json Builder::steps_json() {
  std::ranges::stable_sort(steps_, std::ranges::greater{},
                           [](const auto& step) { return step->total; });
  Json steps = Json::array();
  for (const auto& step : steps_)
    if (step->total > 0 && steps.size() < kStepsShown)
      steps.push_back({{"scenario", step->scenario},
                       {"name", step->name},
                       {"method", step->method},
                       {"count", std::move(step->count)},
                       {"p95", std::move(step->p95)}});
  return steps;
}

Json Builder::take(std::size_t every) {
  Json timeline{{"version", 1}, {"from_s", from_s_}, {"to_s", to_s_}, {"series", series_json()}};
  timeline["latency"] = Json::array();
  for (const auto& latency : latencies_)
    if (latency->total > 0) timeline["latency"].push_back(latency->json(every));
  timeline["steps"] = steps_json();
  timeline["errors"] = errors_json();
  timeline["gauges"] = Json::array();
  for (const auto& level : levels_) {
    if (!level->any) continue;
    Json tags = Json::object();
    for (const auto& [key, value] : level->tags) tags[key] = value;
    timeline["gauges"].push_back({{"metric", level->metric},
                                  {"tags", std::move(tags)},
                                  {"contains", stats::name_of(level->contains)},
                                  {"values", std::move(level->values)}});
  }
  timeline["troubles"] = troubles_json(from_s_, to_s_, tried_, went_wrong_);
  return timeline;
}

}  // namespace

Json timeline_json(const History& history, TimelineSize size) {
  static const stats::Schema none;
  const bool open = truth(at(history.summary, {"run", "open_model"}));
  const stats::Schema& schema = history.schema ? *history.schema : none;
  Builder builder{schema, open ? "http_req_duration_corrected" : "http_req_duration"};
  const auto stretches = stretches_of(history.frames, size.points);
  const std::size_t columns = std::max<std::size_t>(size.columns, 1);
  const std::size_t every = std::max<std::size_t>(1, (stretches.size() + columns - 1) / columns);
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    for (std::size_t j = stretches[i].first; j < stretches[i].last; ++j)
      if (stats::fits(history.frames[j], schema)) builder.add(history.frames[j], i / every);
    builder.end_point(history.frames[stretches[i].first].from,
                      history.frames[stretches[i].last - 1].to);
  }
  return builder.take(every);
}

}  // namespace gend::report
