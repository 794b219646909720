#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/calibration_file.h"
#include "control/engine.h"
#include "control/problem.h"
#include "control/run.h"
#include "control/stream_hub.h"
#include "export/families.h"
#include "store/store.h"

namespace gend::control {

inline constexpr std::size_t kUnwrittenKept = 20;  // runs in memory that the disk did not take

// All runs of a daemon: at most one under way, and the finished ones, which are in the store. Every
// member may be called from any thread.
class Runs {
 public:
  struct Options {
    engine::FleetOptions fleet;
    std::unique_ptr<store::Store> store;  // never null
    CalibrationFile calibration{};
  };
  Runs(Engine& engine, Options options);
  ~Runs();  // stops at once what still runs
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;

  struct Start {
    std::unique_ptr<const plan::Program> program;
    std::string owner;
    std::string plan_text{};  // as it was sent
    Strict strict = Strict::kNo;
    std::optional<std::int64_t> start_at_ms{};  // wall clock; empty: at once
    std::vector<plan::Export> exports{};
  };
  // Returns when load is being generated, or with why it is not. Of two starts at once, one wins.
  std::expected<RunStatus, Problem> start(Start start);

  enum class StopAnswer : std::uint8_t { kStopping, kNotRunning, kUnknown };
  StopAnswer stop(const std::string& id, StopMode mode, const std::string& by);

  // What the API answers when the command cannot be obeyed: 404, 409.
  std::expected<void, Problem> command(const std::string& id, const engine::Command& command,
                                       const std::string& by);

  std::optional<RunStatus> active() const;
  // The problems: there is no such run; the store cannot be read.
  std::expected<std::vector<RunStatus>, Problem> list() const;  // oldest first, the active one last
  std::expected<RunStatus, Problem> find(const std::string& id) const;
  std::expected<std::string, Problem> summary(const std::string& id) const;  // so far, or final
  // A run file (report/history.h), of the intervals those that began at `from` or later.
  std::expected<std::string, Problem> run_file(const std::string& id, Duration from = {}) const;
  std::expected<void, Problem> remove(const std::string& id);
  // Of the active run, or of the one before.
  std::string metrics(exporter::Names names = exporter::Names::kGend) const;

  const engine::FleetOptions& fleet() const { return options_.fleet; }  // of every run
  const CalibrationFile& calibration() const { return options_.calibration; }

  void log_remarks();  // what the store has to say

  // The rest of a run, line by line: nothing for an unknown id. A finished run's stream consists
  // of its last line.
  std::unique_ptr<StreamHub::Subscription> follow(const std::string& id);
  const StreamHub& streams() const { return hub_; }

  // No more starts; the active run gets `grace` to end by itself and is cut off then. Returns when
  // it is over and written, and its watchers have had a moment to read the end.
  void shut_down(Duration grace, const std::string& by);
  void hurry(const std::string& by);  // cut off now, also during shut_down()

  // False when a run's thread has not come round for `limit`: the watchdog's question.
  bool alive(Duration limit) const;

 private:
  std::string new_id(const std::string& name, std::int64_t wall_ms) const;
  struct Unwritten {
    RunStatus status;
    std::string summary;
  };
  void on_begin(Run& run, const std::string& plan_text);
  void on_second(Run& run);
  void on_end(Run& run);
  void keep_standing(const Run& run, const RunStatus& status);
  void keep(Run& run);
  const Run* running() const;
  const Run* running(const std::string& id) const;
  // Nothing when the store has the end of the run, or there is none.
  std::optional<Unwritten> unwritten(const std::string& id) const;
  bool exists(const std::string& id) const;
  Problem busy() const;

  Engine& engine_;
  Options options_;
  StreamHub hub_;
  TimePoint next_standing_{};  // of the run's thread

  mutable std::mutex mutex_;  // guards all below; taken before a run's own lock, never after
  std::condition_variable idle_;
  bool closing_ = false;
  bool current_over_ = true;  // current_ has ended or was refused; its thread is about to return
  bool current_began_ = false;
  std::deque<Unwritten> unwritten_;
  std::unique_ptr<Run> last_;     // the run before current_, kept for its metrics
  std::unique_ptr<Run> current_;  // destroyed first: its thread uses everything above
};

}  // namespace gend::control
