#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "report/run_result.h"
#include "report/run_status.h"
#include "stats/frame.h"
#include "stats/schema.h"

// What is told to the store of a run while it goes on: values, made by the run's thread, that refer
// to nothing of the run.
namespace gend::store {

// How the run stands, with everything that is said of the whole of it.
struct Standing {
  struct Threshold {
    std::string selector, threshold;
    bool ok = true, has_data = false;
    double value = 0;
  };
  report::RunStatus status;
  std::string summary;  // report::summary_json, on one line
  std::vector<Threshold> thresholds;
  std::string verdict, limiting, findings;  // findings: a JSON array
};

// First of all, once a run.
struct Beginning {
  Standing standing;
  std::string plan_text;  // secrets masked
  std::string schema;     // report::schema_json()
  std::string host, ring, version;
  unsigned shards = 0;
  bool open_model = false;  // latency is that from the intended moment
};

// Every interval.
struct Second {
  stats::Frame frame;
  std::int64_t wall_ms = 0;  // of its end
  std::vector<report::RunEvent> events;  // all of the run so far
};

// `result` must have its schema and total.
Standing standing_of(const report::RunResult& result, report::RunStatus status);
Beginning beginning_of(const report::RunResult& result, report::RunStatus status,
                       std::string plan_text);
// Of a result that has an interval.
Second second_of(const report::RunResult& result);

}  // namespace gend::store
