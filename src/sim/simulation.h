#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "plan/program.h"
#include "sim/model.h"
#include "stats/snapshot.h"
#include "stats/threshold.h"

namespace gend::sim {

// What a scenario did in one stretch of virtual time; all of them are equally long.
struct Row {
  Duration from{}, to{};  // since the run's start; `to` of the last one may be its end
  double users = 0;       // at work, mean over the stretch
  std::uint64_t planned = 0, started = 0, completed = 0, dropped = 0;  // iterations
  std::uint64_t waiting = 0;  // arrivals that are due and have no user, at the end
  std::uint64_t requests = 0;  // sent
  std::uint64_t failed = 0;    // ended so
  double under_way = 0;        // requests, mean
  Duration p50{}, p99{};       // service time of those that ended; 0: none did
  std::uint64_t bytes_sent = 0, bytes_received = 0;
  std::vector<std::uint64_t> sent{};  // requests by step, as in ScenarioTold::steps
};

struct StepTold {
  std::uint32_t request = 0;  // index into Program::requests
  std::uint64_t sent = 0, ended = 0, failed = 0;
  Duration p50{}, p99{};
};

struct ScenarioTold {
  std::vector<Row> rows;  // from its start to its end
  std::vector<StepTold> steps;
  std::uint64_t planned = 0, started = 0, completed = 0, dropped = 0, requests = 0;
  std::uint64_t most_users = 0, most_requests = 0;      // at once; in one second
  Duration most_users_at{}, most_requests_at{};
};

struct DataTold {
  std::uint32_t set = 0;   // index into Program::data
  std::uint64_t used = 0;  // of its rows
};

// A whole run in virtual time against a model, as told afterwards. The same program, model and seed
// give the same.
struct Simulation {
  enum class End : std::uint8_t { kFinished, kStopped, kAborted };
  End end = End::kFinished;
  std::uint32_t aborted = 0;  // 1 + index into Program::aborts
  Duration length{}, bucket{};
  std::vector<ScenarioTold> scenarios;  // as in the program
  ScenarioTold all;                     // of all together; without rows and steps
  std::vector<DataTold> data;           // sets that are read
  std::uint64_t most_connections = 0;
  stats::GeneratorHealth work;  // iterations: planned, started, completed, dropped and why
  ModelTarget::Counts model;
  std::vector<stats::ThresholdResult> thresholds;  // point into the program
  std::vector<std::string> assumptions;
};

// The length of a row for a run of this length: 20 to 40 rows, and a number that reads well.
Duration bucket_for(Duration length);
// Until the last scenario's last stage ends.
Duration planned_length(const plan::Program& program);

}  // namespace gend::sim
