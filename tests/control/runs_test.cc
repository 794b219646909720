#include "control/runs.h"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>

#include "control/fake_engine.h"
#include "control/plans.h"
#include "control/stores.h"
#include "control/temp_dir.h"
#include "report/history.h"

using namespace gend;
using control::Runs;
using control::StopMode;
using report::RunState;
using Got = control::StreamHub::Subscription::Got;

namespace {

using namespace std::chrono_literals;

constexpr const char* kFailedRate = "  http_req_failed: [\"rate<0.01\"]\n";
constexpr const char* kAbortAtOnce =
    "  http_req_failed: [{threshold: \"rate<0.01\", abortOnFail: true}]\n";
constexpr const char* kAbortLater =
    "  http_req_failed: [{threshold: \"rate<0.01\", abortOnFail: true, delayAbortEval: 5s}]\n";

Runs::Start start_of(const std::string& thresholds = "",
                     control::Strict strict = control::Strict::kNo) {
  return {.program = test::small_program(thresholds), .owner = "alice (uid 7)", .strict = strict};
}

// Reads a run's stream to its end: the lines that are intervals, and the final summary.
struct Seen {
  std::size_t intervals = 0;
  nlohmann::json final;
};
Seen read_to_the_end(control::StreamHub::Subscription& stream) {
  Seen seen;
  std::string line;
  for (;;) {
    const Got got = stream.next(line, 10s);
    REQUIRE(got != Got::kNothing);
    if (got == Got::kEnd) return seen;
    auto json = nlohmann::json::parse(line);
    if (json.contains("final"))
      seen.final = json["final"];
    else
      ++seen.intervals;
  }
}

void every_request_fails(const plan::Program& program, stats::Snapshot& second) {
  second.recorder.rate(program.requests[0].series.failed, true);
}

control::RunStatus end_of(Runs& runs, const std::string& id) {
  if (const auto stream = runs.follow(id)) read_to_the_end(*stream);
  const auto status = runs.find(id);
  REQUIRE(status.has_value());
  return *status;
}

}  // namespace

TEST_CASE("a run that ends by itself passes, and its stream has every second and the summary") {
  test::FakeEngine engine;
  engine.record = [](const plan::Program& program, stats::Snapshot& second) {
    second.recorder.tally(program.requests[0].series.reqs, 200);
  };
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  CHECK(started->state == RunState::kRunning);
  CHECK(started->planned == 10s);
  const auto stream = runs.follow(started->id);
  REQUIRE(stream != nullptr);
  engine.pass(10);
  engine.finish();
  const Seen seen = read_to_the_end(*stream);
  CHECK(seen.intervals == 10);
  CHECK(seen.final["run"]["exit_code"] == 0);
  CHECK(seen.final["metrics"]["http_reqs"]["values"]["count"] == 10);
  const auto status = runs.find(started->id);
  REQUIRE(status.has_value());
  CHECK(status->state == RunState::kFinished);
  CHECK(status->elapsed == 10s);
  CHECK(status->end_reason == "finished");
  CHECK_FALSE(runs.active().has_value());
}

TEST_CASE("a failed threshold is exit code 99") {
  test::FakeEngine engine;
  engine.record = every_request_fails;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of(kFailedRate));
  REQUIRE(started.has_value());
  engine.pass(3);
  engine.finish();
  const auto status = end_of(runs, started->id);
  CHECK(status.exit_code == ExitCode::kThresholdsFailed);
  CHECK(status.end_reason == "finished");
}

TEST_CASE("abortOnFail cuts the run off, with 99 and the threshold's name") {
  test::FakeEngine engine;
  engine.record = every_request_fails;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of(kAbortAtOnce));
  REQUIRE(started.has_value());
  engine.pass(1);
  const auto status = end_of(runs, started->id);
  CHECK(engine.last_stop() == engine::Fleet::Stop::kNow);
  CHECK(status.exit_code == ExitCode::kThresholdsFailed);
  CHECK(status.end_reason.find("http_req_failed") != std::string::npos);
  CHECK(status.elapsed == 1s);
}

TEST_CASE("delayAbortEval holds an abort back until the run is that old") {
  test::FakeEngine engine;
  std::atomic<int> seconds = 0;
  engine.record = [&](const plan::Program& program, stats::Snapshot& second) {
    every_request_fails(program, second);
    ++seconds;
  };
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of(kAbortLater));
  REQUIRE(started.has_value());
  engine.pass(5);
  CHECK(end_of(runs, started->id).elapsed == 5s);
  CHECK(seconds == 5);
}

TEST_CASE("with `for` a run is aborted when a window has failed for so long") {
  test::FakeEngine engine;
  engine.record = every_request_fails;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of(
      "  http_req_failed: [{threshold: \"rate<0.01\", abortOnFail: true, window: 1s, for: 2s}]\n"));
  REQUIRE(started.has_value());
  engine.pass(3);  // failing after the first second, for two seconds after the third
  const auto status = end_of(runs, started->id);
  CHECK(status.exit_code == ExitCode::kThresholdsFailed);
  CHECK(status.elapsed == 3s);
}

TEST_CASE("a plan can ask how busy the generator may be and how much memory it may take") {
  test::FakeEngine engine;
  engine.record = [](const plan::Program&, stats::Snapshot& second) {
    second.health.wall = 1s;
    second.health.busiest = 0.9;
    second.health.memory_bytes = 50'000'000;
  };
  Runs runs{engine, test::with_scratch()};
  const auto started =
      runs.start(start_of("  gen_cpu: [\"value<80\"]\n  gen_memory: [\"value<60000000\"]\n"));
  REQUIRE(started.has_value());
  const auto stream = runs.follow(started->id);
  REQUIRE(stream != nullptr);
  engine.pass(1);
  engine.finish();
  const auto summary = read_to_the_end(*stream).final;
  CHECK(summary["run"]["exit_code"] == 99);
  CHECK(summary["metrics"]["gen_cpu"]["thresholds"]["value<80"]["ok"] == false);
  CHECK(summary["metrics"]["gen_cpu"]["values"]["value"] == 90);
  CHECK(summary["metrics"]["gen_memory"]["thresholds"]["value<60000000"]["ok"] == true);
}

TEST_CASE("a plan that aborts its run is cut off, with 108 and its message") {
  test::FakeEngine engine;
  engine.record = [](const plan::Program&, stats::Snapshot& second) { second.aborted = 2; };
  Runs runs{engine, test::with_scratch()};
  Runs::Start start = start_of();
  auto program = test::small_program();
  // Plans are immutable but for this test, whose plan has no such step.
  const_cast<plan::Program&>(*program).aborts = {{"no"}, {"the shop is closed"}};
  start.program = std::move(program);
  const auto started = runs.start(std::move(start));
  REQUIRE(started.has_value());
  engine.pass(1);
  const auto status = end_of(runs, started->id);
  CHECK(engine.last_stop() == engine::Fleet::Stop::kNow);
  CHECK(status.exit_code == ExitCode::kAbortedByPlan);
  CHECK(status.end_reason == "the plan aborted the run: the shop is closed");
}

TEST_CASE("an abort in the last second is an abort") {
  test::FakeEngine engine;
  engine.record = [](const plan::Program&, stats::Snapshot& second) { second.aborted = 1; };
  Runs runs{engine, test::with_scratch()};
  Runs::Start start = start_of();
  auto program = test::small_program();
  const_cast<plan::Program&>(*program).aborts = {{"over"}};
  start.program = std::move(program);
  const auto started = runs.start(std::move(start));
  REQUIRE(started.has_value());
  engine.pass(1);
  engine.finish();
  CHECK(end_of(runs, started->id).exit_code == ExitCode::kAbortedByPlan);
}

TEST_CASE("a run that waits for its beginning can be stopped, and has sent nothing") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  Runs::Start start = start_of();
  start.start_at_ms = 4'000'000'000'000;  // in the year 2096
  const auto started = runs.start(std::move(start));
  REQUIRE(started.has_value());
  CHECK(started->state == RunState::kWaiting);
  CHECK(started->started_wall_ms == 4'000'000'000'000);
  CHECK(runs.alive(10s));
  CHECK(runs.stop(started->id, StopMode::kGraceful, "bob") == Runs::StopAnswer::kStopping);
  const auto status = end_of(runs, started->id);
  CHECK(status.exit_code == ExitCode::kInterrupted);
  CHECK(status.end_reason == "stopped by bob");
  CHECK(engine.created() == 1);
  CHECK(engine.begun() == 0);
}

TEST_CASE("a run whose moment has come begins") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  Runs::Start start = start_of();
  start.start_at_ms = 1;  // long ago; whoever asks refuses it, a late thread does not
  const auto started = runs.start(std::move(start));
  REQUIRE(started.has_value());
  engine.pass(2);
  engine.finish();
  CHECK(end_of(runs, started->id).elapsed == 2s);
  CHECK(engine.begun() == 1);
}

TEST_CASE("what is done to a run reaches the engine in its order, and its report") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  Runs::Start start = start_of();
  auto program = test::small_program();
  plan::Scenario& scenario = const_cast<plan::Program&>(*program).scenarios[0];
  start.program = std::move(program);
  const auto started = runs.start(std::move(start));
  REQUIRE(started.has_value());
  scenario.executor = plan::Executor::kExternallyControlled;  // asked only when a command comes
  using Kind = engine::Command::Kind;
  CHECK(runs.command(started->id, {.kind = Kind::kUsers, .value = 2}, "bob").has_value());
  CHECK(runs.command(started->id, {.kind = Kind::kPause}, "eve").has_value());
  const auto refused = runs.command(started->id, {.kind = Kind::kUsers, .value = 4}, "bob");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().status == 409);
  CHECK(runs.command("none", {.kind = Kind::kPause}, "bob").error().status == 404);
  const auto commands = engine.commands(2);
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].kind == Kind::kUsers);
  CHECK(commands[0].value == 2);
  CHECK(commands[1].kind == Kind::kPause);
  const auto stream = runs.follow(started->id);
  engine.pass(1);
  engine.finish();
  const auto events = read_to_the_end(*stream).final["events"];
  REQUIRE(events.size() == 2);
  CHECK(events[0]["what"] == "users set to 2");
  CHECK(events[0]["by"] == "bob");
  CHECK(events[1]["what"] == "paused");
  CHECK(runs.command(started->id, {.kind = Kind::kResume}, "bob").error().status == 409);
}

TEST_CASE("a stop is graceful, names who asked, and is 105") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  CHECK(runs.stop(started->id, StopMode::kGraceful, "bob (uid 8)") == Runs::StopAnswer::kStopping);
  const auto status = end_of(runs, started->id);
  CHECK(engine.last_stop() == engine::Fleet::Stop::kGraceful);
  CHECK(status.exit_code == ExitCode::kInterrupted);
  CHECK(status.end_reason == "stopped by bob (uid 8)");
  CHECK(runs.stop(started->id, StopMode::kNow, "bob") == Runs::StopAnswer::kNotRunning);
  CHECK(runs.stop("no-such-run", StopMode::kNow, "bob") == Runs::StopAnswer::kUnknown);
}

TEST_CASE("a graceful stop can be made harder, never softer") {
  test::FakeEngine engine;
  engine.deaf_to_graceful = true;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  runs.stop(started->id, StopMode::kNow, "alice");
  runs.stop(started->id, StopMode::kGraceful, "bob");
  end_of(runs, started->id);
  CHECK(engine.last_stop() == engine::Fleet::Stop::kNow);
}

TEST_CASE("while a run goes on, another start is told which, whose and how long") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  const auto first = runs.start(start_of());
  REQUIRE(first.has_value());
  const auto second = runs.start(start_of());
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().status == 409);
  CHECK(second.error().exit_code == ExitCode::kBusy);
  for (const std::string& part :
       {first->id, std::string{"alice (uid 7)"}, std::string{"10 s left"}})
    CHECK_MESSAGE(second.error().detail.find(part) != std::string::npos, second.error().detail);
}

TEST_CASE("of many starts at once exactly one wins") {
  test::FakeEngine engine;
  engine.close_gate();
  Runs runs{engine, test::with_scratch()};
  std::atomic<int> won = 0, busy = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&runs, &won, &busy, start = start_of()]() mutable {
      const auto started = runs.start(std::move(start));
      if (started)
        ++won;
      else if (started.error().status == 409)
        ++busy;
    });
  // The winner waits at the gate, so the losers must have their answer before it opens.
  while (busy < 7) std::this_thread::yield();
  engine.open_gate();
  for (std::thread& each : threads) each.join();
  CHECK(won == 1);
  CHECK(busy == 7);
  CHECK(engine.created() == 1);
}

TEST_CASE("a refused run leaves no trace and does not block the next") {
  test::FakeEngine engine;
  engine.refuse =
      Error{"target 203.0.113.9 is not allowed", "list it", ExitCode::kTargetNotAllowed};
  Runs runs{engine, test::with_scratch()};
  const auto refused = runs.start(start_of());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().status == 403);
  CHECK(refused.error().remedy == "list it");
  CHECK(runs.list()->empty());
  engine.refuse.reset();
  CHECK(runs.start(start_of()).has_value());
}

TEST_CASE("ids are unique, also within one second") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  std::set<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    const auto started = runs.start(start_of());
    REQUIRE(started.has_value());
    CHECK(started->id.find("small-plan") != std::string::npos);
    ids.insert(started->id);
    engine.finish();
    end_of(runs, started->id);
  }
  CHECK(ids.size() == 5);
  CHECK(runs.list()->size() == 5);
}

TEST_CASE("a saturated generator is 90 with --strict") {
  for (const auto strict : {control::Strict::kNo, control::Strict::kYes}) {
    test::FakeEngine engine;
    engine.record = [](const plan::Program&, stats::Snapshot& second) {
      // Descriptors of this host ran out: the clearest case of a limit that is ours.
      second.health.host_descriptors = 1000;
      second.health.planned = second.health.started = 1000;
      second.health.busy = 990ms;
      second.health.wall = 1000ms;
      second.health.busiest = 0.99;
    };
    Runs runs{engine, test::with_scratch()};
    const auto started = runs.start(start_of("", strict));
    REQUIRE(started.has_value());
    engine.pass(2);
    engine.finish();
    CHECK(end_of(runs, started->id).exit_code ==
          (strict == control::Strict::kYes ? ExitCode::kGeneratorSaturated : ExitCode::kPass));
  }
}

TEST_CASE("finished runs survive a restart of the daemon") {
  const test::TempDir dir;
  test::FakeEngine engine;
  std::string id;
  {
    Runs runs{engine, test::with_store(dir.str())};
    const auto started = runs.start(start_of());
    REQUIRE(started.has_value());
    id = started->id;
    engine.pass(2);
    engine.finish();
    end_of(runs, id);
  }
  Runs runs{engine, test::with_store(dir.str())};
  const auto status = runs.find(id);
  REQUIRE(status.has_value());
  CHECK(status->state == RunState::kFinished);
  const auto summary = runs.summary(id);
  REQUIRE(summary.has_value());
  CHECK(nlohmann::json::parse(*summary)["run"]["id"] == id);
  const auto again = runs.follow(id);
  REQUIRE(again != nullptr);
  CHECK(read_to_the_end(*again).final["run"]["id"] == id);
  const auto file = runs.run_file(id);
  REQUIRE(file.has_value());
  CHECK(report::decode_history(*file)->frames.size() == 2);
}

TEST_CASE("a run under way is in the store second by second, its plan without secrets") {
  const test::TempDir dir;
  test::FakeEngine engine;
  engine.record = [](const plan::Program& program, stats::Snapshot& second) {
    second.recorder.tally(program.requests[0].series.reqs, 200);
  };
  Runs runs{engine, test::with_store(dir.str())};
  Runs::Start start = start_of();
  start.plan_text = "name: x\npassword: hunter2\n";
  const auto started = runs.start(std::move(start));
  REQUIRE(started.has_value());
  const auto stream = runs.follow(started->id);
  engine.pass(11);
  std::string line;
  for (int i = 0; i < 11; ++i) REQUIRE(stream->next(line, 10s) == Got::kLine);
  // Told, but perhaps not written yet.
  const auto now = [&] {
    auto file = runs.run_file(started->id);
    while (!file) file = runs.run_file(started->id);  // its beginning is not committed yet
    return report::decode_history(*file);
  };
  while (now()->frames.size() < 11) std::this_thread::yield();
  const auto history = now();
  REQUIRE(history.has_value());
  CHECK(history->plan_text == "name: x\npassword: ***\n");
  CHECK(history->summary["run"]["state"] == "running");
  CHECK(history->summary["metrics"]["http_reqs"]["values"]["count"] == 11);
  for (std::size_t n = 0; n < 11; ++n) {
    CHECK(history->frames[n].from == n * 1s);
    REQUIRE(history->frames[n].tallies.size() == 1);
    CHECK(history->frames[n].tallies[0].keys[0].second == 1);
  }
}

TEST_CASE("of a history only the intervals from a moment on can be asked for") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  engine.pass(5);
  engine.finish();
  end_of(runs, started->id);
  const auto begins = [&](Duration from) {
    const auto file = runs.run_file(started->id, from);
    REQUIRE(file.has_value());
    const auto history = report::decode_history(*file);
    REQUIRE(history.has_value());
    CHECK(history->summary["run"]["id"] == started->id);
    std::vector<Duration> all;
    for (const stats::Frame& frame : history->frames) all.push_back(frame.from);
    return all;
  };
  using Begins = std::vector<Duration>;
  CHECK(begins({}) == Begins{0s, 1s, 2s, 3s, 4s});
  CHECK(begins(1ns) == Begins{1s, 2s, 3s, 4s});
  CHECK(begins(3s) == Begins{3s, 4s});
  CHECK(begins(3s + 1ns) == Begins{4s});
  CHECK(begins(4s + 1ns) == Begins{});
  CHECK(begins(24h) == Begins{});
}

TEST_CASE("a run can be removed when it is over, not before") {
  test::FakeEngine engine;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  CHECK(runs.remove(started->id).error().status == 409);
  CHECK(runs.remove("none").error().status == 404);
  engine.pass(1);
  engine.finish();
  end_of(runs, started->id);
  CHECK(runs.remove(started->id).has_value());
  CHECK(runs.find(started->id).error().status == 404);
  CHECK(runs.summary(started->id).error().status == 404);
  CHECK(runs.run_file(started->id).error().status == 404);
  CHECK(runs.follow(started->id) == nullptr);
  CHECK(runs.list()->empty());
}

TEST_CASE("the end of the daemon ends a run that ignores grace, and keeps its results") {
  test::FakeEngine engine;
  engine.deaf_to_graceful = true;
  Runs runs{engine, test::with_scratch()};
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  runs.shut_down(Duration{}, "gend");
  CHECK(engine.last_stop() == engine::Fleet::Stop::kNow);
  const auto status = runs.find(started->id);
  REQUIRE(status.has_value());
  CHECK(status->exit_code == ExitCode::kInterrupted);
  const auto late = runs.start(start_of());
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().status == 503);
}

TEST_CASE("metrics are those of the run before while a start is refused") {
  test::FakeEngine engine;
  engine.record = [](const plan::Program& program, stats::Snapshot& second) {
    second.recorder.tally(program.requests[0].series.reqs, 200);
  };
  Runs runs{engine, test::with_scratch()};
  CHECK(runs.metrics().find("http_reqs") == std::string::npos);
  const auto started = runs.start(start_of());
  REQUIRE(started.has_value());
  engine.pass(1);
  engine.finish();
  end_of(runs, started->id);
  CHECK(runs.metrics().find("http_reqs") != std::string::npos);
  engine.refuse = Error{"no", "", ExitCode::kHostCannotCarry};
  CHECK_FALSE(runs.start(start_of()).has_value());
  CHECK(runs.metrics().find("http_reqs") != std::string::npos);
}
