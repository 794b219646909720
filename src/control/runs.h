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

#include "control/engine.h"
#include "control/problem.h"
#include "control/run.h"
#include "control/run_store.h"
#include "control/stream_hub.h"

namespace gend::control {

inline constexpr std::size_t kRunsKept = 50;  // finished runs in memory
inline constexpr int kCheckpointSeconds = 10;  // how often a run under way is written to disk

// All runs of a daemon: at most one under way, and the finished ones. Every member may be called
// from any thread.
class Runs {
 public:
  struct Options {
    engine::FleetOptions fleet;
    std::optional<RunStore> store;
  };
  Runs(Engine& engine, Options options);
  ~Runs();  // stops at once what still runs
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;

  struct Start {
    std::unique_ptr<const plan::Program> program;
    std::string owner;
    Strict strict = Strict::kNo;
    std::optional<std::int64_t> start_at_ms{};  // wall clock; empty: at once
  };
  // Returns when load is being generated, or with why it is not. Of two starts at once, one wins.
  std::expected<RunStatus, Problem> start(Start start);

  enum class StopAnswer : std::uint8_t { kStopping, kNotRunning, kUnknown };
  StopAnswer stop(const std::string& id, StopMode mode, const std::string& by);

  // What the API answers when the command cannot be obeyed: 404, 409.
  std::expected<void, Problem> command(const std::string& id, const engine::Command& command,
                                       const std::string& by);

  std::optional<RunStatus> active() const;
  std::vector<RunStatus> list() const;  // oldest first, the active one last
  std::optional<RunStatus> find(const std::string& id) const;
  std::optional<std::string> summary(const std::string& id) const;  // so far, or final
  std::string metrics() const;  // of the active run, or of the one before

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
  void on_second(const Run& run);
  void on_end(const Run& run);
  RunRecord record_of(const Run& run) const;
  void write(RunRecord& record);
  const Run* running() const;
  const RunRecord* finished(const std::string& id) const;
  Problem busy() const;

  Engine& engine_;
  Options options_;
  StreamHub hub_;

  mutable std::mutex mutex_;  // guards all below; taken before a run's own lock, never after
  std::condition_variable idle_;
  bool closing_ = false;
  bool current_over_ = true;  // current_ has ended or was refused; its thread is about to return
  bool current_began_ = false;
  std::deque<RunRecord> finished_;
  std::unique_ptr<Run> last_;     // the run before current_, kept for its metrics
  std::unique_ptr<Run> current_;  // destroyed first: its thread uses everything above
};

}  // namespace gend::control
