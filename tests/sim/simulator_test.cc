// Whole plans in virtual time against what can be computed by hand.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <string>

#include "engine/programs.h"
#include "plan/load.h"
#include "sim/assumptions.h"
#include "sim/simulator.h"

using namespace gend;
using namespace std::chrono_literals;
using sim::ModelSpec;
using sim::Simulation;

namespace {

std::unique_ptr<const plan::Program> compiled(const std::string& scenarios,
                                              const plan::Options& options = {}) {
  auto program = plan::compile(
      "test.yaml", "target: http://nowhere.invalid:81\nseed: 5\n" + scenarios, options);
  if (!program)
    for (const auto& complaint : program.error()) MESSAGE(complaint.str());
  REQUIRE(program);
  return *std::move(program);
}

ModelSpec fixed(const char* latency) { return {.latency = *sim::parse_latency(latency)}; }

Simulation run(const plan::Program& program, const ModelSpec& model) {
  return sim::simulate(program, model, [](Duration) { return true; });
}

}  // namespace

TEST_CASE("a plan with sessions is refused in plain words") {
  CHECK_FALSE(sim::why_not(*compiled(R"(scenarios:
  s: {executor: constant-vus, duration: 1s, flow: [{get: /}]}
)")));
  CHECK(sim::why_not(*compiled(R"(scenarios:
  s: {executor: constant-vus, duration: 1s, flow: [{websocket: /ws, flow: []}]}
)")) == "test.yaml: a plan with sessions (`websocket`, `socketio`) cannot be simulated: a model of "
        "answers says nothing about messages; use genctl run");
}

TEST_CASE("a constant rate arrives evenly in every row") {
  const auto program = compiled(R"(scenarios:
  s: {executor: constant-arrival-rate, rate: 100, duration: 10s, preAllocatedVUs: 20,
      flow: [{get: /}]}
)");
  const Simulation told = run(*program, fixed("20ms"));
  CHECK(told.bucket == 500ms);
  REQUIRE(told.scenarios[0].rows.size() >= 20);
  for (std::size_t i = 0; i < 20; ++i) {
    CAPTURE(i);
    CHECK(told.scenarios[0].rows[i].planned == 50);
    CHECK(told.scenarios[0].rows[i].requests == 50);
    CHECK(told.scenarios[0].rows[i].p50 == 20ms);
  }
  CHECK(told.all.requests == 1000);
  CHECK(told.all.most_requests == 100);
  CHECK(told.work.completed == 1000);
  CHECK(told.most_connections <= 20);
}

TEST_CASE("the arrivals of a ramp are its curve's integral, row by row") {
  // 0 to 80/s in 20 s, then back: t seconds up the ramp 2 t^2 arrivals were due.
  const auto program = compiled(R"(scenarios:
  s: {executor: ramping-arrival-rate, startRate: 0, preAllocatedVUs: 50, flow: [{get: /}],
      stages: [{duration: 20s, target: 80}, {duration: 20s, target: 0}]}
)");
  const Simulation told = run(*program, fixed("10ms"));
  CHECK(told.bucket == 1s);
  const auto& rows = told.scenarios[0].rows;
  REQUIRE(rows.size() >= 40);
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const double t = static_cast<double>(i + 1);
    CAPTURE(t);
    so_far += rows[i].planned;
    // Arrival n is due when the integral exceeds n: at a whole number that is the next row's.
    CHECK(so_far == static_cast<std::uint64_t>(2 * t * t));
  }
  CHECK(told.all.planned == 1600);
  CHECK(told.all.started == 1600);
}

TEST_CASE("a closed loop turns as often as think and response time let it") {
  const auto program = compiled(R"(scenarios:
  s: {executor: constant-vus, vus: 10, duration: 100s, gracefulStop: 5s,
      flow: [{get: /}, {think: 1s}]}
)");
  const Simulation told = run(*program, fixed("250ms"));
  // Each user begins at 0 s, 1.25 s, … 98.75 s: 80 times.
  CHECK(told.work.started == 800);
  CHECK(told.work.completed == 800);
  CHECK(told.all.most_users == 10);
  CHECK(told.most_connections == 10);
  CHECK(told.length == 100s);
  double users = 0, under_way = 0;
  for (const sim::Row& row : told.scenarios[0].rows) {
    users += row.users / 20;
    under_way += row.under_way / 20;
  }
  CHECK(users == doctest::Approx(10));
  CHECK(under_way == doctest::Approx(10 * 0.25 / 1.25).epsilon(0.01));  // Little
}

TEST_CASE("the same seed tells the same, another seed another") {
  const std::string plan = R"(scenarios:
  s: {executor: constant-vus, vus: 5, duration: 20s, flow: [{get: /}, {think: 100ms..900ms}]}
)";
  const auto program = compiled(plan);
  const ModelSpec model = fixed("lognormal:20ms,p99=200ms");
  const Simulation a = run(*program, model), b = run(*program, model);
  CHECK(a.all.requests == b.all.requests);
  REQUIRE(a.scenarios[0].rows.size() == b.scenarios[0].rows.size());
  for (std::size_t i = 0; i < a.scenarios[0].rows.size(); ++i) {
    CHECK(a.scenarios[0].rows[i].requests == b.scenarios[0].rows[i].requests);
    CHECK(a.scenarios[0].rows[i].p99 == b.scenarios[0].rows[i].p99);
  }
  auto other = plan::compile("t", "target: http://x\nseed: 6\n" + plan, {});
  REQUIRE(other);
  const Simulation c = run(**other, model);
  CHECK(c.work.loops != a.work.loops);
}

TEST_CASE("answers give the plan what it asks for, so that its flow goes on") {
  const auto program = compiled(R"(vars: {page: "0"}
scenarios:
  s:
    executor: constant-vus
    vus: 2
    duration: 10s
    flow:
      - post: /login
        expect: {status: 201, "json $.ok": true}
        check: {body: contains "welcome", "header x-a": exists, latency: <1s}
        capture: {token: json $.token, pages: json $.pages, items: json $.items}
      - get: /me
        headers: {authorization: "Bearer ${token}"}
        check: {status: 404}
      - head: /h
      - delete: /it
        expect: {status: 204}
      - set: {page: "${pages} + 1"}
      - loop: {while: "${token} != ''", max: 5, flow: [{get: /while}]}
      - loop: {while: "${token} != ''", flow: [{get: /open}]}
      - loop: {over: "${items}", flow: [{get: "/item/${item}"}]}
      - think: 4s
)");
  const Simulation told = run(*program, fixed("5ms"));
  CHECK(told.work.completed == 6);  // three each: 29 requests of 5 ms and 4 s to think
  const auto& steps = told.scenarios[0].steps;
  REQUIRE(steps.size() == 7);
  const std::uint64_t wanted[] = {1, 1, 1, 1, 5, sim::kRounds, 10};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    CHECK(steps[i].sent == 6 * wanted[i]);
    // A 404 that only a check asks for is still a failed request, as in k6.
    CHECK(steps[i].failed == (i == 1 ? 6 : 0));
  }
  std::string words;
  for (const std::string& each : told.assumptions) words += each + "\n";
  CHECK(words.find("token, pages, items") != std::string::npos);
  CHECK(words.find("`${token} != ''` 5 rounds") != std::string::npos);
  CHECK(words.find("(3 checks)") != std::string::npos);
  CHECK(words.find("lists from answers have 10 items: items") != std::string::npos);
}

TEST_CASE("an answer that is an error gives nothing that was asked of it") {
  const auto program = compiled(R"(scenarios:
  s: {executor: constant-vus, vus: 1, duration: 1s, flow: [
      {get: /, capture: {a: json $.a}, check: {body: contains "x"}}, {get: "/${a}"}]}
)");
  ModelSpec model = fixed("1ms");
  model.fail = 1;
  const Simulation told = run(*program, model);
  CHECK(told.scenarios[0].steps[0].failed == 1000);
  CHECK(told.scenarios[0].steps[1].sent == 0);  // ${a} is not set
  CHECK(told.model.failed == 1000);
}

TEST_CASE("a model that is full answers 503, and says how full it was") {
  const auto program = compiled(R"(scenarios:
  s: {executor: constant-arrival-rate, rate: 20, duration: 10s, preAllocatedVUs: 30,
      flow: [{get: /}]}
)");
  ModelSpec model = fixed("100ms");
  model.workers = 1;
  model.queue = 0;
  const Simulation told = run(*program, model);
  CHECK(told.model.requests == 200);
  CHECK(told.model.refused == 100);  // every other one meets a busy worker
  CHECK(told.scenarios[0].steps[0].failed == 100);
  CHECK(told.model.busy == 10s);
}

TEST_CASE("arrivals without a user wait, and are dropped at the end with the reason") {
  const auto program = compiled(R"(scenarios:
  s: {executor: constant-arrival-rate, rate: 10, duration: 10s, preAllocatedVUs: 1, maxVUs: 1,
      flow: [{get: /}]}
)");
  const Simulation told = run(*program, fixed("1s"));
  // One every second, 10 wanted.
  CHECK(told.work.planned == 100);
  CHECK(told.work.started == 10);
  CHECK(told.work.dropped_no_user == 90);
  const auto& rows = told.scenarios[0].rows;
  CHECK(rows[9].waiting == 45);  // after 5 s
  CHECK(rows[19].waiting == 0);
  CHECK(rows[19].dropped == 90);
}

TEST_CASE("requests that take too long end at their timeout") {
  const auto program = compiled(R"(defaults: {timeout: 1s}
scenarios:
  s: {executor: constant-vus, vus: 3, duration: 10s, flow: [{get: /}]}
)");
  const Simulation told = run(*program, fixed("1h"));
  CHECK(told.scenarios[0].steps[0].failed == 30);
  CHECK(told.scenarios[0].rows[5].under_way == doctest::Approx(3));
}

TEST_CASE("iterations that are counted end the run early, and rows are then shorter") {
  auto program = test::make_program({.executor = plan::Executor::kSharedIterations,
                                     .start = 10, .stages = {{10min, 10}}, .max_vus = 10});
  program.scenarios[0].iterations = 1000;
  const Simulation told = run(program, fixed("10ms"));
  CHECK(told.length == 1s);
  CHECK(told.bucket == 50ms);
  CHECK(told.scenarios[0].rows.size() == 20);
}

TEST_CASE("rows of data that were used are counted, each once") {
  auto program = test::make_program({.executor = plan::Executor::kPerVuIterations,
                                     .start = 2, .stages = {{10min, 2}}, .max_vus = 2});
  plan::Scenario& scenario = program.scenarios[0];
  scenario.iterations = 2;
  for (const plan::Order order :
       {plan::Order::kUnique, plan::Order::kSequential, plan::Order::kSequential}) {
    plan::DataSet set;
    set.name = "set";
    set.table = data::Table::range(1, 6);
    set.order = order;
    program.data.push_back(std::move(set));
    scenario.first_rows.push_back(0);
  }
  // Reads the first two.
  plan::HttpRequest& request = program.requests[0];
  request.lifetime = plan::Lifetime::kPerIteration;
  request.head.pieces = {{.text = "GET /"}, {.source = plan::Source::kColumn, .a = 0},
                         {.source = plan::Source::kColumn, .a = 1},
                         {.text = " HTTP/1.1\r\nHost: x"}};
  const Simulation told = run(program, fixed("10ms"));
  REQUIRE(told.data.size() == 2);
  CHECK(told.data[0].used == 2);
  CHECK(told.data[1].set == 1);
  CHECK(told.data[1].used == 4);
}

TEST_CASE("TLS costs a round trip more, once a connection") {
  auto program = test::make_program({.executor = plan::Executor::kPerVuIterations,
                                     .start = 1, .stages = {{10min, 1}}});
  program.scenarios[0].iterations = 3;
  program.endpoints[0].tls = true;
  ModelSpec model = fixed("10ms");
  model.rtt = 2ms;
  // TCP 2 ms, TLS 2 ms, then three requests of 12 ms.
  CHECK(run(program, model).length == 40ms);
}

TEST_CASE("a stop ends the simulation where it is, an abort step where it is met") {
  const auto program = compiled(R"(scenarios:
  s: {executor: constant-vus, vus: 10, duration: 10h, flow: [{get: /}, {think: 1s}]}
)");
  bool once = false;
  const Simulation told = sim::simulate(*program, fixed("1ms"), [&](Duration elapsed) {
    CHECK_FALSE(once);
    once = elapsed > 10min;
    return !once;
  });
  CHECK(told.end == Simulation::End::kStopped);
  CHECK(told.length > 10min);
  CHECK(told.length < 2h);
  CHECK(told.work.interrupted == 10);

  const auto aborting = compiled(R"(scenarios:
  s: {executor: constant-vus, vus: 1, duration: 40s, flow: [{get: /}, {think: 5s}, {abort: "no"}]}
)");
  const Simulation aborted = run(*aborting, fixed("1ms"));
  CHECK(aborted.end == Simulation::End::kAborted);
  CHECK(aborted.aborted == 1);
  CHECK(aborted.length < 7s);
}

TEST_CASE("an externally controlled scenario stays where it begins") {
  const auto program = test::make_program({.executor = plan::Executor::kExternallyControlled,
                                           .start = 4, .stages = {{20s, 4}}, .max_vus = 10,
                                           .think = 1s});
  const Simulation told = run(program, fixed("1ms"));
  CHECK(told.all.most_users == 4);
  CHECK(told.work.started == 80);
  CHECK(told.length <= 21s);
}

TEST_CASE("thresholds are judged on what the model gave") {
  const auto program = compiled(R"(thresholds:
  http_req_duration: ["p(95)<30", "p(95)<10"]
  http_req_failed: [{threshold: "rate<0.01", window: 2s}]
scenarios:
  s: {executor: constant-arrival-rate, rate: 50, duration: 10s, preAllocatedVUs: 9,
      flow: [{get: /}]}
)");
  const Simulation told = run(*program, fixed("20ms"));
  REQUIRE(told.thresholds.size() == 3);
  CHECK(told.thresholds[0].ok);
  CHECK_FALSE(told.thresholds[1].ok);
  CHECK(told.thresholds[1].value == doctest::Approx(20));
  CHECK(told.thresholds[2].ok);
}

TEST_CASE("rows are few, and as long as clocks have it") {
  CHECK(sim::bucket_for(2h) == 3min);
  CHECK(sim::bucket_for(10s) == 500ms);
  CHECK(sim::bucket_for(Duration{1}) == 1ms);
  CHECK(sim::bucket_for(30 * 24h) == 24h);
  for (Duration length = 40ms; length < 40 * 24h; length = length * 11 / 10) {
    CAPTURE(to_seconds(length));
    const auto rows = (length + sim::bucket_for(length) - Duration{1}) / sim::bucket_for(length);
    CHECK(rows >= 16);
    CHECK(rows <= 40);
  }
}
