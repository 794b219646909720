#include "store/digest.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "stats/threshold.h"
#include "store/pack.h"

namespace gend::store {
namespace {

bool records(const stats::Schema& schema, std::string_view metric) {
  return std::ranges::any_of(schema.series(),
                             [&](const stats::Series& s) { return s.metric == metric; });
}

std::int64_t minute_of(const stats::Frame& frame) {
  return std::chrono::duration_cast<std::chrono::minutes>(frame.from).count();
}

std::uint64_t sum_of(const stats::Tally& tally) {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : tally.counts) sum += n;
  return sum;
}

MinuteRow row_of_trend(const stats::Histogram& trend, double units) {
  MinuteRow row;
  row.count = trend.count();
  row.sum = trend.sum() / units;
  row.min = static_cast<double>(trend.min()) / units;
  row.max = static_cast<double>(trend.max()) / units;
  row.p50 = trend.percentile(50) / units;
  row.p90 = trend.percentile(90) / units;
  row.p95 = trend.percentile(95) / units;
  row.p99 = trend.percentile(99) / units;
  return row;
}

// Empty (count 0) when nothing was recorded.
MinuteRow row_of(const stats::Schema& schema, const stats::Series& series,
                 const stats::Recorder& recorder) {
  const stats::Metric* metric = schema.find(series.metric);
  const double units = metric != nullptr ? stats::units_of(*metric) : 1;
  MinuteRow row;
  switch (series.kind) {
    case stats::Kind::kTrend: {
      const stats::Histogram& trend = recorder.trend_at(series.slot);
      if (trend.count() > 0) row = row_of_trend(trend, units);
      break;
    }
    case stats::Kind::kCounter:
      row.count = recorder.counter_at(series.slot);
      row.sum = static_cast<double>(row.count) / units;
      break;
    case stats::Kind::kTally:
      row.count = sum_of(recorder.tally_at(series.slot));
      row.sum = static_cast<double>(row.count);
      break;
    case stats::Kind::kRate:
      row.count = recorder.rate_at(series.slot).total;
      row.sum = static_cast<double>(recorder.rate_at(series.slot).hits);
      break;
    case stats::Kind::kGauge: {
      const stats::Gauge& gauge = recorder.gauge_at(series.slot);
      if (!gauge.set) break;
      row.count = 1;
      row.sum = static_cast<double>(gauge.value) / units;
      row.min = static_cast<double>(gauge.min) / units;
      row.max = static_cast<double>(gauge.max) / units;
      break;
    }
  }
  return row;
}

}  // namespace

std::string latency_metric(const stats::Schema& schema, bool open_model) {
  if (!records(schema, "http_reqs"))
    for (const char* metric : {"delivery_latency", "ws_msg_duration", "sio_ack"})
      if (records(schema, metric)) return metric;
  return open_model ? "http_req_duration_corrected" : "http_req_duration";
}

Digest::Digest(std::unique_ptr<const stats::Schema> schema, std::string latency)
    : schema_{std::move(schema)},
      latency_{std::move(latency)},
      second_{*schema_},
      minute_{*schema_} {}

SecondRow Digest::add(const stats::Frame& frame, std::int64_t wall_ms,
                      std::vector<MinuteRow>& minutes) {
  if (const std::int64_t minute = minute_of(frame); minute != minute_number_) {
    minutes = rows_of_minute();
    minute_.clear();
    minute_number_ = minute;
  }
  minute_.merge(frame);
  second_.clear();
  second_.merge(frame);

  const auto of = [this](const std::string& metric) {
    return stats::select(*schema_, second_, {metric, {}});
  };
  SecondRow row{.n = n_++, .from_ns = frame.from.count(), .to_ns = frame.to.count(),
                .wall_ms = wall_ms, .users = of("vus").gauge.value,
                .started = of("gen_started").count, .requests = of("http_reqs").count,
                .failed = of("http_req_failed").rate.hits, .received = of("data_received").count,
                .sent = of("data_sent").count, .p50 = {}, .p95 = {}, .p99 = {}, .max = {},
                .lag_p99 = {}, .busy = frame.health.busiest,
                .body = packed(stats::encode(frame))};
  if (const auto trend = of(latency_).trend; trend.count() > 0) {
    row.p50 = trend.percentile(50) / 1e6;
    row.p95 = trend.percentile(95) / 1e6;
    row.p99 = trend.percentile(99) / 1e6;
    row.max = static_cast<double>(trend.max()) / 1e6;
  }
  if (const auto lag = of("gen_lag").trend; lag.count() > 0) row.lag_p99 = lag.percentile(99) / 1e6;
  return row;
}

std::vector<MinuteRow> Digest::rows_of_minute() const {
  std::vector<MinuteRow> rows;
  if (minute_number_ < 0) return rows;
  std::int64_t number = 0;
  for (const stats::Series& series : schema_->series()) {
    MinuteRow row = row_of(*schema_, series, minute_);
    row.minute = minute_number_;
    row.series = number++;
    if (row.count > 0) rows.push_back(row);
  }
  return rows;
}

std::vector<MinuteRow> Digest::finish() {
  auto rows = rows_of_minute();
  minute_.clear();
  minute_number_ = -1;
  return rows;
}

}  // namespace gend::store
