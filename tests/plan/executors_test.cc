// Scenarios: what each executor's keys become, and which of them make no sense.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "plan/demand.h"
#include "plan/explain.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;
using gend::plan::support::compiled;
using gend::plan::support::holds;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;
using gend::plan::support::with_scenario;
using gend::plan::support::Lines;

namespace {

std::unique_ptr<const Program> program_of(const std::string& lines, const Options& options = {}) {
  return compiled(with_scenario(lines), options);
}

std::string explained(const Program& program) {
  return explain(program, {.kernel = "6.1.0", .cpus = 1});
}

// Two flows by weight; the one has two requests, the other a request and a nested pick.
const std::string kMix =
    "target: http://h:1\n"
    "flows: {search: [{get: /s}, {get: /t}]}\n"
    "scenarios:\n"
    "  s:\n"
    "    executor: constant-vus\n"
    "    duration: 1s\n"
    "    mix:\n"
    "      - {weight: 3, flow: search}\n"
    "      - {weight: 1, name: buy, flow: [{get: /b}, {pick: [{weight: 1, flow: [{get: /c}]}]}]}\n";

bool has_series(const Program& program, std::string_view metric, stats::Tags tags) {
  for (const stats::Series& series : program.schema.series()) {
    if (series.metric != metric) continue;
    bool all = true;
    for (const auto& tag : tags)
      all = all && std::ranges::find(series.tags, tag) != series.tags.end();
    if (all) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("shared iterations: all users together, given up after k6's ten minutes") {
  const auto program =
      program_of("    executor: shared-iterations\n    vus: 4\n    iterations: 100\n");
  const Scenario& scenario = program->scenarios[0];
  CHECK(scenario.executor == Executor::kSharedIterations);
  CHECK_FALSE(scenario.open_model);
  CHECK(scenario.iterations == 100);
  CHECK(scenario.max_vus == 4);
  CHECK(scenario.start == 4);
  CHECK(scenario.duration() == Duration{10min});
  const auto shorter = program_of("    executor: shared-iterations\n    maxDuration: 30s\n");
  CHECK(shorter->scenarios[0].iterations == 1);
  CHECK(shorter->scenarios[0].max_vus == 1);
  CHECK(shorter->scenarios[0].duration() == Duration{30s});
}

TEST_CASE("iterations per user: one each unless the plan says more") {
  const auto program =
      program_of("    executor: per-vu-iterations\n    vus: 4\n    iterations: 3\n");
  CHECK(program->scenarios[0].executor == Executor::kPerVuIterations);
  CHECK(program->scenarios[0].iterations == 3);
  CHECK(program_of("    executor: per-vu-iterations\n")->scenarios[0].iterations == 1);
}

TEST_CASE("the load scale changes shared iterations and users, not the iterations of each") {
  Options options;
  options.load_scale = 0.1;
  options.time_scale = 0.5;
  const auto shared =
      program_of("    executor: shared-iterations\n    vus: 25\n    iterations: 101\n", options);
  CHECK(shared->scenarios[0].iterations == 11);
  CHECK(shared->scenarios[0].max_vus == 3);
  CHECK(shared->scenarios[0].duration() == Duration{5min});
  CHECK(shared->scenarios[0].graceful_stop == Duration{30s});
  const auto each =
      program_of("    executor: per-vu-iterations\n    vus: 20\n    iterations: 7\n", options);
  CHECK(each->scenarios[0].iterations == 7);
  CHECK(each->scenarios[0].max_vus == 2);
}

TEST_CASE("externally controlled: users, or with a rate an open model") {
  const auto users = program_of(
      "    executor: externally-controlled\n    duration: 1m\n    vus: 2\n    maxVUs: 10\n");
  CHECK_FALSE(users->scenarios[0].open_model);
  CHECK(users->scenarios[0].start == 2);
  CHECK(users->scenarios[0].max_vus == 10);
  CHECK(users->scenarios[0].pre_allocated_vus == 10);
  const auto none = program_of(
      "    executor: externally-controlled\n    duration: 1m\n    vus: 0\n    maxVUs: 10\n");
  CHECK(none->scenarios[0].start == 0);
  const auto rate = program_of(
      "    executor: externally-controlled\n    duration: 1m\n    rate: 60\n    timeUnit: 1m\n"
      "    preAllocatedVUs: 5\n    maxVUs: 10\n");
  CHECK(rate->scenarios[0].open_model);
  CHECK(rate->scenarios[0].start == doctest::Approx(1));
  CHECK(rate->scenarios[0].pre_allocated_vus == 5);
  CHECK(rate->scenarios[0].max_vus == 10);
  CHECK(demand_of(*rate).requests == doctest::Approx(60));
}

TEST_CASE("keys that do not go together are complaints") {
  CHECK(complaints(with_scenario("    executor: externally-controlled\n    duration: 1m\n"
                                 "    vus: 2\n    rate: 5\n")) ==
        Lines{"p.yaml:6:5: `vus` beside `rate`; externally-controlled takes `vus`, or `rate` with "
              "`timeUnit` and `preAllocatedVUs`"});
  CHECK(complaints(with_scenario("    executor: externally-controlled\n    duration: 1m\n"
                                 "    preAllocatedVUs: 2\n")) ==
        Lines{"p.yaml:6:5: `preAllocatedVUs` without `rate`; externally-controlled takes `vus`, or "
              "`rate` with `timeUnit` and `preAllocatedVUs`"});
  CHECK(complaints(with_scenario("    executor: externally-controlled\n    duration: 1m\n"
                                 "    vus: 5\n    maxVUs: 2\n")) ==
        Lines{"p.yaml:7:13: `maxVUs` 2 is less than `vus` 5"});
  CHECK(complaints(with_scenario("    executor: externally-controlled\n    duration: 1m\n"
                                 "    rate: 0\n")) ==
        Lines{"p.yaml:6:11: a rate that begins at 0 says nothing of the users; give `maxVUs`"});
  CHECK(complaints(with_scenario("    executor: externally-controlled\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\": externally-controlled needs `duration`"});
  CHECK(complaints(with_scenario("    executor: shared-iterations\n    vus: 5\n"
                                 "    iterations: 4\n")) ==
        Lines{"p.yaml:6:17: 4 iterations for 5 users: some would have none; `iterations` of "
              "shared-iterations is the number of all users together"});
  CHECK(complaints(with_scenario("    executor: shared-iterations\n    duration: 1s\n")) ==
        Lines{"p.yaml:5:5: `duration` does not apply to shared-iterations; it takes vus, "
              "iterations, maxDuration"});
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 1s\n"
                                 "    iterations: 3\n")) ==
        Lines{"p.yaml:6:5: `iterations` does not apply to constant-vus; it takes duration, vus"});
  CHECK(complaints(with_scenario("    executor: per-vu-iterations\n    maxDuration: 0s\n")) ==
        Lines{"p.yaml:3:3: scenario \"s\" lasts 0s"});
}

TEST_CASE("iterations and durations that are no numbers are said once") {
  CHECK(complaints(with_scenario("    executor: shared-iterations\n    iterations: many\n"
                                 "    vus: 5\n")) ==
        Lines{"p.yaml:5:17: \"many\" is not a number of iterations (1 to 1000000000000)"});
  CHECK(complaints(with_scenario("    executor: shared-iterations\n    iterations: 0\n")) ==
        Lines{"p.yaml:5:17: \"0\" is not a number of iterations (1 to 1000000000000)"});
  CHECK(complaints(with_scenario("    executor: per-vu-iterations\n    maxDuration: soon\n")) ==
        Lines{"p.yaml:5:18: \"soon\" is not a duration (500ms, 10s, 5m, 1h)"});
}

TEST_CASE("arrivals are even or poisson") {
  const std::string rate =
      "    executor: constant-arrival-rate\n    rate: 1\n    duration: 1s\n    arrivals: ";
  CHECK(program_of(rate + "poisson\n")->scenarios[0].arrivals == Arrivals::kPoisson);
  CHECK(program_of(rate + "even\n")->scenarios[0].arrivals == Arrivals::kEven);
  CHECK(complaints(with_scenario(rate + "poison\n")) ==
        Lines{"p.yaml:7:15: \"poison\" is not a way to arrive; did you mean \"poisson\"?"});
  CHECK(holds(explained(*program_of(rate + "poisson\n")),
              "1 iterations in all, at random moments"));
}

TEST_CASE("a scenario's cookies win over the defaults, and requests know of them") {
  const auto both = [](const std::string& top, const std::string& line) {
    const auto program = compiled(
        top + with_scenario("    executor: constant-vus\n    duration: 1s\n" + line));
    return std::pair{program->scenarios[0].cookies, program->requests[0].sends_cookies};
  };
  using enum Scenario::Cookies;
  CHECK(both("", "") == std::pair{kPerIteration, true});
  CHECK(both("", "    cookies: perUser\n") == std::pair{kPerUser, true});
  CHECK(both("", "    cookies: off\n") == std::pair{kOff, false});
  CHECK(both("defaults: {cookies: off}\n", "") == std::pair{kOff, false});
  CHECK(both("defaults: {cookies: off}\n", "    cookies: perUser\n") == std::pair{kPerUser, true});
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 1s\n"
                                 "    cookies: peruser\n")) ==
        Lines{"p.yaml:6:14: \"peruser\" is not a way to keep cookies; did you mean \"perUser\"?"});
}

TEST_CASE("words of k6 and Artillery are answered with ours") {
  const std::string plain = "    executor: constant-vus\n    duration: 1s\n";
  CHECK(complaints(with_scenario(plain + "    exec: browse\n")) ==
        Lines{"p.yaml:6:5: a scenario has no \"exec\"; write the steps as `flow`, or name one of "
              "`flows`: flow: [{call: name}]"});
  CHECK(complaints(with_scenario(plain + "    env: {A: b}\n")) ==
        Lines{"p.yaml:6:5: a scenario has no \"env\"; use `vars`"});
  CHECK(complaints(with_scenario(plain + "    weight: 3\n")).size() == 1);
}

TEST_CASE("pace needs users: in an open model the rate begins the iterations") {
  CHECK(complaints("target: http://h:1\nscenarios:\n  s:\n    executor: constant-arrival-rate\n"
                   "    rate: 1\n    duration: 1s\n    flow:\n      - get: /\n"
                   "      - loop: {count: 2, flow: [{pace: 1s}]}\n") ==
        Lines{"p.yaml:9:33: `pace` in constant-arrival-rate: its iterations begin when the rate "
              "says so; leave it out, or use an executor with users, such as constant-vus"});
  CHECK(complaints(with_flow("      - get: /\n      - pace: 1s\n")).empty());
}

TEST_CASE("a mix is a choice between flows, each a group and a tag of its own") {
  const auto program = compiled(kMix);
  const Scenario& scenario = program->scenarios[0];
  REQUIRE(scenario.mix.has_value());
  const Pick& mix = program->picks.at(*scenario.mix);
  CHECK(mix.up_to == std::vector<double>{3, 4});
  CHECK(mix.names == std::vector<std::string>{"search", "buy"});
  CHECK(program->steps[scenario.first_step].kind == StepKind::kPick);
  CHECK(has_series(*program, "group_duration", {{"group", "::search"}, {"scenario", "s"}}));
  CHECK(has_series(*program, "http_req_duration", {{"flow", "search"}, {"name", "/t"}}));
  CHECK(has_series(*program, "http_reqs", {{"flow", "buy"}, {"name", "/c"}}));
  CHECK_FALSE(has_series(*program, "http_reqs", {{"flow", "search"}, {"name", "/b"}}));
  CHECK(has_series(*program, "picks", {{"flow", "buy"}, {"scenario", "s"}}));
  // Three quarters of the iterations have two requests, the others as well.
  CHECK(iteration_of(*program, scenario).requests == doctest::Approx(2));
  const std::string text = explained(*program);
  CHECK(holds(text, "mix: each iteration is one of these\n"));
  CHECK(holds(text, "75% search\n"));
  CHECK(holds(text, "25% buy\n"));
  CHECK_FALSE(compiled(with_flow("      - get: /\n"))->scenarios[0].mix.has_value());
}

TEST_CASE("flows of a mix can be judged one by one") {
  CHECK(complaints("thresholds: {\"http_req_duration{flow:search}\": [\"p(95)<1\"], "
                   "\"group_duration{group:::buy}\": [\"p(95)<1\"]}\n" +
                   kMix)
            .empty());
}

TEST_CASE("a mix that cannot be is a complaint") {
  const auto with_mix = [](const std::string& mix) {
    return complaints("target: http://h:1\nscenarios:\n  s:\n    executor: constant-vus\n"
                      "    duration: 1s\n    mix: " +
                      mix + "\n");
  };
  CHECK(with_mix("[{weight: 0, flow: [{get: /}]}]") ==
        Lines{"p.yaml:6:10: all weights are 0: nothing is ever chosen"});
  CHECK(with_mix("[]") == Lines{"p.yaml:6:10: nothing to choose from"});
  CHECK(with_mix("[{weight: 1e308, flow: [{get: /}]}, {weight: 1e308, flow: [{get: /}]}]") ==
        Lines{"p.yaml:6:10: the weights are too large"});
  CHECK(with_mix("[{weight: 1, flow: none}]") ==
        Lines{"p.yaml:6:29: no flow is called \"none\"; declare it in `flows`"});
  CHECK(with_mix("[{weight: 1, name: a, flow: [{get: /}]}, {weight: 1, name: a, flow: [{get: "
                 "/}]}]") ==
        Lines{"p.yaml:6:51: two entries are called \"a\"; give one of them another `name`"});
  CHECK(with_mix("[{weight: 1, name: a, flow: [{get: /}]}, {weight: 1, flow: []}]") ==
        Lines{"p.yaml:6:51: \"2\" in the mix of scenario \"s\" never ends an iteration: it neither "
              "sends anything nor pauses; add a request or a `think`"});
  CHECK(with_mix("{weight: 1}") == Lines{"p.yaml:6:10: expected a list of entries ({weight: 1, "
                                         "flow: name}), found a mapping"});
  CHECK(complaints(with_scenario("    executor: constant-vus\n    duration: 1s\n"
                                 "    mix: [{weight: 1, flow: [{get: /}]}]\n")) ==
        Lines{"p.yaml:7:5: scenario \"s\" has a `flow` and a `mix`; leave one of them out; a `mix` "
              "may hold the flow as an entry"});
}

TEST_CASE("a stage has its name, or its number") {
  const auto program = program_of(
      "    executor: ramping-vus\n    stages: [{duration: 1s, target: 1, name: up}, {duration: "
      "1s, target: 5}]\n");
  CHECK(program->scenarios[0].stages[0].name == "up");
  CHECK(program->scenarios[0].stages[1].name == "2");
  const std::string text = explained(*program);
  CHECK(holds(text, "  stage up: 1 to 1 in 1s\n"));
  CHECK(holds(text, "  stage 2: 1 to 5 in 1s\n"));
  const auto named = [](const std::string& name) {
    return complaints(with_scenario(
        "    executor: ramping-vus\n    stages: [{duration: 1s, target: 1, name: " + name +
        "}]\n"));
  };
  CHECK(named("\"2\"") ==
        Lines{"p.yaml:5:46: \"2\" is not a name of a stage; numbers are what stages without a name "
              "are called"});
  CHECK(named("\"\"") == Lines{"p.yaml:5:46: a stage's name is 1 to 64 bytes long"});
}

TEST_CASE("counted iterations are what a plan is expected to send") {
  // One request and 900 ms of pause: an iteration is taken to last a second.
  const auto requests = [](const std::string& lines) {
    return demand_of(*compiled("target: http://h:1\nscenarios:\n  s:\n" + lines +
                               "    flow: [{get: /}, {think: 900ms}]\n"))
        .requests;
  };
  CHECK(requests("    executor: shared-iterations\n    vus: 10\n    iterations: 1000\n") ==
        doctest::Approx(1000));
  CHECK(requests("    executor: per-vu-iterations\n    vus: 10\n    iterations: 7\n") ==
        doctest::Approx(70));
  // Ten users have time for 100 iterations of a second in 10 s.
  CHECK(requests("    executor: shared-iterations\n    vus: 10\n    iterations: 1000\n"
                 "    maxDuration: 10s\n") == doctest::Approx(100));
  const std::string text = explained(
      *program_of("    executor: shared-iterations\n    vus: 10\n    iterations: 1000\n"));
  CHECK(holds(text, "shared-iterations, 10 users, 1,000 iterations together, at most 10m\n"));
  CHECK(holds(text, "about 1,000 in all, within 10m\n"));
}

TEST_CASE("the hands of bursts need connections too, and are bounded") {
  const auto program = compiled(
      "target: http://h:1\nscenarios:\n  s:\n    executor: constant-vus\n    vus: 10\n"
      "    duration: 1s\n    flow: [{burst: {count: 50, concurrency: 4, flow: [{get: /}, {get: "
      "\"http://other:2/\"}]}}]\n");
  const Demand demand = demand_of(*program);
  CHECK(demand.users == 10);
  CHECK(demand.ports == 50);
  CHECK(demand.connections == 100);
  CHECK(holds(explained(*program), "connections  100 at most, those of bursts included\n"));
  CHECK(complaints("target: http://h:1\nscenarios:\n  s:\n    executor: constant-vus\n"
                   "    vus: 100000\n    duration: 1s\n    flow: [{burst: {count: 50, "
                   "concurrency: 50, flow: [{get: /}]}}]\n") ==
        Lines{"p.yaml:3:3: users and the hands of their bursts are 5100000, at most 4000000; give "
              "the bursts a smaller `concurrency`, or lower the users"});
}

TEST_CASE("an explanation says what it takes for granted") {
  const std::string text = explained(*compiled(
      with_flow("      - loop: {while: \"${vu} > 0\", flow: [{get: /}]}\n      - if: \"${vu} > "
                "1\"\n        then: [{get: /}]\n")));
  CHECK(holds(text,
              "expected (users wait for answers: taking 100ms a response; 10 rounds of a loop that "
              "only the run can count; half of the users on each side of an `if`)\n"));
}
