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
#include "base/wall_clock.h"
#include "control/render.h"
#include "control/status_json.h"
#include "report/live.h"
#include "report/mask.h"
#include "store/record.h"

namespace gend::control {

using namespace std::chrono_literals;

namespace {

// For watchers to read the end of a run before the daemon closes their connections.
constexpr Duration kFarewell = 2s;
// When even cutting off takes longer than this something is broken; systemd decides what then.
constexpr Duration kCutOff = 20s;
constexpr std::size_t kNameInId = 40;

// How often the summary of a run under way is kept: it may take a hundredth of a CPU and some of
// the disk's time. Seconds are kept each.
constexpr std::size_t kSummaryBytesPerSecond = 32 * 1024;
constexpr int kSummaryShare = 100;
constexpr Duration kSoonestSummary = 900ms, kLatestSummary = 10s;

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
  log_remarks();
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
                  .fleet = options_.fleet, .exports = std::move(start.exports),
                  .calibration = options_.calibration},
        engine_,
        Run::Hooks{.on_begin = [this, text = std::move(start.plan_text)](
                                   Run& run) { on_begin(run, text); },
                   .on_second = [this](Run& run) { on_second(run); },
                   .on_end = [this](Run& run) { on_end(run); }});
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
    if (current_ && current_->id() == candidate) return true;
    if (last_ && last_->id() == candidate) return true;
    const bool here = std::ranges::any_of(
        unwritten_, [&](const Unwritten& each) { return each.status.id == candidate; });
    const auto kept = options_.store->find(candidate);
    return here || (kept && *kept);
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

void Runs::on_begin(Run& run, const std::string& plan_text) {
  const RunStatus status = run.status();
  std::optional<store::Beginning> beginning;
  run.with_result([&](const report::RunResult& result) {
    beginning = store::beginning_of(
        result, status, report::masked(plan_text, result.secrets, report::Ends::kWhole));
  });
  options_.store->begin(*std::move(beginning));
  next_standing_ = TimePoint{};
}

// Summaries grow with the plan: one of 20 KB is kept every second, a large one every so many.
void Runs::keep_standing(const Run& run, const RunStatus& status) {
  const TimePoint now = MonotonicClock::now();
  if (now < next_standing_) return;
  store::Standing standing;
  run.with_result([&](const report::RunResult& result) {
    standing = store::standing_of(result, status);
  });
  const Duration cost = MonotonicClock::now() - now;
  const Duration writing = 1s * (standing.summary.size() / kSummaryBytesPerSecond);
  next_standing_ = now + std::clamp<Duration>(std::max(kSummaryShare * cost, writing),
                                              kSoonestSummary, kLatestSummary);
  options_.store->stand(std::move(standing));
}

void Runs::keep(Run& run) {
  std::optional<store::Second> second;
  run.with_result([&](const report::RunResult& result) {
    if (result.interval != nullptr) second = store::second_of(result);
  });
  if (!second) return;  // it waits for its beginning
  options_.store->add(*std::move(second));
  const std::string why = options_.store->not_written();
  const RunStatus before = run.status();
  if (why != before.not_written) {
    run.set_not_written(why);
    if (before.not_written.empty()) spdlog::error("run {}: not on disk: {}", run.id(), why);
    if (why.empty()) spdlog::info("run {}: on disk again", run.id());
  }
  keep_standing(run, run.status());
}

void Runs::on_second(Run& run) {
  keep(run);
  std::string line;
  run.with_result([&](const report::RunResult& result) {
    if (report::has_rates(result)) line = second_line(result);
  });
  if (!line.empty()) hub_.publish(run.id(), line);
}

// The load is over: now the disk is waited for.
void Runs::on_end(Run& run) {
  RunStatus status = run.status();
  const bool began = status.state == report::RunState::kFinished;
  Unwritten end;
  bool written = true;
  if (began) {
    options_.store->settle();
    run.set_not_written(options_.store->not_written());
    store::Standing standing;
    const auto stand = [&] {
      status = run.status();
      run.with_result([&](const report::RunResult& result) {
        standing = store::standing_of(result, status);
        end.summary = summary_of(result);
      });
    };
    stand();
    const std::string why = options_.store->end(standing);
    const auto kept = options_.store->find(run.id());
    written = kept && *kept && report::is_over((*kept)->state);
    if (!written) {
      run.set_not_written(why.empty() ? "the store cannot be read" : why);
      stand();
      spdlog::error("run {}: results are not on disk: {}", run.id(), status.not_written);
    }
    end.status = status;
  }
  const std::lock_guard lock{mutex_};
  current_over_ = true;
  current_began_ = began;
  if (began) {
    spdlog::info("run {}: {}, exit code {}", run.id(), status.end_reason,
                 std::to_underlying(status.exit_code));
    hub_.finish(run.id(), last_line(end.summary));
    if (!written) unwritten_.push_back(std::move(end));
    if (unwritten_.size() > kUnwrittenKept) unwritten_.pop_front();
  } else {
    spdlog::warn("run {}: refused: {}", run.id(), status.end_reason);
    hub_.finish(run.id(), last_line(""));
  }
  idle_.notify_all();
}

void Runs::log_remarks() {
  for (const std::string& each : options_.store->take_remarks()) spdlog::warn("{}", each);
}

const Run* Runs::running() const { return current_ && !current_over_ ? current_.get() : nullptr; }

const Run* Runs::running(const std::string& id) const {
  return running() && current_->id() == id ? current_.get() : nullptr;
}

std::optional<Runs::Unwritten> Runs::unwritten(const std::string& id) const {
  std::optional<Unwritten> found;
  {
    const std::lock_guard lock{mutex_};
    for (const Unwritten& each : unwritten_)
      if (each.status.id == id) found = each;
  }
  if (!found) return std::nullopt;
  // The disk may have taken it since.
  const auto kept = options_.store->find(id);
  if (kept && *kept && report::is_over((*kept)->state)) return std::nullopt;
  return found;
}

bool Runs::exists(const std::string& id) const { return find(id).has_value(); }

Runs::StopAnswer Runs::stop(const std::string& id, StopMode mode, const std::string& by) {
  {
    const std::lock_guard lock{mutex_};
    if (running(id)) {
      current_->request_stop(mode, by);
      return StopAnswer::kStopping;
    }
  }
  return exists(id) ? StopAnswer::kNotRunning : StopAnswer::kUnknown;
}

std::expected<void, Problem> Runs::command(const std::string& id, const engine::Command& command,
                                           const std::string& by) {
  {
    const std::lock_guard lock{mutex_};
    if (running(id)) {
      const auto refused = current_->command(command, by);
      if (!refused) return {};
      return std::unexpected{Problem{.status = 409, .type = "not-possible",
                                     .title = "The run cannot do this", .detail = *refused,
                                     .remedy = {}, .errors = {},
                                     .exit_code = ExitCode::kUsage}};
    }
  }
  return std::unexpected{exists(id) ? not_running(id) : no_such_run(id)};
}

std::optional<RunStatus> Runs::active() const {
  const std::lock_guard lock{mutex_};
  if (const Run* run = running()) return run->status();
  return std::nullopt;
}

std::expected<std::vector<RunStatus>, Problem> Runs::list() const {
  // Before the store is asked: a run that ends meanwhile is in both, never in neither.
  const auto active_run = active();
  auto all = options_.store->list();
  if (!all) return std::unexpected{problem_of(all.error())};
  std::deque<Unwritten> others;
  {
    const std::lock_guard lock{mutex_};
    others = unwritten_;
  }
  const auto place = [&](const std::string& id) {
    return std::ranges::find(*all, id, &RunStatus::id);
  };
  for (const Unwritten& each : others) {
    const auto at = place(each.status.id);
    if (at == all->end()) all->push_back(each.status);
    else if (!report::is_over(at->state)) *at = each.status;
  }
  if (!active_run) return *std::move(all);
  if (const auto at = place(active_run->id); at == all->end()) all->push_back(*active_run);
  else if (!report::is_over(at->state)) *at = *active_run;
  return *std::move(all);
}

std::expected<RunStatus, Problem> Runs::find(const std::string& id) const {
  {
    const std::lock_guard lock{mutex_};
    if (const Run* run = running(id)) return run->status();
  }
  if (auto kept = unwritten(id)) return std::move(kept->status);
  auto found = options_.store->find(id);
  if (!found) return std::unexpected{problem_of(found.error())};
  if (!*found) return std::unexpected{no_such_run(id)};
  return **std::move(found);
}

std::expected<std::string, Problem> Runs::summary(const std::string& id) const {
  {
    const std::lock_guard lock{mutex_};
    if (const Run* run = running(id)) {
      std::string text;
      run->with_result([&](const report::RunResult& result) { text = summary_of(result); });
      return text;
    }
  }
  if (auto kept = unwritten(id)) return std::move(kept->summary);
  auto found = options_.store->summary(id);
  if (!found) return std::unexpected{problem_of(found.error())};
  if (!*found) return std::unexpected{no_such_run(id)};
  return indented(**found);
}

std::expected<std::string, Problem> Runs::run_file(const std::string& id, Duration from) const {
  // What is on disk of the summary is that of a moment ago, or of the end.
  std::optional<std::string> newer;
  {
    const std::lock_guard lock{mutex_};
    if (const Run* run = running(id))
      run->with_result([&](const report::RunResult& result) { newer = summary_of(result); });
  }
  if (!newer)
    if (auto kept = unwritten(id)) newer = std::move(kept->summary);
  auto file = options_.store->run_file(id, newer, from);
  if (!file) return std::unexpected{problem_of(file.error())};
  if (!*file) return std::unexpected{no_such_run(id)};
  return **std::move(file);
}

std::expected<void, Problem> Runs::remove(const std::string& id) {
  {
    const std::lock_guard lock{mutex_};
    if (running(id))
      return std::unexpected{Problem{.status = 409, .type = "running",
                                     .title = "The run goes on",
                                     .detail = "run " + id + " is going on",
                                     .remedy = "end it first: genctl stop", .errors = {},
                                     .exit_code = ExitCode::kBusy}};
  }
  const auto removed = options_.store->remove(id);
  if (!removed) return std::unexpected{problem_of(removed.error())};
  const std::lock_guard lock{mutex_};
  const auto here = std::erase_if(
      unwritten_, [&](const Unwritten& each) { return each.status.id == id; });
  if (!*removed && here == 0) return std::unexpected{no_such_run(id)};
  return {};
}

std::string Runs::metrics(exporter::Names names) const {
  const std::lock_guard lock{mutex_};
  const bool refused = current_over_ && !current_began_;
  const Run* run = current_ && !refused ? current_.get() : last_.get();
  if (!run) return metrics_of(nullptr, names);
  std::string text;
  run->with_result([&](const report::RunResult& result) { text = metrics_of(&result, names); });
  return text;
}

std::unique_ptr<StreamHub::Subscription> Runs::follow(const std::string& id) {
  {
    const std::lock_guard lock{mutex_};
    // on_end() needs the lock too, so a run cannot end between the question and the subscription.
    if (running(id)) return hub_.subscribe(id);
  }
  const auto text = summary(id);
  return text ? hub_.subscribe_finished(id, last_line(*text)) : nullptr;
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
