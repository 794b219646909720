#include <chrono>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "plan/level.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;
using gend::plan::support::compiled;
using gend::plan::support::holds;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;
using gend::plan::support::with_scenario;

namespace {

std::string wire(const std::string& step, const std::string& top = "") {
  const auto program = compiled(top + with_flow("      - " + step + "\n"));
  CHECK(program->requests[0].lifetime == Lifetime::kFixed);
  return program->requests[0].wire;
}

}  // namespace

TEST_CASE("a fixed request is one text, ready to send") {
  const std::string out = wire("{get: \"/a?b=c\", headers: {X-One: \"1\"}}");
  CHECK(out.starts_with("GET /a?b=c HTTP/1.1\r\nHost: h:1\r\n"));
  CHECK(holds(out, "\r\nX-One: 1\r\n"));
  CHECK(out.ends_with("\r\n\r\n"));
}

TEST_CASE("queries are encoded and appended, lists repeat their name") {
  CHECK(wire("{get: /s, query: {q: \"a b&c\", n: [1, 2]}}")
            .starts_with("GET /s?q=a%20b%26c&n=1&n=2 HTTP"));
  CHECK(wire("{get: \"/s?x=1\", query: {q: 2}}").starts_with("GET /s?x=1&q=2 HTTP"));
}

TEST_CASE("a JSON body has the types that its text has in YAML") {
  const std::string out = wire(
      "{post: /, json: {n: 1, f: 1.5e3, t: true, z: null, s: \"1\", w: word, d: 007, l: [a, {b: "
      "2}], "
      "q: \"say \\\"hi\\\"\"}}");
  CHECK(
      out.ends_with("\r\n\r\n{\"n\":1,\"f\":1.5e3,\"t\":true,\"z\":null,\"s\":\"1\",\"w\":\"word\","
                    "\"d\":\"007\",\"l\":[\"a\",{\"b\":2}],\"q\":\"say \\\"hi\\\"\"}"));
  CHECK(holds(out, "\r\ncontent-type: application/json\r\n"));
}

TEST_CASE("variables in JSON are escaped, and typed only without quotes") {
  const std::string vars = "vars: {N: 5, T: 'a\"b'}\n";
  const std::string step =
      "post: /\n        json:\n          n: ${N}\n          s: \"${N}\"\n          t: ${T}";
  CHECK(wire(step, vars).ends_with("{\"n\":5,\"s\":\"5\",\"t\":\"a\\\"b\"}"));
}

TEST_CASE("numbers that change while the plan runs stay numbers in JSON") {
  const auto program = compiled(with_flow(
      "      - post: /\n        json:\n          n: ${iteration}\n          u: ${uuid}\n"));
  const auto& pieces = program->requests[0].body.pieces;
  REQUIRE(pieces.size() == 5);
  CHECK(pieces[0].text == "{\"n\":");
  CHECK(pieces[2].text == ",\"u\":\"");
  CHECK(pieces[4].text == "\"}");
}

TEST_CASE("headers of a step replace the defaults, whatever their capitals") {
  const std::string out =
      wire("{get: /, headers: {ACCEPT: b}}", "defaults: {headers: {accept: a, x: y}}\n");
  CHECK(holds(out, "ACCEPT: b\r\n"));
  CHECK_FALSE(holds(out, "accept: a"));
  CHECK(holds(out, "x: y\r\n"));
}

TEST_CASE("a content type that is given is kept") {
  const std::string out =
      wire("{post: /, json: {}, headers: {Content-Type: application/vnd.x+json}}");
  CHECK(holds(out, "Content-Type: application/vnd.x+json\r\n"));
  CHECK_FALSE(holds(out, "application/json"));
}

TEST_CASE("without keep-alive each request says that it closes") {
  CHECK(holds(wire("{get: /}", "defaults: {connection: {keepAlive: false}}\n"),
              "Connection: close\r\n"));
}

TEST_CASE("the path of the target stands before the paths of the steps") {
  const auto program = compiled(
      "target: http://[::1]:81/api/\nscenarios:\n  s: {executor: constant-vus, duration: 1s, flow: "
      "[{get: /x}, {get: \"http://other/y\"}, {get: \"http://OTHER:80?q\"}]}\n");
  REQUIRE(program->endpoints.size() == 2);
  CHECK(program->endpoints[0].host == "::1");
  CHECK(program->endpoints[0].port == 81);
  CHECK(program->endpoints[0].authority == "[::1]:81");
  CHECK(program->requests[0].wire.starts_with("GET /api/x HTTP/1.1\r\nHost: [::1]:81\r\n"));
  CHECK(program->endpoints[1].authority == "other");
  CHECK(program->requests[1].endpoint == 1);
  CHECK(program->requests[2].endpoint == 1);
  CHECK(program->requests[2].wire.starts_with("GET /?q HTTP/1.1\r\n"));
}

TEST_CASE("a marker that stands in the plan itself changes nothing") {
  const auto program =
      compiled(with_flow("      - get: \"/~expression~0~/${vu}/~expression0~1~\"\n"));
  const auto& pieces = program->requests[0].head.pieces;
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].text == "GET /~expression~0~/");
  CHECK(pieces[1].source == Source::kVu);
  CHECK(pieces[2].text.starts_with("/~expression0~1~ HTTP/1.1\r\n"));
}

TEST_CASE("names default to the URL as written") {
  const auto program =
      compiled("vars: {ID: 7}\n" + with_flow("      - get: /u/${ID}?x=${vu}\n"
                                             "      - get: /\n        name: root ${ID}\n"));
  CHECK(program->requests[0].name == "/u/${ID}?x=${vu}");
  CHECK(program->requests[1].name == "root 7");
}

TEST_CASE("values from the command line beat the environment, which beats the default") {
  const std::string plan =
      "vars: {A: default, B: default, C: default}\n" + with_flow("      - get: /${A}/${B}/${C}\n");
  Options options;
  options.set = {{"A", "set"}};
  options.environment = {{"A", "env"}, {"B", "env"}, {"UNDECLARED", "never"}};
  const auto program = compiled(plan, options);
  CHECK(program->requests[0].wire.starts_with("GET /set/env/default "));
  CHECK(program->vars ==
        std::map<std::string, std::string>{{"A", "set"}, {"B", "env"}, {"C", "default"}});
}

TEST_CASE("numbers and durations may come from variables") {
  Options options;
  options.set = {{"RATE", "7"}, {"LENGTH", "90s"}};
  const auto program = compiled("vars: {RATE: 1, LENGTH: 1s}\n" +
                                    with_scenario("    executor: constant-arrival-rate\n"
                                                  "    rate: ${RATE}\n    duration: ${LENGTH}\n"),
                                options);
  CHECK(program->scenarios[0].start == 7);
  CHECK(program->scenarios[0].duration() == Duration{90s});
}

TEST_CASE("secrets reach the request and nothing else") {
  const std::string plan =
      "vars:\n  KEY: {secret: true, default: \"hunt\\\"er2\"}\n  OTHER: {secret: true, default: "
      "plainpw}\n" +
      with_flow(
          "      - get: /\n        headers: {authorization: \"Bearer ${KEY}\"}\n"
          "        check: {body: \"not contains ${OTHER}\"}\n");
  const auto program = compiled(plan);
  CHECK(holds(program->requests[0].wire, "Bearer hunt\"er2"));
  CHECK(program->requests[0].checks[0].text.pieces.at(0).text == "plainpw");
  CHECK(program->requests[0].checks[0].name == "body does not contain ${OTHER}");
  CHECK(program->vars.at("KEY") == "***");
  CHECK_FALSE(holds(program->source_text, "hunt"));
  CHECK_FALSE(holds(program->source_text, "plainpw"));
  CHECK(holds(program->source_text, "KEY: {secret: true, default: \"***\"}"));
  for (const stats::Series& series : program->schema.series()) {
    for (const auto& [name, value] : series.tags) CHECK_FALSE(holds(value, "plainpw"));
  }
}

TEST_CASE("variables of a scenario hold in it alone and win over the plan's") {
  const auto program = compiled(
      "target: http://h\nvars: {TIER: none}\nscenarios:\n"
      "  a: {executor: constant-vus, duration: 1s, flow: [{get: \"/${TIER}\"}], vars: {TIER: "
      "free}}\n"
      "  b: {executor: constant-vus, duration: 1s, flow: [{get: \"/${TIER}\"}]}\n");
  CHECK(program->requests[0].wire.starts_with("GET /free "));
  CHECK(program->requests[1].wire.starts_with("GET /none "));
}

TEST_CASE("steps follow each other; only an expectation ends the iteration early") {
  const auto program =
      compiled(with_flow("      - get: /\n      - think: 1s\n      - get: /b\n"
                         "        expect: {status: [201, 4xx]}\n      - get: /c\n"));
  const auto& steps = program->steps;
  REQUIRE(steps.size() == 5);
  CHECK(steps[0].on_success == 1);
  CHECK(steps[0].on_failure == 1);
  CHECK(steps[1].kind == StepKind::kThink);
  CHECK(steps[2].on_success == 3);
  CHECK(steps[2].on_failure == 4);
  CHECK(steps[4].kind == StepKind::kEnd);
  using Ranges = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
  CHECK(program->requests[0].expected_statuses == Ranges{{200, 399}});
  CHECK(program->requests[1].expected_statuses == Ranges{{201, 201}, {400, 499}});
}

TEST_CASE("timeouts come from the step, else the defaults, else gend, part by part") {
  const auto program = compiled("defaults: {timeout: {connect: 2s, total: 20s}}\n" +
                                with_flow("      - get: /\n      - get: /\n        timeout: 5s\n"
                                          "      - get: /\n        timeout: {firstByte: 1s}\n"));
  CHECK(program->requests[0].timeout.connect == Duration{2s});
  CHECK(program->requests[0].timeout.total == Duration{20s});
  CHECK(program->requests[1].timeout.total == Duration{5s});
  CHECK(program->requests[2].timeout.first_byte == Duration{1s});
  CHECK(program->requests[2].timeout.total == Duration{20s});
  const auto plain = compiled(with_flow("      - get: /\n      - get: /\n        timeout: 3s\n"));
  CHECK(plain->requests[0].timeout.connect == Duration{10s});
  CHECK(plain->requests[0].timeout.total == Duration{60s});
  CHECK(plain->requests[1].timeout.connect == Duration{3s});
}

TEST_CASE("think times have their distribution") {
  const auto program =
      compiled(with_flow("      - think: 2s\n      - think: fixed 2s\n"
                         "      - think: 1s..5s\n      - think: uniform 1s..5s\n"
                         "      - think: {exponential: 3s}\n      - think: {normal: [3s, 1s]}\n"));
  const auto is = [&](std::size_t i, ThinkKind kind, Duration a, Duration b) {
    const Think& think = program->thinks[i];
    return think.kind == kind && think.a == a && think.b == b;
  };
  CHECK(is(0, ThinkKind::kFixed, 2s, 0s));
  CHECK(is(1, ThinkKind::kFixed, 2s, 0s));
  CHECK(is(2, ThinkKind::kUniform, 1s, 5s));
  CHECK(is(3, ThinkKind::kUniform, 1s, 5s));
  CHECK(is(4, ThinkKind::kExponential, 3s, 0s));
  CHECK(is(5, ThinkKind::kNormal, 3s, 1s));
}

TEST_CASE("checks are named as a person would say them") {
  const auto program = compiled(with_flow(
      "      - get: /\n"
      "        check: {status: [200, 201, 3xx], latency: <500ms, body: contains \"welcome\", "
      "\"header Content-Type\": ~json, \"header etag\": exists}\n"
      "      - get: /\n        check: {status: 2xx, body: not contains \"x y\", \"header a\": == "
      "\"b\"}\n"
      "      - get: /\n        check: {status: [200, 201], latency: \">= 10ms\", body: '!= "
      "\"\"'}\n"));
  std::vector<std::string> names;
  for (const HttpRequest& request : program->requests) {
    for (const Check& check : request.checks) names.push_back(check.name);
  }
  CHECK(names == std::vector<std::string>{"status is 200, 201 or 3xx", "latency < 500ms",
                                          "body contains welcome", "header content-type ~ json",
                                          "header etag exists", "status is 2xx",
                                          "body does not contain x y", "header a == b",
                                          "status is 200 or 201", "latency >= 10ms", "body != "});
  const auto& first = program->requests[0].checks;
  CHECK(first[0].statuses.back() == std::pair<std::uint16_t, std::uint16_t>{300, 399});
  CHECK(first[1].match == Match::kLess);
  CHECK(first[1].latency == Duration{500ms});
  CHECK(first[2].text.pieces.at(0).text == "welcome");
  CHECK(first[3].of.name == "content-type");
  CHECK(first[3].match == Match::kContains);
  CHECK(program->requests[0].reads_body);
  CHECK(program->requests[0].reads_headers);
  CHECK_FALSE(compiled(with_flow("      - get: /\n"))->requests[0].reads_body);
}

TEST_CASE("rates are per second, in whatever unit they are written") {
  const auto start = [](const std::string& lines) {
    return compiled(
               with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n" + lines))
        ->scenarios[0]
        .start;
  };
  CHECK(start("    rate: 30\n") == 30);
  CHECK(start("    rate: 30\n    timeUnit: 1m\n") == doctest::Approx(0.5));
  CHECK(start("    rate: 600/min\n") == doctest::Approx(10));
}

TEST_CASE("constant executors are one stage at their level") {
  const auto program =
      compiled(with_scenario("    executor: constant-vus\n    duration: 30s\n    vus: 5\n"));
  const Scenario& scenario = program->scenarios[0];
  CHECK(scenario.start == 5);
  REQUIRE(scenario.stages.size() == 1);
  CHECK(scenario.stages[0].target == 5);
  CHECK(scenario.max_vus == 5);
  CHECK(scenario.duration() == Duration{30s});
  CHECK(scenario.graceful_stop == Duration{30s});
}

TEST_CASE("an open model without maxVUs is sized for its slowest iteration") {
  const auto sized = [](const std::string& lines) {
    const auto program = compiled(
        "target: http://h\ndefaults: {timeout: 4s}\nscenarios:\n  s:\n    executor: "
        "constant-arrival-rate\n    duration: 1s\n" +
        lines + "    flow: [{get: /}, {think: 1s..3s}, {get: /}]\n");
    return std::pair{program->scenarios[0].pre_allocated_vus, program->scenarios[0].max_vus};
  };
  // 4 s + 2 s on average + 4 s for each of 3.5 arrivals a second.
  CHECK(sized("    rate: 3.5\n") == std::pair<std::uint64_t, std::uint64_t>{35, 35});
  CHECK(sized("    rate: 5000\n") == std::pair<std::uint64_t, std::uint64_t>{10000, 10000});
  CHECK(sized("    rate: 1/h\n") == std::pair<std::uint64_t, std::uint64_t>{1, 1});
  CHECK(sized("    rate: 3\n    preAllocatedVUs: 7\n") ==
        std::pair<std::uint64_t, std::uint64_t>{7, 7});
  CHECK(sized("    rate: 3\n    maxVUs: 9\n") == std::pair<std::uint64_t, std::uint64_t>{9, 9});
  CHECK(sized("    rate: 3\n    preAllocatedVUs: 2\n    maxVUs: 9\n") ==
        std::pair<std::uint64_t, std::uint64_t>{2, 9});
}

TEST_CASE("the time scale shortens shapes and pauses, not timeouts") {
  Options options;
  options.time_scale = 0.1;
  const auto program = compiled(
      "target: http://h\nscenarios:\n  s:\n    executor: ramping-vus\n    startTime: 30s\n"
      "    stages: [{duration: 1m, target: 5}, {duration: 10s, target: 0}]\n"
      "    flow: [{get: /, timeout: 8s}, {think: 1s..2s}]\n",
      options);
  const Scenario& scenario = program->scenarios[0];
  CHECK(scenario.start_time == Duration{3s});
  CHECK(scenario.duration() == Duration{7s});
  CHECK(program->thinks[0].a == Duration{100ms});
  CHECK(program->thinks[0].b == Duration{200ms});
  CHECK(program->requests[0].timeout.total == Duration{8s});
  CHECK(scenario.graceful_stop == Duration{30s});
  CHECK(scenario.graceful_ramp_down == Duration{30s});
}

TEST_CASE("the load scale rounds users up and keeps rates exact") {
  Options options;
  options.load_scale = 0.07;
  const auto users = compiled(
      with_scenario("    executor: ramping-vus\n    startVUs: 0\n    stages: [{duration: "
                    "1s, target: 100}, {duration: 1s, target: 1}, {duration: 1s, target: 0}]\n"),
      options);
  CHECK(users->scenarios[0].start == 0);
  CHECK(users->scenarios[0].stages[0].target == 7);
  CHECK(users->scenarios[0].stages[1].target == 1);
  CHECK(users->scenarios[0].stages[2].target == 0);
  const auto rate = compiled(with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n"
                                           "    rate: 10\n    maxVUs: 50\n"),
                             options);
  CHECK(rate->scenarios[0].start == doctest::Approx(0.7));
  CHECK(rate->scenarios[0].max_vus == 4);
}

TEST_CASE("the seed is the plan's, else the option's, else chosen") {
  Options options;
  options.seed = 5;
  const auto given = compiled("seed: 42\n" + with_flow("      - get: /\n"), options);
  CHECK(given->seed == 42);
  CHECK_FALSE(given->seed_chosen);
  const auto optional = compiled(with_flow("      - get: /\n"), options);
  CHECK(optional->seed == 5);
  CHECK(optional->seed_chosen);
  CHECK(compiled(with_flow("      - get: /\n"))->seed_chosen);
}

TEST_CASE("a plan without a name is called like its file") {
  CHECK(compiled(with_flow("      - get: /\n"))->name == "p");
  CHECK(compiled("name: shop\n" + with_flow("      - get: /\n"))->name == "shop");
}

TEST_CASE("every step has its series, and steps of one name and method share them") {
  const auto program =
      compiled(with_flow("      - get: /\n        name: x\n        tags: {a: \"1\"}\n"
                         "      - get: /y\n        name: x\n        tags: {a: \"1\"}\n"
                         "      - post: /y\n        name: x\n        tags: {a: \"1\"}\n"));
  const HttpSeries& one = program->requests[0].series;
  const HttpSeries& same = program->requests[1].series;
  const HttpSeries& other = program->requests[2].series;
  CHECK(one.duration == same.duration);
  CHECK(one.reqs == same.reqs);
  CHECK(one.duration != other.duration);
  CHECK(one.failed != other.failed);
  const std::set<std::uint32_t> trends{
      one.duration[0],   one.duration[1],   one.corrected[0],       one.corrected[1],
      one.waiting[0],    one.waiting[1],    one.sending[0],         one.sending[1],
      one.receiving[0],  one.receiving[1],  one.blocked[0],         one.blocked[1],
      one.connecting[0], one.connecting[1], one.tls_handshaking[0], one.tls_handshaking[1]};
  CHECK(trends.size() == 16);
  for (const stats::Series& series : program->schema.series()) {
    if (series.metric != "http_req_duration" || series.slot != one.duration[1]) continue;
    CHECK(series.tags == stats::Tags{{"a", "1"},
                                     {"expected_response", "true"},
                                     {"method", "GET"},
                                     {"name", "x"},
                                     {"scenario", "s"}});
  }
}

TEST_CASE("tags of a step win over those of its scenario") {
  const auto program = compiled(
      "target: http://h\nscenarios:\n  s: {executor: constant-vus, duration: 1s, tags: {t: one, u: "
      "two}, "
      "flow: [{get: /, tags: {t: step}}]}\n");
  bool seen = false;
  for (const stats::Series& series : program->schema.series()) {
    if (series.metric != "http_reqs") continue;
    seen = true;
    CHECK(series.tags ==
          stats::Tags{
              {"method", "GET"}, {"name", "/"}, {"scenario", "s"}, {"t", "step"}, {"u", "two"}});
  }
  CHECK(seen);
  CHECK(program->scenarios[0].tags == stats::Tags{{"scenario", "s"}, {"t", "one"}, {"u", "two"}});
}

TEST_CASE("more servers than a plan may have are refused") {
  std::string flow;
  for (int i = 0; i < 17; ++i) flow += "      - get: http://h" + std::to_string(i) + "/\n";
  const auto all = complaints(
      "scenarios:\n  s:\n    executor: constant-vus\n    duration: 1s\n    flow:\n" + flow);
  REQUIRE(all.size() == 1);
  CHECK(all[0] == "p.yaml:22:14: \"h16\" is one server too many: a plan has at most 16");
}

TEST_CASE("a request that could become too long is refused") {
  const auto all = complaints(with_flow("      - post: /\n        body: \"" + [] {
    std::string body;
    for (int i = 0; i < 17; ++i) body += "${randomString(65536)}";
    return body;
  }() + "\"\n"));
  REQUIRE(all.size() == 1);
  CHECK(all[0].find("at most 1048576") != std::string::npos);
}
