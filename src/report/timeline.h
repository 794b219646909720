#pragma once

#include <cstddef>

#include <nlohmann/json.hpp>

#include "report/history.h"

namespace gend::report {

struct TimelineSize {
  std::size_t points = 1500;  // about twice as many as a screen has room for
  std::size_t columns = 240;  // of a heat map
};

// A run over its time, for charts:
//   from_s, to_s   when each point begins and ends. Consecutive intervals are put together until
//                  there are few enough; never across a gap
//   series         by name one number for each point: counts of what happened in it (planned,
//                  started, completed, requests, failed, lost, sent_bytes, …), levels (users at
//                  their highest, sessions_open, memory_bytes) and what was worst in it
//                  (busiest_percent, lag_p99_ms). Those that were 0 all the time are left out
//   latency        for each metric that times answers: count, p50, p90, p95, p99 and max of each
//                  point, and `heat`: counts by column (every `every` points) and row; row i holds
//                  [rows_ms[i], rows_ms[i + 1])
//   steps          p95 and count of the busiest steps
//   errors         counts of the most frequent kinds of errors, the others together as "other"
//   gauges         levels that the plan or its observers sampled
//   troubles       stretches in which at least 1 % of requests and sessions failed
// Percentiles are those of all samples of a point, from its merged histogram, with four digits;
// null where nothing was sampled. No more than `size.points` points, or twice that with many gaps.
nlohmann::ordered_json timeline_json(const History& history, TimelineSize size = {});

}  // namespace gend::report
