#include "control/runs.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <future>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/assert.h"
#include "control/render.h"
#include "control/status_json.h"

namespace gend::control {

using namespace std::chrono_literals;

namespace {

// For watchers to read the end of a run before the daemon closes their connections.
constexpr Duration kFarewell = 2s;
// When even cutting off takes longer than this something is broken; systemd decides what then.
constexpr Duration kCutOff = 20s;
constexpr std::size_t kNameInId = 40;

std::int64_t wall_ms_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// As it may stand in a file name and in a URL.
std::string slug(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) text += c;
    else if (!text.empty() && text.back() != '-') text += '-';
    if (text.size() == kNameInId) break;
  }
  while (text.ends_with('-')) text.pop_back();
  return text.empty() ? "run" : text;
}

Problem closing() {
  return {.status = 503, .type = "stopping", .title = "The daemon is stopping",
          .detail = "gend is stopping and starts no more runs", .remedy = "start it again",
          .errors = {}, .exit_code = ExitCode::kNoDaemon};
}

}  // namespace

Runs::Runs(Engine& engine, Options options) : engine_{engine}, options_{std::move(options)} {
  if (!options_.store) return;
  for (RunRecord& record : options_.store->newest(kRunsKept)) {
    if (record.status.exit_code == ExitCode::kRunLost)
      spdlog::warn("run {}: {}", record.status.id, record.status.end_reason);
    finished_.push_back(std::move(record));
  }
}

Runs::~Runs() {
  hub_.end_all();
  current_.reset();
}

std::expected<RunStatus, Problem> Runs::start(Start start) {
  std::future<Expected<void>> begun;
  std::string id;
  {
    const std::lock_guard lock{mutex_};
    if (closing_) return std::unexpected{closing()};
    if (!current_over_) return std::unexpected{busy()};
    if (current_ && current_began_) last_ = std::move(current_);
    const std::int64_t now = wall_ms_now();
    id = new_id(start.program->name, now);
    current_ = std::make_unique<Run>(
        Run::Spec{.program = std::move(start.program), .id = id, .owner = std::move(start.owner),
                  .wall_ms = now, .strict = start.strict, .start_at_ms = start.start_at_ms,
                  .fleet = options_.fleet},
        engine_,
        Run::Hooks{.on_second = [this](const Run& run) { on_second(run); },
                   .on_end = [this](const Run& run) { on_end(run); }});
    current_over_ = false;
    current_began_ = false;
    begun = current_->begun();
    current_->begin();
  }
  // Not under the lock: names are resolved and arrays allocated now.
  if (const Expected<void> answer = begun.get(); !answer)
    return std::unexpected{problem_of(answer.error())};
  auto status = find(id);
  GEND_ASSERT(status.has_value());
  spdlog::info("run {}: begun by {}", id, status->owner);
  return *std::move(status);
}

std::string Runs::new_id(const std::string& name, std::int64_t wall_ms) const {
  const std::time_t seconds = static_cast<std::time_t>(wall_ms / 1000);
  const std::string base = fmt::format("{:%Y%m%d-%H%M%S}-{}", fmt::gmtime(seconds), slug(name));
  std::string id = base;
  const auto taken = [this](const std::string& candidate) {
    return finished(candidate) || (current_ && current_->id() == candidate) ||
           (last_ && last_->id() == candidate) ||
           (options_.store && options_.store->has(candidate));
  };
  for (int n = 2; taken(id); ++n) id = fmt::format("{}-{}", base, n);
  return id;
}

Problem Runs::busy() const {
  const RunStatus status = current_->status();
  return {.status = 409, .type = "busy", .title = "Another run is going on",
          .detail = fmt::format("run {} of {} is {}: {:.0f} % done, about {:.0f} s left", status.id,
                                status.owner, report::name_of(status.state),
                                100 * progress_of(status), to_seconds(time_left(status))),
          .remedy = "wait for it (genctl watch), or end it (genctl stop)", .errors = {},
          .exit_code = ExitCode::kBusy};
}

void Runs::on_second(const Run& run) {
  std::string line;
  run.with_result([&](const report::RunResult& result) { line = second_line(result); });
  hub_.publish(run.id(), line);
  const RunStatus status = run.status();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(status.elapsed).count();
  if (!options_.store || seconds == 0 || seconds % kCheckpointSeconds != 0) return;
  RunRecord record = record_of(run);
  write(record);
}

void Runs::on_end(const Run& run) {
  RunRecord record = record_of(run);
  const bool began = record.status.state == report::RunState::kFinished;
  if (began) write(record);
  const std::lock_guard lock{mutex_};
  current_over_ = true;
  current_began_ = began;
  if (began) {
    spdlog::info("run {}: {}, exit code {}", run.id(), record.status.end_reason,
                 std::to_underlying(record.status.exit_code));
    hub_.finish(run.id(), last_line(record.summary));
    finished_.push_back(std::move(record));
    if (finished_.size() > kRunsKept) finished_.pop_front();
  } else {
    spdlog::warn("run {}: refused: {}", run.id(), record.status.end_reason);
    hub_.finish(run.id(), last_line(""));
  }
  idle_.notify_all();
}

RunRecord Runs::record_of(const Run& run) const {
  RunRecord record{.status = run.status(), .summary = {}};
  run.with_result([&](const report::RunResult& result) { record.summary = summary_of(result); });
  return record;
}

void Runs::write(RunRecord& record) {
  if (!options_.store) return;
  if (const auto written = options_.store->write(record); !written) {
    record.status.not_written = written.error().message;
    spdlog::error("run {}: results incomplete on disk: {}", record.status.id,
                  record.status.not_written);
  }
}

const Run* Runs::running() const { return current_ && !current_over_ ? current_.get() : nullptr; }

const RunRecord* Runs::finished(const std::string& id) const {
  const auto found = std::find_if(finished_.begin(), finished_.end(),
                                  [&](const RunRecord& record) { return record.status.id == id; });
  return found == finished_.end() ? nullptr : &*found;
}

Runs::StopAnswer Runs::stop(const std::string& id, StopMode mode, const std::string& by) {
  const std::lock_guard lock{mutex_};
  if (running() && current_->id() == id) {
    current_->request_stop(mode, by);
    return StopAnswer::kStopping;
  }
  return finished(id) ? StopAnswer::kNotRunning : StopAnswer::kUnknown;
}

std::expected<void, Problem> Runs::command(const std::string& id, const engine::Command& command,
                                           const std::string& by) {
  const std::lock_guard lock{mutex_};
  if (!running() || current_->id() != id) {
    if (!finished(id)) return std::unexpected{no_such_run(id)};
    return std::unexpected{not_running(id)};
  }
  const auto refused = current_->command(command, by);
  if (!refused) return {};
  return std::unexpected{Problem{.status = 409, .type = "not-possible",
                                 .title = "The run cannot do this", .detail = *refused,
                                 .remedy = {}, .errors = {}, .exit_code = ExitCode::kUsage}};
}

std::optional<RunStatus> Runs::active() const {
  const std::lock_guard lock{mutex_};
  if (const Run* run = running()) return run->status();
  return std::nullopt;
}

std::vector<RunStatus> Runs::list() const {
  const std::lock_guard lock{mutex_};
  std::vector<RunStatus> all;
  for (const RunRecord& record : finished_) all.push_back(record.status);
  if (const Run* run = running()) all.push_back(run->status());
  return all;
}

std::optional<RunStatus> Runs::find(const std::string& id) const {
  const std::lock_guard lock{mutex_};
  if (running() && current_->id() == id) return current_->status();
  const RunRecord* record = finished(id);
  return record ? std::optional{record->status} : std::nullopt;
}

std::optional<std::string> Runs::summary(const std::string& id) const {
  const std::lock_guard lock{mutex_};
  if (running() && current_->id() == id) {
    std::string text;
    current_->with_result([&](const report::RunResult& result) { text = summary_of(result); });
    return text;
  }
  const RunRecord* record = finished(id);
  return record ? std::optional{record->summary} : std::nullopt;
}

std::string Runs::metrics() const {
  const std::lock_guard lock{mutex_};
  const bool refused = current_over_ && !current_began_;
  const Run* run = current_ && !refused ? current_.get() : last_.get();
  if (!run) return metrics_of(nullptr);
  std::string text;
  run->with_result([&](const report::RunResult& result) { text = metrics_of(&result); });
  return text;
}

std::unique_ptr<StreamHub::Subscription> Runs::follow(const std::string& id) {
  const std::lock_guard lock{mutex_};
  // on_end() needs the lock too, so a run cannot end between the question and the subscription.
  if (running() && current_->id() == id) return hub_.subscribe(id);
  const RunRecord* record = finished(id);
  return record ? hub_.subscribe_finished(id, last_line(record->summary)) : nullptr;
}

void Runs::hurry(const std::string& by) {
  const std::lock_guard lock{mutex_};
  if (running()) current_->request_stop(StopMode::kNow, by);
}

void Runs::shut_down(Duration grace, const std::string& by) {
  {
    std::unique_lock lock{mutex_};
    closing_ = true;
    if (running()) {
      current_->request_stop(StopMode::kGraceful, by);
      if (!idle_.wait_for(lock, grace, [this] { return current_over_; }))
        current_->request_stop(StopMode::kNow, by);
      if (!idle_.wait_for(lock, kCutOff, [this] { return current_over_; }))
        spdlog::error("run {}: does not end", current_->id());
    }
  }
  hub_.wait_until_empty(kFarewell);
  hub_.end_all();
}

bool Runs::alive(Duration limit) const {
  const std::lock_guard lock{mutex_};
  const Run* run = running();
  if (!run || run->status().state == report::RunState::kStarting) return true;
  return MonotonicClock::now() - run->last_beat() < limit;
}

}  // namespace gend::control
