#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stats/frame.h"
#include "stats/recorder.h"
#include "stats/schema.h"

namespace gend::store {

// One row of `seconds`: what people ask for, and the whole second as bytes.
struct SecondRow {
  std::int64_t n = 0, from_ns = 0, to_ns = 0, wall_ms = 0;
  std::int64_t users = 0;
  std::uint64_t started = 0, requests = 0, failed = 0, received = 0, sent = 0;
  std::optional<double> p50, p95, p99, max, lag_p99;  // ms; nothing when nothing was measured
  double busy = 0;   // 0 to 1: of the busiest shard
  std::string body;  // packed encode(Frame)
};

// One series in one minute; in the metric's own unit.
struct MinuteRow {
  std::int64_t minute = 0, series = 0;
  std::uint64_t count = 0;  // samples; of counters: what was counted
  double sum = 0;           // of rates: the hits; of gauges: the latest level
  std::optional<double> min, max;            // of trends and gauges
  std::optional<double> p50, p90, p95, p99;  // of trends
};

// What latency means to a plan: of requests, and where there are none, of messages.
std::string latency_metric(const stats::Schema& schema, bool open_model);

// Turns a run's frames into rows. Pure: no database here.
class Digest {
 public:
  Digest(std::unique_ptr<const stats::Schema> schema, std::string latency);

  // Frames come in order. `minutes` gets the rows of those minutes that are over with this frame.
  SecondRow add(const stats::Frame& frame, std::int64_t wall_ms, std::vector<MinuteRow>& minutes);
  std::vector<MinuteRow> finish();  // the rows of the minute under way
  std::int64_t seconds() const { return n_; }

 private:
  std::vector<MinuteRow> rows_of_minute() const;

  std::unique_ptr<const stats::Schema> schema_;  // the recorders refer to it
  std::string latency_;
  stats::Recorder second_, minute_;
  std::int64_t minute_number_ = -1;  // none under way
  std::int64_t n_ = 0;
};

}  // namespace gend::store
