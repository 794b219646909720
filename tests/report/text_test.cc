#include "report/text.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "report/sample_run.h"
#include "report/summary_json.h"

using namespace gend;
using namespace gend::report;
using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const RunResult& result, TextOptions options = {}) {
  return summary_text(summary_json(result), options);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string golden(const std::string& name) {
  const char* folder = std::getenv("GEND_GOLDEN");
  REQUIRE(folder != nullptr);
  std::ifstream file{std::string{folder} + "/" + name};
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the whole text of a known run is the one that was reviewed") {
  const test::SampleRun run;
  CHECK(text_of(run.result, {.width = 80}) == golden("summary_80.txt"));
  CHECK(text_of(run.result, {.width = 100}) == golden("summary_100.txt"));
}

TEST_CASE("what was done to a run is told with its moment and who did it") {
  test::SampleRun run;
  CHECK_FALSE(has(text_of(run.result, {.width = 100}), "EVENTS"));
  run.result.events = {{.at = std::chrono::seconds{12}, .what = "users set to 50", .by = "alice"}};
  const std::string text = text_of(run.result, {.width = 100});
  CHECK(has(text, "EVENTS"));
  CHECK(has(text, "users set to 50 by alice"));
}

TEST_CASE("a part of a load is not taken for the whole") {
  test::SampleRun run;
  CHECK_FALSE(has(text_of(run.result, {.width = 100}), "of the load"));
  run.result.segment = "2/3";
  CHECK(has(text_of(run.result, {.width = 100}), "part 2/3 of the load"));
}

TEST_CASE("no line is wider than the terminal") {
  test::SampleRun run;
  run.result.ring = std::string(300, 'r');
  run.result.name = std::string(30, 'n');
  run.result.warnings = {std::string(50, 'w') + " " + std::string(50, 'x')};
  for (const std::size_t width : {72u, 80u, 100u, 120u})
    for (const auto& line : lines_of(text_of(run.result, {.width = width}))) {
      CAPTURE(line);
      CHECK(columns_of(line) <= width);
    }
}

TEST_CASE("colours change nothing but the colours") {
  const test::SampleRun run;
  const std::string plain = text_of(run.result);
  std::string coloured = text_of(run.result, {.colour = Colour::kOn});
  CHECK(coloured.size() > plain.size());
  for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
    coloured.erase(at, coloured.find('m', at) - at + 1);
  CHECK(coloured == plain);
}

TEST_CASE("the first line says whether it passed and whether to believe it") {
  test::SampleRun run;
  CHECK(lines_of(text_of(run.result))[0] ==
        "    ✗ FAILED  villages · 1 of 5 thresholds failed · generator SUSPECT");
  run.result.thresholds.clear();
  run.result.exit_code = ExitCode::kPass;
  run.result.verdict = {};
  CHECK(lines_of(text_of(run.result))[0] ==
        "    ✓ PASSED  villages · no thresholds · generator CLEAN");
  run.result.exit_code = ExitCode::kInterrupted;
  CHECK(has(text_of(run.result), "■ STOPPED"));
  run.result.exit_code = ExitCode::kHostCannotCarry;
  CHECK(has(text_of(run.result), "NOT RUN (exit 94)"));
}

TEST_CASE("a saturated generator is said before any number") {
  test::SampleRun run;
  run.total->health.busiest = 0.97;
  run.result.verdict = stats::judge(run.total->health, stats::Histogram{}, Duration::zero());
  const std::string text = text_of(run.result, {.width = 100});
  CHECK(text.find("generator was the limit") < text.find("THRESHOLDS"));
  CHECK(text.find("shard 1 was 97 % busy") < text.find("THRESHOLDS"));
}

TEST_CASE("a scaled run is never taken for the plan as written") {
  test::SampleRun run;
  CHECK_FALSE(has(text_of(run.result), "scaled by"));
  run.result.time_scale = 0.01;
  run.result.load_scale = 0.1;
  CHECK(has(text_of(run.result), "every duration scaled by 0.01"));
  CHECK(has(text_of(run.result), "every count and rate scaled by 0.1"));
}

TEST_CASE("open models lead with the corrected latency, closed ones say what theirs is worth") {
  test::SampleRun run;
  std::string text = text_of(run.result);
  CHECK(text.find("    corrected ") < text.find("    service "));
  run.result.has_open_model = false;
  text = text_of(run.result);
  CHECK(text.find("    service ") < text.find("    corrected "));
  CHECK(has(text, "closed model"));
}

TEST_CASE("names cannot forge lines or colours") {
  test::SampleRun run;
  run.result.name = "evil\x1b[2J\n    ✓ PASSED  evil";
  run.result.warnings = {"a\nb"};
  const std::string text = text_of(run.result);
  CHECK(has(text, "evil\\x1b[2J\\n"));
  CHECK(has(text, "a\\nb"));
  CHECK_FALSE(has(text, "\x1b"));
  CHECK(lines_of(text)[0].starts_with("    ✗ FAILED"));
}

TEST_CASE("shares never round to none or to all") {
  test::SampleRun run;
  Json summary = summary_json(run.result);
  auto& failed = summary["metrics"]["http_req_failed"]["values"];
  failed = {{"rate", 1e-6}, {"passes", 1}, {"fails", 999'999}};
  CHECK(has(summary_text(summary, {}), "<0.01%"));
  failed = {{"rate", 0.999999}, {"passes", 999'999}, {"fails", 1}};
  CHECK(has(summary_text(summary, {}), ">99.99%"));
}

TEST_CASE("a damaged summary gives a text and no crash") {
  const test::SampleRun run;
  const Json whole = summary_json(run.result);
  for (const auto& [key, value] : whole.items()) {
    Json damaged = whole;
    for (const Json& wrong : {Json{}, Json(7), Json("x"), Json::array({1, "a"}), Json::object(),
                              Json{{"a", 1}}}) {
      damaged[key] = wrong;
      CHECK_FALSE(summary_text(damaged, {}).empty());
    }
    for (const auto& [inner, unused] : value.items()) {
      damaged = whole;
      if (damaged[key].is_object()) damaged[key][inner] = Json::array({Json("x"), Json{}});
      CHECK_FALSE(summary_text(damaged, {}).empty());
    }
  }
  CHECK_FALSE(summary_text(Json{}, {}).empty());
}
