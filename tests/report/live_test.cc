#include "report/live.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "report/sample_run.h"
#include "report/summary_json.h"

using namespace gend;
using namespace gend::report;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

struct Running : test::SampleRun {
  Running() {
    result.state = RunState::kRunning;
    result.elapsed = 4500ms;
    result.interval = latest.get();
  }
};

}  // namespace

TEST_CASE("an interval is the latest second beside how far the run has come") {
  const Running run;
  const Json json = interval_json(run.result);
  CHECK(json["elapsed_s"] == 4.5);
  CHECK(json["planned_s"] == 10.0);
  CHECK(json["users"] == 20);
  CHECK(json["requests_per_s"] == 40.0);
  CHECK(json["iterations_per_s"] == 20.0);
  CHECK(json["latency"] == "corrected");
  CHECK(json["p99_ms"].get<double>() == doctest::Approx(15).epsilon(0.004));
  CHECK(json["samples"] == 40);
  CHECK(json["failed"] == 1);
  CHECK(json["failed_rate"] == 1.0 / 40);
  CHECK(json["requests"] == 2000);
  CHECK(json["iterations"] == 1497);
  CHECK(json["dropped"] == 10);
  CHECK(json["thresholds"] == 5);
  CHECK(json["failing"] == 1);
  CHECK(json["verdict"] == "SUSPECT");
}

TEST_CASE("a closed model is watched by its service time") {
  Running run;
  run.result.has_open_model = false;
  const Json json = interval_json(run.result);
  CHECK(json["latency"] == "service");
  CHECK(json["p50_ms"].get<double>() == doctest::Approx(10).epsilon(0.004));
}

TEST_CASE("a rate of an interval is over the interval's own length") {
  Running run;
  run.latest->recorder.to = run.latest->recorder.from + 500ms;
  CHECK(interval_json(run.result)["requests_per_s"] == 80.0);
}

TEST_CASE("what is left over when a run ends is no second to show") {
  Running run;
  CHECK(has_rates(run.result));
  run.latest->recorder.to = run.latest->recorder.from + 100ms;
  CHECK(has_rates(run.result));
  run.latest->recorder.to = run.latest->recorder.from + 99ms;
  CHECK_FALSE(has_rates(run.result));
  run.result.elapsed = 100ms;
  CHECK(has_rates(run.result));
  run.result.interval = nullptr;  // over: the whole run is told
  CHECK(has_rates(run.result));
}

TEST_CASE("before the start there is a line, and it holds no invented numbers") {
  RunResult starting;
  starting.name = "x";
  const Json json = interval_json(starting);
  CHECK(json["state"] == "starting");
  CHECK_FALSE(json.contains("p99_ms"));
  CHECK_FALSE(live_line(json).empty());
  CHECK(live_line(json).find("p99") == std::string::npos);
}

TEST_CASE("the plain line holds the figures and nothing that a log could stumble over") {
  const Running run;
  CHECK(live_line(interval_json(run.result)) ==
        "4s/10s 45% users=20 requests=40/s failed=2.50% corrected: p50=15.0ms p95=15.0ms "
        "p99=15.0ms max=15.0ms dropped=10 thresholds=1 of 5 fail generator=SUSPECT (users)");
}

TEST_CASE("the view has always the same number of lines, and each fits the terminal") {
  Running run;
  run.result.name = std::string(200, 'n') + "\n\x1b[2J";
  for (const std::size_t width : {40u, 60u, 80u, 120u}) {
    std::istringstream view{live_view(interval_json(run.result), {.width = width})};
    int lines = 0;
    for (std::string line; std::getline(view, line); ++lines) CHECK(columns_of(line) <= width);
    CHECK(lines == 4);
  }
  RunResult starting;
  const std::string early = live_view(interval_json(starting), {});
  CHECK(std::ranges::count(early, '\n') == 4);
}

TEST_CASE("the bar is as full as the run is old, and full when it drains") {
  Running run;
  const auto blocks = [&](Duration elapsed) {
    run.result.elapsed = elapsed;
    const std::string view = live_view(interval_json(run.result), {.width = 120});
    std::size_t full = 0, empty = 0;
    for (std::size_t at = 0; (at = view.find("█", at)) != std::string::npos; ++at) ++full;
    for (std::size_t at = 0; (at = view.find("░", at)) != std::string::npos; ++at) ++empty;
    return static_cast<double>(full) / static_cast<double>(full + empty);
  };
  CHECK(blocks(0s) == 0);
  CHECK(blocks(5s) == doctest::Approx(0.5).epsilon(0.05));
  CHECK(blocks(10s) == 1);
  CHECK(blocks(12s) == 1);
}

TEST_CASE("an interval that is damaged or of another version is shown without a crash") {
  const Running run;
  const Json whole = interval_json(run.result);
  for (const auto& [key, value] : whole.items())
    for (const Json& wrong : {Json{}, Json("x"), Json(-1.5), Json(1e300), Json::array()}) {
      Json damaged = whole;
      damaged[key] = wrong;
      CHECK_FALSE(live_line(damaged).empty());
      CHECK_FALSE(live_view(damaged, {}).empty());
    }
  CHECK_FALSE(live_view(Json{}, {}).empty());
}

TEST_CASE("a run that is paused, or has not begun, says so") {
  Running run;
  CHECK_FALSE(interval_json(run.result).contains("paused"));
  run.result.paused = true;
  CHECK(live_view(interval_json(run.result), {.width = 100}).find("running, paused") !=
        std::string::npos);
  CHECK(live_line(interval_json(run.result)).find(" paused ") != std::string::npos);
  run.result.paused = false;
  run.result.state = RunState::kWaiting;
  run.result.interval = nullptr;
  const auto waiting = interval_json(run.result);
  CHECK(waiting["waiting_until"] == "2026-11-21T01:43:09.042Z");  // date -u -d @1795225389
  CHECK(live_line(waiting) == "waiting until 2026-11-21T01:43:09.042Z");
  CHECK(live_view(waiting, {.width = 100}).find("waiting until 2026-11-21") != std::string::npos);
  CHECK(live_view(waiting, {.width = 100}).find("not begun yet") != std::string::npos);
}
