// The profiles that are shipped: each compiles, and asks for what the requirements say.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
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

// A file of the folder of profiles.
std::string text_of(const std::string& name) {
  std::ifstream in{std::string{GEND_PROFILES} + "/" + name};
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::unique_ptr<const Program> profile(const std::string& name, Options options = {}) {
  const std::string text = text_of(name + ".yaml");
  std::map<std::string, std::string> files;
  for (const FileUse& use : files_of(text, options)) files.emplace(use.name, text_of(use.name));
  for (const auto& [file, content] : files) options.files.emplace(file, content);
  return gend::plan::support::compiled(text, options);
}

const Scenario& scenario(const Program& program, const std::string& name) {
  const auto found = std::ranges::find(program.scenarios, name, &Scenario::name);
  REQUIRE(found != program.scenarios.end());
  return *found;
}

std::vector<std::pair<Duration, double>> shape(const Scenario& scenario) {
  std::vector<std::pair<Duration, double>> out;
  for (const Stage& stage : scenario.stages) out.emplace_back(stage.duration, stage.target);
  return out;
}

std::vector<std::pair<Duration, double>> shape(const Program& program) {
  REQUIRE(program.scenarios.size() == 1);
  return shape(program.scenarios[0]);
}

std::set<std::string> thresholds(const Program& program) {
  std::set<std::string> out;
  for (const auto& threshold : program.thresholds)
    out.insert(threshold.selector + " " + threshold.source);
  return out;
}

// Messages a second in each loop, and how long.
std::vector<std::pair<double, Duration>> talk(const Program& program) {
  std::vector<std::pair<double, Duration>> out;
  for (const Loop& loop : program.loops) out.emplace_back(loop.rate, loop.lasting);
  return out;
}

using Talk = std::vector<std::pair<double, Duration>>;
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
  CHECK(thresholds(*program) ==
        Words{"http_req_duration p(95)<1000", "http_req_duration{stage:down} p(95)<1000",
              "http_req_failed rate<0.10"});
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
  CHECK(thresholds(*program) ==
        Words{"http_req_duration{stage:after} p(95)<500", "http_req_failed rate<0.02",
              "http_req_failed{stage:spike} rate<0.02"});
}

TEST_CASE("soak: 5m to 400 users, four hours, 5m down; as long and as large as one likes") {
  const auto program = profile("soak");
  CHECK(shape(scenario(*program, "shoppers")) == Shape{{5min, 400}, {4h, 400}, {5min, 0}});
  CHECK(thresholds(*program).contains("http_req_duration p(95)<500"));
  CHECK(thresholds(*program).contains("http_req_failed rate<0.01"));
  Options options;
  options.set = {{"USERS", "1000"}, {"SOAK", "60m"}};
  CHECK(shape(scenario(*profile("soak", options), "shoppers")) ==
        Shape{{5min, 1000}, {60min, 1000}, {5min, 0}});
}

TEST_CASE("villages: 10m to 1,000 users, 60m, 10m down; p95 below 300 ms, p99 tracked") {
  const auto program = profile("villages-http");
  CHECK(shape(*program) == Shape{{10min, 1000}, {60min, 1000}, {10min, 0}});
  const Words words = thresholds(*program);
  CHECK(words.contains("http_req_duration p(95)<300"));
  CHECK(words.contains("http_req_failed rate<0.01"));
  CHECK(words.contains("http_req_duration p(99)<1000"));
  REQUIRE(program->data.size() == 1);
  CHECK(program->data[0].order == Order::kUnique);
  CHECK(program->data[0].table->rows() == 1000);  // 100 villages of 10
}

TEST_CASE("profile activity: 20 a second, 50 after 2m, 120 for 5m, down in 2m; pages of 50") {
  const auto program = profile("profile-activity");
  CHECK(program->scenarios[0].open_model);
  CHECK(program->scenarios[0].start == 20);
  CHECK(shape(*program) == Shape{{2min, 50}, {0s, 120}, {5min, 120}, {2min, 0}});
  CHECK(thresholds(*program) ==
        Words{"dropped_iterations count==0", "http_req_duration max<2000",
              "http_req_duration p(95)<=800", "http_req_failed rate<0.01",
              "http_reqs{status:429} count==0", "http_reqs{status:5xx} count==0"});
}

TEST_CASE("many tenants: 50 free, 200 starter and up to 500 professional, budgets 5, 2 and 1 %") {
  const auto program = profile("multi-tenant");
  CHECK(shape(scenario(*program, "free_tier")) == Shape{{10min, 50}});
  CHECK(shape(scenario(*program, "starter_tier")) == Shape{{10min, 200}});
  CHECK(shape(scenario(*program, "professional_tier")) ==
        Shape{{5min, 500}, {10min, 500}, {5min, 0}});
  const Words words = thresholds(*program);
  CHECK(words.contains("http_req_failed{tier:free} rate<0.05"));
  CHECK(words.contains("http_req_failed{tier:starter} rate<0.02"));
  CHECK(words.contains("http_req_failed{tier:professional} rate<0.01"));
}

TEST_CASE("journeys: 0.4 browse, 0.3 search, 0.2 order, 0.1 report") {
  const auto program = profile("journeys");
  REQUIRE(program->picks.size() == 1);
  const auto& up_to = program->picks[0].up_to;
  REQUIRE(up_to.size() == 4);
  const double expected[] = {0.4, 0.7, 0.9, 1.0};
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(up_to[i] / up_to.back() == doctest::Approx(expected[i]));
}

TEST_CASE("metrics service: up to 1,000 users, and 1,000 data points a second beside them") {
  const auto program = profile("metrics-service");
  CHECK(shape(scenario(*program, "dashboards")) == Shape{{2min, 100}, {5min, 1000}, {2min, 0}});
  CHECK(shape(scenario(*program, "ingest")) == Shape{{9min, 1000}});
  CHECK(scenario(*program, "ingest").open_model);
}

TEST_CASE("villages, broadcast: 1,000 people, five minutes up to 5 messages a second, an hour") {
  const auto program = profile("villages-broadcast");
  CHECK(scenario(*program, "villagers").max_vus == 1000);
  CHECK(talk(*program) ==
        Talk{{1, 1min}, {2, 1min}, {3, 1min}, {4, 1min}, {5, 1min}, {5, 60min}});
  const Words words = thresholds(*program);
  CHECK(words.contains("delivery_latency p(95)<200"));
  for (const char* share : {"delivery_lost", "delivery_late", "delivery_duplicated",
                            "ws_connect_failed", "ws_session_failed"})
    CHECK(words.contains(share + std::string{" rate<0.01"}));
  REQUIRE(program->sessions.size() == 1);
  CHECK(program->sessions[0].kind == SessionKind::kSocketIo);
  CHECK(program->sessions[0].auth);
  REQUIRE(program->listens.size() == 1);
  CHECK(program->listens[0].rooms.size() == 100);  // each with numbers of its own
}

TEST_CASE("metrics service, WebSockets: 1,000 for half an hour, each change seen by ten") {
  const auto program = profile("metrics-service-ws");
  CHECK(scenario(*program, "dashboards").max_vus == 1000);
  CHECK(talk(*program) == Talk{{1, 30min}});
  const Words words = thresholds(*program);
  CHECK(words.contains("delivery_latency{scenario:dashboards} p(95)<100"));
  CHECK(words.contains("ws_connect_failed rate<0.01"));
  const auto storm = profile("reconnect-storm");
  CHECK(scenario(*storm, "dashboards").max_vus == 1000);
  CHECK(storm->sessions[0].reconnect.max == 20);
}

TEST_CASE("connection storm and idle connections: 2,000 a second, 15,000 for ten minutes") {
  const auto storm = profile("connection-storm");
  CHECK(shape(*storm) == Shape{{1min, 2000}, {2min, 2000}, {30s, 0}});
  CHECK(scenario(*profile("idle-connections"), "idle").max_vus == 15000);
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
  CHECK(profiles == 22);
}
