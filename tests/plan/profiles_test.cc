// The profiles that are shipped: each compiles, and asks for what the requirements say.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "plan/level.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;

namespace {

std::string text_of(const std::string& name) {
  std::ifstream in{std::string{GEND_PROFILES} + "/" + name + ".yaml"};
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::unique_ptr<const Program> profile(const std::string& name, const Options& options = {}) {
  return gend::plan::support::compiled(text_of(name), options);
}

std::vector<std::pair<Duration, double>> shape(const Program& program) {
  REQUIRE(program.scenarios.size() == 1);
  std::vector<std::pair<Duration, double>> out;
  for (const Stage& stage : program.scenarios[0].stages)
    out.emplace_back(stage.duration, stage.target);
  return out;
}

std::set<std::string> thresholds(const Program& program) {
  std::set<std::string> out;
  for (const auto& threshold : program.thresholds)
    out.insert(threshold.selector + " " + threshold.source);
  return out;
}

using Shape = std::vector<std::pair<Duration, double>>;
using Words = std::set<std::string>;

}  // namespace

TEST_CASE("smoke: three users for twenty seconds, and not one error") {
  const auto program = profile("smoke");
  CHECK(shape(*program) == Shape{{20s, 3}});
  CHECK(thresholds(*program) ==
        Words{"checks rate==1", "http_req_failed rate==0", "iterations count>0"});
}

TEST_CASE("baseline: 2m to 100, 5m to 1,000, 2m to 0; p95 below 500 ms, errors below 1 %") {
  const auto program = profile("baseline");
  CHECK(program->scenarios[0].start == 0);
  CHECK(shape(*program) == Shape{{2min, 100}, {5min, 1000}, {2min, 0}});
  CHECK(thresholds(*program) == Words{"http_req_duration p(95)<500", "http_req_failed rate<0.01"});
}

TEST_CASE(
    "stress: four steps of 100 users, 2m up and 5m held, 10m down; p95 below 1 s, errors below 10 "
    "%") {
  const auto program = profile("stress");
  CHECK(program->scenarios[0].start == 0);
  CHECK(shape(*program) == Shape{{2min, 100},
                                 {5min, 100},
                                 {2min, 200},
                                 {5min, 200},
                                 {2min, 300},
                                 {5min, 300},
                                 {2min, 400},
                                 {5min, 400},
                                 {10min, 0}});
  CHECK(thresholds(*program) == Words{"http_req_duration p(95)<1000", "http_req_failed rate<0.10"});
  Options options;
  options.load_scale = 5;
  CHECK(profile("stress", options)->scenarios[0].max_vus == 2000);
}

TEST_CASE("breaking point: 1,000 to 5,000 users, 5m a step, up to half may fail") {
  const auto program = profile("breaking-point");
  const Level level = level_of(program->scenarios[0]);
  CHECK(duration_of(level) == Duration{25min});
  for (int step = 0; step < 5; ++step) {
    CHECK(level_at(level, step * Duration{5min}) == 1000 * (step + 1));
    CHECK(level_at(level, (step + 1) * Duration{5min} - 1ns) == doctest::Approx(1000 * (step + 1)));
  }
  CHECK(thresholds(*program) == Words{"http_req_failed rate<=0.5"});
  CHECK(program->thresholds[0].abort_on_fail);
}

TEST_CASE("spike: 100 users, twenty times as many within 10s for 3m, and 3m of 100 after it") {
  const auto program = profile("spike");
  CHECK(program->scenarios[0].start == 0);
  CHECK(
      shape(*program) ==
      Shape{{10s, 100}, {1min, 100}, {10s, 2000}, {3min, 2000}, {10s, 100}, {3min, 100}, {10s, 0}});
  CHECK(thresholds(*program) == Words{"http_req_failed rate<0.02"});
}

TEST_CASE("every profile compiles, goes where BASE_URL says, and is a smoke test of itself") {
  Options options;
  options.set = {{"BASE_URL", "http://elsewhere:81"}};
  options.time_scale = 0.01;
  options.load_scale = 0.01;
  std::size_t profiles = 0;
  for (const auto& entry : std::filesystem::directory_iterator{GEND_PROFILES}) {
    if (entry.path().extension() != ".yaml") continue;
    CAPTURE(entry.path().string());
    ++profiles;
    const auto program = profile(entry.path().stem(), options);
    CHECK(program->name == entry.path().stem().string());
    REQUIRE(program->endpoints.size() == 1);
    CHECK(program->endpoints[0].authority == "elsewhere:81");
    CHECK_FALSE(program->thresholds.empty());
    for (const Scenario& scenario : program->scenarios) CHECK(scenario.max_vus >= 1);
    CHECK(profile(entry.path().stem())->endpoints[0].authority == "127.0.0.1:8080");
  }
  CHECK(profiles >= 5);
}
