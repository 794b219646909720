#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "gend/exit_code.h"
#include "ledger/book.h"
#include "stats/snapshot.h"
#include "stats/threshold.h"
#include "stats/verdict.h"

namespace gend::report {

enum class RunState : std::uint8_t {
  kStarting,
  kWaiting,  // set up, for the moment at which it shall begin
  kRunning,
  kStopping,
  kFinished,
  kFailed,
  kInterrupted  // its daemon ended before it did
};
std::string_view name_of(RunState state);  // "starting", …
bool is_over(RunState state);

// One stretch of a scenario's load; times since the run began.
struct StageFacts {
  std::string name;  // as in the `stage` tag
  Duration from{}, to{};
};

// What of a scenario can be changed while it runs. Those that can can be paused, too.
enum class Steered : std::uint8_t { kNot, kUsers, kRate };

// One scenario, as far as a report speaks of it.
struct ScenarioFacts {
  std::string name;
  std::string executor;  // k6's name
  bool open_model = false;
  Duration start_time{}, duration{};
  double peak = 0;             // users, or arrivals per second
  std::uint64_t max_vus = 0;
  std::string steps;           // "4 requests, 1 think"
  std::vector<StageFacts> stages{};
  Steered steered = Steered::kNot;
};

// One request of the plan, by its place in the program: what samples speak of.
struct RequestFacts {
  std::string name, method;
  std::vector<std::string> checks;  // in the order that stats::Sample::failed_check counts in
};

// One choice between flows: the shares that were asked for, and where it is counted which ran.
struct PickFacts {
  struct Flow {
    std::string name;
    double asked = 0;          // 0 to 1
    std::uint32_t counter = 0;  // slot
  };
  std::string scenario;
  std::vector<Flow> flows;
};

// A tag whose values are a column of the user's row.
struct FacetFacts {
  std::string tag;
  std::size_t folded = 0;  // values that have no row of their own and are in "other"
};

// What a person did to a run while it went on, or gend has to say of its course.
struct RunEvent {
  Duration at{};     // since the run began
  std::string what;  // "users set to 50"
  std::string by;    // "alice (uid 1000)", "gend"
};

// One source of the plan's `observe`.
struct ObservedFacts {
  struct Series {
    std::string metric;   // "observe_app_memory"
    std::string written;  // what it reads, as the plan says it
  };
  std::string name, kind, url;
  Duration every{};
  std::uint64_t polls = 0, failed = 0;
  bool answers = true;     // the latest poll
  std::string last_fault;  // of the latest poll that failed, at `failed_at`; empty: none did
  Duration failed_at{};
  std::vector<Series> series;
};

// What this host can generate at most, as `genctl calibrate` found it.
struct CeilingFacts {
  double requests_per_second = 0;  // of so many shards as the run has
  unsigned shards = 0;             // that it was found with
  std::string calibrated_at;       // "2026-11-21T20:11:31Z"
  std::vector<std::string> stale;  // why it may not hold any more: "kernel 6.1.0 then, 6.12.3 now"
};

// Everything a report says of one run, gathered on the control side: while it runs (for the live
// view) and when it is over. Plain data; `schema` and `total` are owned by whoever made this.
struct RunResult {
  std::string id;            // "20261121-014309-smoke"
  std::string name;          // the plan's
  std::string plan_file;
  std::string owner;         // "alice (uid 1000)"
  RunState state = RunState::kStarting;
  ExitCode exit_code = ExitCode::kPass;
  std::string end_reason;    // "finished", "stopped by alice", "threshold http_req_failed …", …
  std::int64_t started_wall_ms = 0;  // wall clock, ms since 1970
  Duration elapsed{};                // of the run so far
  Duration planned{};                // longest scenario's start + duration, without graceful stops
  std::uint64_t seed = 0;
  double time_scale = 1, load_scale = 1;
  std::string segment;  // "2/3"; empty: the whole load
  std::vector<RunEvent> events;
  bool paused = false;  // externally controlled scenarios begin nothing at the moment
  std::map<std::string, std::string> vars;  // secrets masked
  std::vector<ScenarioFacts> scenarios;
  bool has_open_model = false;
  std::vector<RequestFacts> requests;
  std::vector<PickFacts> picks;
  std::vector<FacetFacts> facets;
  std::vector<std::string> secrets;  // masked in all that a server sent; never shown themselves
  bool tls_insecure = false;  // certificates of the target are not verified

  std::vector<ledger::RoomTotals> rooms;  // who was owed which message; those anybody was in

  const stats::Schema* schema = nullptr;
  const stats::Schema* shown_schema = nullptr;  // secrets masked, for exports
  const stats::Snapshot* total = nullptr;     // the run so far
  const stats::Snapshot* interval = nullptr;  // the latest second; null in a final report
  std::vector<stats::ThresholdResult> thresholds;
  stats::GeneratorVerdict verdict;

  std::vector<std::string> checks;  // names in plan order, for the list of checks
  unsigned shards = 0;
  std::string ring;                  // Fleet::ring_description()
  std::string host;                  // "4 CPUs, 16 GiB, kernel 6.1.0"
  std::string version;               // gend's
  std::optional<CeilingFacts> ceiling;  // none: this host was never calibrated
  double busiest_second = 0;  // HTTP requests per second in the busiest second, over all shards
  std::uint64_t connections = 0, ports = 0, ports_available = 0;
  std::string not_written;  // why the results are not on disk, or not all of them; else empty
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  // what was decided for the user when the plan was compiled
  std::vector<ObservedFacts> observed;
};

}  // namespace gend::report
