#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "control/calibration_file.h"
#include "control/engine.h"
#include "control/exit_rules.h"
#include "control/exports.h"
#include "control/watching.h"
#include "plan/program.h"
#include "report/run_result.h"
#include "report/run_status.h"
#include "stats/snapshot.h"
#include "stats/threshold_watch.h"

namespace gend::control {

enum class StopMode : std::uint8_t { kGraceful, kNow };

using report::RunStatus;

// One run: its plan, its engine, its numbers, and the thread that looks after them once a second.
// It belongs to the daemon; clients come and go.
class Run {
 public:
  struct Spec {
    std::unique_ptr<const plan::Program> program;
    std::string id;
    std::string owner;
    std::int64_t wall_ms = 0;  // when it was asked for
    Strict strict = Strict::kNo;
    std::optional<std::int64_t> start_at_ms;  // wall clock; empty: at once
    engine::FleetOptions fleet;
    std::vector<plan::Export> exports{};
    CalibrationFile calibration{};
  };
  // Called from the run's own thread, never with its lock held.
  struct Hooks {
    std::function<void(Run&)> on_begin;   // once, when it will not be refused any more
    std::function<void(Run&)> on_second;  // after every interval, and now and then while it waits
    std::function<void(Run&)> on_end;     // once, when everything is final or was refused
  };

  Run(Spec spec, Engine& engine, Hooks hooks);
  ~Run();  // stops at once what still runs
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Ready when load is being generated, or with the reason why it will not be. Once.
  std::future<Expected<void>> begun() { return begun_.get_future(); }
  void begin();  // starts the thread; once

  // `by` goes into the report: "stopped by alice (uid 1000)". Takes effect within 0.1 s.
  void request_stop(StopMode mode, const std::string& by);

  // Why it cannot be obeyed; nothing when it will be, within 0.1 s. `by` goes into the report.
  std::optional<std::string> command(const engine::Command& command, const std::string& by);

  // Why the results are not on disk; empty: they are. A change is an event of the run.
  void set_not_written(const std::string& why);

  const std::string& id() const { return spec_.id; }
  RunStatus status() const;
  // Calls `read` with everything a report needs, consistent, while the run's thread waits.
  void with_result(const std::function<void(const report::RunResult&)>& read) const;
  // When the run's thread last came round; the watchdog looks at it.
  TimePoint last_beat() const { return TimePoint{Duration{beat_ns_.load()}}; }

 private:
  void carry_out();
  Expected<std::unique_ptr<Driver>> set_up();
  enum class Waited : bool { kStopped, kItIsTime };
  Waited wait_until(TimePoint at);
  void look_at_calibration(const Driver& driver);
  void drive(Driver& driver);
  void absorb(const Driver& driver, stats::Snapshot& interval);
  void note_busiest_second(const stats::Snapshot& interval);
  void sample_generator(stats::Snapshot& interval) const;
  std::vector<std::string> warnings_of(const Driver& driver) const;
  void note_sources(const Driver& driver);
  void judge();
  void check_aborts();
  void close_books(const Driver& driver);
  void close_exports();
  void note_exports();
  void check_plan_abort();
  void obey(Driver& driver);
  void pass_on_commands(Driver& driver);
  void finish();

  Spec spec_;
  Engine& engine_;
  Hooks hooks_;
  Watching beside_;
  std::promise<Expected<void>> begun_;
  std::atomic<std::int64_t> beat_ns_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable stop_wanted_;
  std::optional<StopMode> wanted_, obeyed_;
  struct Asked {
    engine::Command command;
    std::string by;
  };
  std::vector<Asked> asked_;  // not passed on yet
  EndCause cause_ = EndCause::kFinished;
  std::string cause_words_;
  std::unique_ptr<const stats::Schema> masked_;  // null: no series holds a secret
  std::unique_ptr<Exports> exports_;             // while it runs
  stats::Snapshot total_, interval_;
  stats::ThresholdWatch watch_;
  report::RunResult result_;
  std::string calibration_fault_;  // a warning for as long as the run goes on; else empty

  std::thread thread_;
};

}  // namespace gend::control
