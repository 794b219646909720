#include "control/run.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/thread_name.h"
#include "control/facts.h"
#include "control/plan_facts.h"
#include "control/run_request.h"
#include "control/steer.h"
#include "report/history.h"
#include "stats/message_verdict.h"

namespace gend::control {

using namespace std::chrono_literals;
using Collected = engine::Fleet::Collected;

namespace {

// How long a stop may wait to be seen.
constexpr Duration kCollectWait = 100ms;
// While a run waits for its beginning: the shards are told so much ahead of it, watchers hear of it
// so often that their connections are not taken for dead.
constexpr Duration kStartAhead = 100ms, kWaitingBeat = 5s;

// The moment that the wall clock will call `wall_ms`: converted once, so that a wall clock which is
// set meanwhile changes nothing.
TimePoint moment_of(std::int64_t wall_ms) {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return MonotonicClock::now() + (std::chrono::milliseconds{wall_ms} - wall);
}

report::RunResult facts_of(const Run::Spec& spec) {
  const plan::Program& program = *spec.program;
  report::RunResult result;
  result.id = spec.id;
  result.name = program.name;
  result.plan_file = program.source_name;
  result.owner = spec.owner;
  result.started_wall_ms = spec.start_at_ms.value_or(spec.wall_ms);
  result.planned = planned_duration(program);
  result.seed = program.seed;
  result.time_scale = program.time_scale;
  result.load_scale = program.load_scale;
  if (program.segment.count > 1) result.segment = show_segment(program.segment);
  result.vars = program.vars;
  result.scenarios = scenario_facts(program);
  add_plan_facts(program, result);
  result.has_open_model = has_open_model(program);
  result.tls_insecure = is_insecure(program);
  result.checks = check_names(program);
  result.version = GEND_VERSION;
  return result;
}

// The median that decides how much lateness of our own matters: of the first of the metrics that
// has samples.
Duration median_of(const stats::Schema& schema, const stats::Recorder& recorder,
                   std::initializer_list<const char*> metrics) {
  for (const char* metric : metrics) {
    const stats::Selected selected = stats::select(schema, recorder, {metric, {}});
    if (selected.trend.count() > 0)
      return Duration{static_cast<std::int64_t>(selected.trend.percentile(50))};
  }
  return Duration{};
}

bool records(const stats::Schema& schema, std::string_view metric) {
  return std::ranges::any_of(schema.series(),
                             [&](const stats::Series& s) { return s.metric == metric; });
}

// Requests are judged from intent, as the report leads with it; plans whose steps record no
// corrected time fall back to the service time. Without any request it is the messages that count.
stats::GeneratorVerdict verdict_on(const stats::Schema& schema, const stats::Snapshot& total) {
  const stats::Recorder& recorder = total.recorder;
  const stats::Selected lag = stats::select(schema, recorder, {"gen_lag", {}});
  if (records(schema, "ws_sessions") && !records(schema, "http_reqs"))
    return stats::judge_messages(
        total.health, lag.trend,
        median_of(schema, recorder,
                  {"delivery_latency", "ws_msg_duration", "sio_ack", "ws_ping", "ws_connecting",
                   "sio_connecting"}));
  return stats::judge(total.health, lag.trend,
                      median_of(schema, recorder,
                                {"http_req_duration_corrected", "http_req_duration"}));
}

}  // namespace

Run::Run(Spec spec, Engine& engine, Hooks hooks)
    : spec_{std::move(spec)},
      engine_{engine},
      hooks_{std::move(hooks)},
      beside_{*spec_.program, spec_.fleet.allow},
      beat_ns_{MonotonicClock::now().time_since_epoch().count()},
      total_{spec_.program->schema},
      interval_{spec_.program->schema},
      watch_{spec_.program->schema, spec_.program->thresholds},
      result_{facts_of(spec_)} {
  result_.schema = &spec_.program->schema;
  masked_ = report::masked_schema(*result_.schema, result_.secrets);
  result_.shown_schema = masked_ ? masked_.get() : result_.schema;
  result_.total = &total_;
}

Run::~Run() {
  request_stop(StopMode::kNow, "gend");
  if (thread_.joinable()) thread_.join();
}

void Run::begin() {
  thread_ = std::thread{[this] { carry_out(); }};
}

void Run::carry_out() {
  name_this_thread("gend-run");
  auto driver = set_up();
  if (!driver) {
    {
      const std::lock_guard lock{mutex_};
      result_.state = report::RunState::kFailed;
      result_.exit_code = driver.error().code;
      result_.end_reason = driver.error().message;
    }
    // First the books, then the answer: whoever is told "refused" may start another run.
    hooks_.on_end(*this);
    begun_.set_value(std::unexpected{driver.error()});
    return;
  }
  hooks_.on_begin(*this);
  if (!spec_.start_at_ms) {
    (*driver)->start({});
    begun_.set_value({});
    drive(**driver);
  } else {
    begun_.set_value({});
    const TimePoint at = moment_of(*spec_.start_at_ms);
    if (wait_until(at - kStartAhead) == Waited::kItIsTime) {
      (*driver)->start(at);
      drive(**driver);
    }
  }
  close_exports();
  finish();
  hooks_.on_end(*this);
}

Expected<std::unique_ptr<Driver>> Run::set_up() {
  auto driver = engine_.create(*spec_.program, spec_.fleet);
  if (!driver) return driver;
  const HostFacts host = engine_.host();
  const engine::Capacity capacity = (*driver)->capacity();
  look_at_calibration(**driver);
  {
    const std::lock_guard lock{mutex_};
    result_.shards = (*driver)->shards();
    result_.ring = (*driver)->ring_description();
    result_.host = describe(host);
    result_.connections = capacity.connections;
    result_.ports = capacity.ports;
    result_.ports_available = capacity.ports_available;
    result_.warnings = warnings_of(**driver);
    exports_ = std::make_unique<Exports>(*spec_.program, *result_.shown_schema, spec_.exports,
                                         spec_.fleet.allow);
    result_.state = spec_.start_at_ms ? report::RunState::kWaiting : report::RunState::kRunning;
  }
  return driver;
}

// At what share of this host's ceiling the run goes; a file that cannot be read is only a warning.
void Run::look_at_calibration(const Driver& driver) {
  const auto calibration = spec_.calibration.read();
  const std::lock_guard lock{mutex_};
  if (!calibration)
    calibration_fault_ = "the calibration of this host is not used: " + calibration.error() +
                         "; genctl calibrate writes it anew";
  else if (*calibration)
    result_.ceiling = ceiling_of(**calibration, place_of(engine_, driver.ring_description()),
                                 driver.shards());
}

std::vector<std::string> Run::warnings_of(const Driver& driver) const {
  std::vector<std::string> warnings = driver.warnings();
  if (!calibration_fault_.empty()) warnings.push_back(calibration_fault_);
  return warnings;
}

Run::Waited Run::wait_until(TimePoint at) {
  for (;;) {
    const TimePoint now = MonotonicClock::now();
    beat_ns_ = now.time_since_epoch().count();
    {
      std::unique_lock lock{mutex_};
      const Duration left = std::clamp(at - now, Duration{}, kWaitingBeat);
      if (stop_wanted_.wait_for(lock, left, [this] { return wanted_.has_value(); })) {
        obeyed_ = wanted_;
        return Waited::kStopped;
      }
      if (now >= at) {
        result_.state = report::RunState::kRunning;
        return Waited::kItIsTime;
      }
    }
    hooks_.on_second(*this);
  }
}

void Run::drive(Driver& driver) {
  stats::Snapshot interval{spec_.program->schema};
  beside_.begin();
  for (;;) {
    obey(driver);
    const Collected collected = driver.collect(interval, kCollectWait);
    beat_ns_ = MonotonicClock::now().time_since_epoch().count();
    switch (collected) {
      case Collected::kNothing: continue;
      case Collected::kFinished: return close_books(driver);
      case Collected::kInterval: break;
    }
    absorb(driver, interval);
    hooks_.on_second(*this);
  }
}

std::optional<std::string> Run::command(const engine::Command& command, const std::string& by) {
  if (auto refused = refusal_of(command, *spec_.program)) return refused;
  const std::lock_guard lock{mutex_};
  if (wanted_) return "the run is ending";
  asked_.push_back({command, by});
  return std::nullopt;
}

void Run::pass_on_commands(Driver& driver) {
  std::vector<Asked> asked;
  {
    const std::lock_guard lock{mutex_};
    asked.swap(asked_);
    const Duration at = std::max(Duration{}, MonotonicClock::now() - driver.started_at());
    for (const Asked& each : asked)
      result_.events.push_back({.at = at, .what = describe(each.command), .by = each.by});
    for (const Asked& each : asked) {
      if (each.command.kind == engine::Command::Kind::kPause) result_.paused = true;
      if (each.command.kind == engine::Command::Kind::kResume) result_.paused = false;
    }
  }
  for (const Asked& each : asked) driver.command(each.command);
}

void Run::obey(Driver& driver) {
  pass_on_commands(driver);
  std::optional<StopMode> mode;
  {
    const std::lock_guard lock{mutex_};
    if (wanted_ == obeyed_) return;
    mode = obeyed_ = wanted_;
    result_.state = report::RunState::kStopping;
  }
  driver.stop(*mode == StopMode::kNow ? engine::Fleet::Stop::kNow
                                      : engine::Fleet::Stop::kGraceful);
}

// What no shard can measure alone: the busiest of them, and the process.
void Run::sample_generator(stats::Snapshot& interval) const {
  // The last interval may be too short to say how busy anything was.
  if (interval.health.wall < 500ms) return;
  for (const stats::Series& series : spec_.program->schema.series()) {
    if (series.metric == "gen_cpu")
      interval.recorder.gauge(series.slot, std::llround(interval.health.busiest * 100));
    if (series.metric == "gen_memory")
      interval.recorder.gauge(series.slot, interval.health.memory_bytes);
  }
}

// What has become of the sources of `observe`; the lock is held.
void Run::note_sources(const Driver& driver) {
  std::vector<report::RunEvent> news = beside_.news(driver.started_at());
  std::ranges::move(news, std::back_inserter(result_.events));
  result_.observed = beside_.facts(driver.started_at());
  std::ranges::move(warnings_on(result_.observed), std::back_inserter(result_.warnings));
}

// Of seconds that are long enough to speak of a rate.
void Run::note_busiest_second(const stats::Snapshot& interval) {
  const Duration length = interval.recorder.to - interval.recorder.from;
  if (!result_.ceiling || length < 900ms || !records(spec_.program->schema, "http_reqs")) return;
  const stats::Selected requests =
      stats::select(spec_.program->schema, interval.recorder, {"http_reqs", {}});
  result_.busiest_second = std::max(result_.busiest_second,
                                    static_cast<double>(requests.count) / to_seconds(length));
}

void Run::absorb(const Driver& driver, stats::Snapshot& interval) {
  beside_.sample(interval.recorder, MonotonicClock::now());  // reads files: not with the lock held
  const std::lock_guard lock{mutex_};
  sample_generator(interval);
  interval_.clear();
  interval_.merge(interval, stats::Recorder::Over::kIntervals);
  interval_.recorder.from = interval.recorder.from;
  interval_.recorder.to = interval.recorder.to;
  total_.merge(interval, stats::Recorder::Over::kIntervals);
  total_.recorder.from = driver.started_at();
  total_.recorder.to = interval.recorder.to;
  result_.elapsed = std::max(Duration{}, total_.recorder.to - total_.recorder.from);
  const Duration from = interval.recorder.from - driver.started_at();
  watch_.add(interval.recorder, from, result_.elapsed);
  result_.interval = &interval_;
  note_busiest_second(interval);
  result_.warnings = warnings_of(driver);
  note_sources(driver);
  result_.rooms = driver.rooms();
  judge();
  exports_->push(interval, from, result_.elapsed, result_);
  note_exports();
  check_plan_abort();
  check_aborts();
}

// Needs the lock.
void Run::note_exports() {
  for (std::string& warning : exports_->warnings()) result_.warnings.push_back(std::move(warning));
  for (report::RunEvent& event : exports_->news(result_.elapsed))
    result_.events.push_back(std::move(event));
}

// May take limits::kExportFarewell; the lock is free meanwhile.
void Run::close_exports() {
  exports_->close();
  const std::lock_guard lock{mutex_};
  std::erase_if(result_.warnings, [](const auto& w) { return w.starts_with("export to "); });
  note_exports();
}

// Only now, that no shard writes any more, they are exact.
void Run::close_books(const Driver& driver) {
  beside_.end();
  const std::lock_guard lock{mutex_};
  result_.rooms = driver.rooms();
}

void Run::check_plan_abort() {
  if (wanted_ || total_.aborted == 0) return;
  wanted_ = StopMode::kNow;
  cause_ = EndCause::kPlan;
  cause_words_ =
      "the plan aborted the run: " + spec_.program->aborts.at(total_.aborted - 1).message;
}

// Both need the lock.
void Run::judge() {
  const stats::Schema& schema = spec_.program->schema;
  result_.thresholds = watch_.results(total_.recorder, result_.elapsed);
  result_.verdict = verdict_on(schema, total_);
}

void Run::check_aborts() {
  if (wanted_) return;
  for (const stats::ThresholdResult& each : result_.thresholds) {
    const stats::Threshold& threshold = *each.threshold;
    const bool may_abort =
        threshold.abort_on_fail && result_.elapsed >= threshold.delay_abort_eval;
    if (!may_abort || !each.lasting || !each.has_data) continue;
    wanted_ = StopMode::kNow;  // as k6: the target has had enough
    cause_ = EndCause::kThreshold;
    cause_words_ = fmt::format("threshold {} of {} failed (abortOnFail)", threshold.source,
                               threshold.selector);
    return;
  }
}

void Run::request_stop(StopMode mode, const std::string& by) {
  const std::lock_guard lock{mutex_};
  if (!wanted_) {
    cause_ = EndCause::kStopped;
    cause_words_ = "stopped by " + by;
  }
  // A stop can be made harder, never softer.
  if (wanted_ != StopMode::kNow) wanted_ = mode;
  stop_wanted_.notify_all();
}

void Run::finish() {
  const std::lock_guard lock{mutex_};
  judge();
  result_.interval = nullptr;
  // Asked for, but the run had ended by itself before its thread looked.
  if (!obeyed_ && cause_ != EndCause::kPlan) cause_ = EndCause::kFinished;
  const bool ok = std::all_of(result_.thresholds.begin(), result_.thresholds.end(),
                              [](const auto& threshold) { return threshold.ok; });
  result_.exit_code = exit_code_of({.cause = cause_, .thresholds_ok = ok,
                                    .verdict = result_.verdict.verdict,
                                    .strict = spec_.strict});
  result_.end_reason = cause_ == EndCause::kFinished ? "finished" : cause_words_;
  result_.state = report::RunState::kFinished;
}

void Run::set_not_written(const std::string& why) {
  const std::lock_guard lock{mutex_};
  if (why.empty() != result_.not_written.empty())
    result_.events.push_back({.at = result_.elapsed,
                              .what = why.empty() ? "results are on disk again"
                                                  : "results are not on disk: " + why,
                              .by = "gend"});
  result_.not_written = why;
}

RunStatus Run::status() const {
  const std::lock_guard lock{mutex_};
  return {.id = result_.id, .name = result_.name, .plan_file = result_.plan_file,
          .owner = result_.owner, .state = result_.state, .exit_code = result_.exit_code,
          .end_reason = result_.end_reason, .started_wall_ms = result_.started_wall_ms,
          .elapsed = result_.elapsed, .planned = result_.planned,
          .not_written = result_.not_written};
}

void Run::with_result(const std::function<void(const report::RunResult&)>& read) const {
  const std::lock_guard lock{mutex_};
  read(result_);
}

}  // namespace gend::control
