#include "report/watch_screen.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/bars.h"
#include "report/live.h"
#include "report/sample_run.h"
#include "report/summary_json.h"

using namespace gend;
using namespace gend::report;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// SampleRun after 4.5 of its 10 seconds, watched for one.
struct Watched : test::SampleRun {
  Watched() {
    result.state = RunState::kRunning;
    result.elapsed = 4500ms;
    result.interval = latest.get();
    refresh();
  }
  void refresh() {
    state = WatchState{};
    state.summary = summary_json(result);
    take_interval(state, interval_json(result));
  }
  WatchState state;
};

std::string text_of(const WatchScreen& screen) {
  std::string text;
  for (const DrawnLine& line : screen.lines) text += line.text + "\n";
  return text;
}

std::string drawn(const WatchState& state, ScreenSize size = {}) {
  return text_of(draw_watch(state, size, Colour::kOff));
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The number of rows, and that what is said of columns is so.
void check_fits(const WatchState& state, ScreenSize size) {
  const WatchScreen screen = draw_watch(state, size, Colour::kOff);
  CHECK(screen.lines.size() == size.rows);
  for (const DrawnLine& line : screen.lines) {
    CHECK(line.columns == columns_of(line.text));
    CHECK(line.columns <= size.columns);
    CHECK(line.text.find('\x1b') == std::string::npos);
    CHECK(line.text.find('\n') == std::string::npos);
  }
}

constexpr ScreenSize kSizes[] = {{80, 24},  {60, 15}, {140, 45}, {100, 24}, {300, 80},
                                 {72, 200}, {20, 5},  {1, 1},    {10, 3},   {1000, 10}};

Json controlled(bool open_model) {
  Json summary;
  summary["run"]["scenarios"] = {
      {{"name", "a"}, {"executor", "externally-controlled"}, {"open_model", open_model}}};
  return summary;
}

}  // namespace

TEST_CASE("every panel fits every size, to the column and to the row") {
  Watched run;
  for (const ScreenSize size : kSizes)
    for (std::size_t panel = 0; panel < kWatchPanels; ++panel) {
      run.state.panel = static_cast<WatchPanel>(panel);
      check_fits(run.state, size);
      run.state.help = true;
      check_fits(run.state, size);
      run.state.help = false;
    }
}

TEST_CASE("the verdict and the trouble stand above everything else") {
  Watched run;
  const WatchScreen screen = draw_watch(run.state, {}, Colour::kOff);
  CHECK(holds(screen.lines[0].text, "villages"));
  CHECK(holds(screen.lines[0].text, "running"));
  CHECK(holds(screen.lines[1].text, "45%  4s of 10s, 6s to go"));
  CHECK(holds(screen.lines[2].text, "generator SUSPECT (users)"));
  CHECK(holds(screen.lines[2].text, "✗ thresholds: 1 of 5 fail"));
  CHECK(holds(screen.lines[3].text, " ! "));  // the finding that made it so
}

TEST_CASE("the overview has this second, the work so far, charts and the worst of the rest") {
  const Watched run;
  const std::string text = drawn(run.state);
  for (const auto part :
       {"20     users", "40/s   requests  2.50% failed", "20/s   iterations", "p95 15.0ms", "corrected",
        "so far", "started", "10 DROPPED", "requests", "latency p95", "THRESHOLDS", "FAILS",
        "ERRORS"})
    CHECK_MESSAGE(holds(text, part), part << "\n" << text);
}

TEST_CASE("figures of the whole run are called so far") {
  Watched run;
  for (const auto& [panel, heading] :
       {std::pair{WatchPanel::kSteps, "STEPS  so far"}, {WatchPanel::kErrors, "ERRORS  so far"},
        {WatchPanel::kThresholds, "THRESHOLDS  judged so far"}}) {
    run.state.panel = panel;
    CHECK(holds(drawn(run.state), heading));
  }
}

TEST_CASE("a step's row holds what the summary says of it") {
  Watched run;
  run.state.panel = WatchPanel::kSteps;
  const std::string text = drawn(run.state, {120, 30});
  const std::size_t row = text.find("POST login");
  REQUIRE(row != std::string::npos);
  const std::string login = text.substr(row, text.find('\n', row) - row);
  CHECK(holds(login, "1,000"));   // 900 + 60 + 30 + 10
  CHECK(holds(login, "10.0%"));  // 100 of them failed
  // Corrected times: of 1,000 the slowest 30 took 2.5 s.
  CHECK(holds(login, "2.50s"));
}

TEST_CASE("thresholds that fail come first, with what was measured") {
  Watched run;
  run.state.panel = WatchPanel::kThresholds;
  const std::string text = drawn(run.state, {120, 30});
  const std::size_t bad = text.find("✗ http"), good = text.find("✓");
  REQUIRE(good != std::string::npos);
  CHECK(text.find("FAILS") < good);
  CHECK((bad == std::string::npos || bad < good));
}

TEST_CASE("errors have their kind, their number and a sentence") {
  Watched run;
  run.state.panel = WatchPanel::kErrors;
  const std::string text = drawn(run.state, {120, 40});
  for (const auto& [name, error] : run.state.summary["errors"].items()) {
    CHECK(holds(text, name));
    CHECK(holds(text, error["sentence"].get<std::string>()));
  }
  CHECK(holds(text, "CHECKS"));
}

TEST_CASE("the latest event is the first that is seen") {
  Watched run;
  run.result.events = {{1s, "paused", "alice"}, {2s, "resumed", "bob"}};
  run.refresh();
  run.state.panel = WatchPanel::kEvents;
  const std::string text = drawn(run.state);
  CHECK(text.find("resumed") < text.find("paused"));
  CHECK(holds(text, "by alice"));
}

TEST_CASE("names cannot move the cursor, forge a line or break the frame") {
  Watched run;
  const std::string evil = "a\x1b[2J\r\n\x9b" "1;1H\u202e日本語日本語日本語日本語日本語\x07";
  run.result.name = run.result.id = evil;
  run.result.scenarios[0].name = evil;
  run.result.events = {{1s, evil, evil}};
  run.result.warnings = {evil};
  run.result.not_written = evil;
  run.refresh();
  run.state.message = evil;
  Json& summary = run.state.summary;
  for (Json& step : summary["http"]) step["name"] = step["method"] = step["scenario"] = evil;
  summary["errors"][evil] = {{"count", 3}, {"sentence", evil}, {"statuses", {{evil, 2}}}};
  summary["metrics"][evil] = {{"type", evil}, {"contains", evil}, {"thresholds", {{evil, Json()}}}};
  summary["root_group"]["checks"] = {{{"name", evil}, {"fails", 1}}};
  summary["sessions"] = {{{"name", evil}, {"scenario", evil}}};
  summary["delivery"] = {{"totals", {{"rooms", 2}}}, {"rooms", {{{"room", evil}}}}};
  summary["generator"]["findings"] = {{{"words", evil}, {"severity", evil}}};
  run.state.interval["verdict"] = run.state.interval["latency"] = evil;
  for (const ScreenSize size : kSizes)
    for (std::size_t panel = 0; panel < kWatchPanels; ++panel) {
      run.state.panel = static_cast<WatchPanel>(panel);
      check_fits(run.state, size);
    }
}

TEST_CASE("damaged or foreign answers are shown without a crash") {
  const Watched run;
  for (const bool of_summary : {false, true}) {
    const Json whole = of_summary ? run.state.summary : run.state.interval;
    for (const auto& item : whole.items())
      for (const Json& wrong :
           {Json{}, Json("x"), Json(-1.5), Json(1e300), Json::array({1, "x"}), Json::object()}) {
        WatchState state = run.state;
        (of_summary ? state.summary : state.interval)[item.key()] = wrong;
        for (std::size_t panel = 0; panel < kWatchPanels; ++panel) {
          state.panel = static_cast<WatchPanel>(panel);
          check_fits(state, {});
        }
      }
  }
}

TEST_CASE("before the first second nothing is invented") {
  const WatchState state;
  const std::string text = drawn(state);
  CHECK(holds(text, "no news yet"));
  CHECK(holds(text, "not judged yet"));
  CHECK_FALSE(holds(text, "p99"));
  for (const ScreenSize size : kSizes) check_fits(state, size);
}

TEST_CASE("a run that waits says for when, and that nothing was measured") {
  RunResult waiting;
  waiting.name = "later";
  waiting.state = RunState::kWaiting;
  waiting.planned = 90s;
  waiting.started_wall_ms = 1'795'248'000'000;
  WatchState state;
  take_interval(state, interval_json(waiting));
  const std::string text = drawn(state);
  CHECK(holds(text, "waiting until 2026-11-21T"));
  CHECK(holds(text, "1m30s planned, not begun yet"));
  CHECK(holds(text, "nothing is measured"));
  CHECK(state.seconds.empty());
}

TEST_CASE("a run that is over is shown as such") {
  Watched run;
  run.result.state = RunState::kFinished;
  run.result.elapsed = 10s;
  run.result.interval = nullptr;
  run.refresh();
  const std::string text = drawn(run.state);
  CHECK(holds(text, "finished"));
  CHECK(holds(text, "100%"));
  CHECK_FALSE(holds(text, "to go"));
}

TEST_CASE("without requests it is messages that are charted") {
  WatchState state;
  const auto interval = [](int lost) {
    return Json{{"elapsed_s", 1.0 + lost}, {"users", 5}, {"samples", 0},
                {"sessions", {{"without_requests", true}, {"received_per_s", 120.0},
                              {"lost", lost}, {"errors", 0}}}};
  };
  take_interval(state, interval(7));
  CHECK(std::isnan(state.seconds.back().failed));  // lost before we began to watch
  take_interval(state, interval(9));
  CHECK(state.seconds.back().failed == 2);
  CHECK(state.seconds.back().rate == 120);
  CHECK(std::isnan(state.seconds.back().p95_ms));
  const std::string text = drawn(state);
  CHECK(holds(text, "messages in"));
  CHECK(holds(text, "lost+errors"));
  CHECK(holds(text, "nothing came in this second"));
  CHECK_FALSE(holds(text, "% failed"));
}

TEST_CASE("seconds that were missed are a gap, and only so many are kept") {
  WatchState state;
  for (const double at : {1.0, 2.0, 5.0})
    take_interval(state, {{"elapsed_s", at}, {"users", 1}, {"requests_per_s", 3.0}});
  REQUIRE(state.seconds.size() == 5);
  CHECK(std::isnan(state.seconds[2].rate));
  CHECK(state.seconds[4].rate == 3);
  for (int i = 0; i < 2000; ++i)
    take_interval(state, {{"elapsed_s", 6.0 + i}, {"users", 1}});
  CHECK(state.seconds.size() == kWatchedSeconds);
  CHECK(state.seconds.back().elapsed_s == 2005);
}

TEST_CASE("a panel scrolls to its end and no further, and says where it is") {
  Watched run;
  for (int i = 0; i < 100; ++i)
    run.result.events.push_back({std::chrono::seconds{i}, "event no. " + std::to_string(i), "x"});
  run.refresh();
  run.state.panel = WatchPanel::kEvents;
  run.state.scroll = 1'000'000;
  const WatchScreen screen = draw_watch(run.state, {}, Colour::kOff);
  CHECK(screen.scroll > 50);
  CHECK(screen.scroll < 150);
  CHECK(screen.lines.size() == 24);
  CHECK(holds(screen.lines.back().text, "of"));
  run.state.scroll = 5;
  const WatchScreen middle = draw_watch(run.state, {}, Colour::kOff);
  CHECK(middle.scroll == 5);
  CHECK(holds(text_of(middle), "event no. 95"));
  CHECK_FALSE(holds(text_of(middle), "event no. 99"));
}

TEST_CASE("keys are offered only where they do something") {
  WatchState state;
  take_interval(state, {{"elapsed_s", 1.0}, {"users", 1}});
  const auto footer = [&] { return draw_watch(state, {140, 30}, Colour::kOff).lines.back().text; };
  CHECK_FALSE(holds(footer(), "p pause"));
  state.summary = controlled(false);
  CHECK(holds(footer(), "u users"));
  CHECK_FALSE(holds(footer(), "r rate"));
  CHECK(holds(footer(), "p pause"));
  state.interval["paused"] = true;
  CHECK(holds(footer(), "p resume"));
  state.summary = controlled(true);
  CHECK(holds(footer(), "r rate"));
  CHECK_FALSE(holds(footer(), "u users"));
}

TEST_CASE("questions and answers stand where the keys stood") {
  Watched run;
  run.state.asking = Asking::kUsers;
  run.state.typed = "12";
  CHECK(holds(draw_watch(run.state, {}, Colour::kOff).lines.back().text, "users: 12_"));
  run.state.asking = Asking::kNothing;
  run.state.message = "refused";
  CHECK(holds(draw_watch(run.state, {}, Colour::kOff).lines.back().text, "refused"));
}

TEST_CASE("a silent daemon and a full disk are said") {
  Watched run;
  run.result.not_written = "no space left";
  run.refresh();
  run.state.silent_s = 12;
  const std::string text = drawn(run.state);
  CHECK(holds(text, "no news from the daemon for 12s"));
  CHECK(holds(text, "NOT ON DISK: no space left"));
}

TEST_CASE("colours change no text") {
  Watched run;
  const WatchScreen plain = draw_watch(run.state, {}, Colour::kOff);
  const WatchScreen colourful = draw_watch(run.state, {}, Colour::kOn);
  for (std::size_t i = 0; i < plain.lines.size(); ++i) {
    std::string bare;
    bool code = false;
    for (const char c : colourful.lines[i].text) {
      if (c == '\x1b') code = true;
      else if (!code) bare += c;
      else if (c == 'm') code = false;
    }
    CHECK(bare == plain.lines[i].text);
    CHECK(colourful.lines[i].columns == plain.lines[i].columns);
  }
}

TEST_CASE("bars: nothing is blank, zero is a line, the least is seen, the top is full") {
  const std::vector<double> values{kNone, 0, 0.001, 50, 100, 1000};
  CHECK(bars(values, 6, 1, 100) == std::vector<std::string>{" _▁▄██"});
  CHECK(bars(values, 3, 1, 100) == std::vector<std::string>{"▄██"});
  CHECK(bars(values, 8, 1, 100) == std::vector<std::string>{"   _▁▄██"});
  CHECK(bars(values, 6, 2, 100) == std::vector<std::string>{"    ██", " _▁███"});
  CHECK(bars({}, 2, 1, 100) == std::vector<std::string>{"  "});
  CHECK(bars(values, 0, 1, 100) == std::vector<std::string>{""});
}

TEST_CASE("the top of a scale is 1, 2 or 5 times a power of ten") {
  CHECK(nice_top(0) == 1);
  CHECK(nice_top(kNone) == 1);
  CHECK(nice_top(-3) == 1);
  CHECK(nice_top(1) == 1);
  CHECK(nice_top(1.01) == 2);
  CHECK(nice_top(3) == 5);
  CHECK(nice_top(51) == 100);
  CHECK(nice_top(1234) == 2000);
  CHECK(nice_top(0.013) == doctest::Approx(0.02));
}
