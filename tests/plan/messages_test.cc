// What a person reads for each mistake in a plan, word for word.
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "plan/support.h"

using namespace gend::plan;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;
using gend::plan::support::with_scenario;
using gend::plan::support::with_top;
using gend::plan::support::Lines;

namespace {

struct Case {
  std::string plan;
  Lines expected;
};

void check_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.plan);
    CHECK(complaints(c.plan) == c.expected);
  }
}

// What support.h writes before `scenarios`.
constexpr std::size_t kTargetLine = std::string_view{"target: http://h:1\n"}.size();

const std::string kYet =
    " is part of the plan language, but this version of gend does not run it yet";

}  // namespace

TEST_CASE("a misspelt key names the right one") {
  check_all({
      {with_top("treshold: {}\n"),
       {"p.yaml:1:1: unknown key \"treshold\"; did you mean \"thresholds\"?"}},
      {with_top("zzz: {}\n"),
       {"p.yaml:1:1: unknown key \"zzz\"; known: name, target, vars, seed, data, defaults, "
        "thresholds, export, observe, events, flows, scenarios"}},
      {with_scenario("    executor: constant-vus\n    durration: 1s\n"),
       {"p.yaml:3:3: scenario \"s\": constant-vus needs `duration`",
        "p.yaml:5:5: unknown key \"durration\"; did you mean \"duration\"?"}},
      {with_flow("      - get: /\n        haeders: {a: b}\n"),
       {"p.yaml:8:9: unknown key \"haeders\"; did you mean \"headers\"?"}},
      {with_flow("      - gte: /\n"), {"p.yaml:7:9: unknown step \"gte\"; did you mean \"get\"?"}},
      {with_flow("      - nothing: /\n"),
       {"p.yaml:7:9: a step that does nothing known; begin it with one of get, post, put, patch, "
        "delete, head, options, think, pace, spread, loop, if, pick, call, group, burst, set, "
        "metric, once, fail, abort, websocket, socketio"}},
      {with_scenario("    executor: constant-vu\n    duration: 1s\n"),
       {"p.yaml:4:15: unknown executor \"constant-vu\"; did you mean \"constant-vus\"?"}},
  });
}

TEST_CASE("a wrong type or unit says what was found and what was expected") {
  check_all({
      {with_flow("      - get: /\n        timeout: 10 bananas\n"),
       {"p.yaml:8:18: \"10 bananas\" is not a duration (500ms, 10s, 5m, 1h)"}},
      {with_flow("      - get: /\n        timeout: [1s]\n"),
       {"p.yaml:8:18: expected a duration, found a list"}},
      {with_flow("      - get: /\n        timeout: 0s\n"),
       {"p.yaml:8:18: a timeout of 0 would fail every request; leave it out"}},
      {with_flow("      - get: /\n        timeout:\n"),
       {"p.yaml:8:9: expected a duration, found nothing"}},
      {with_scenario(
           "    executor: constant-arrival-rate\n    duration: 1s\n    rate: 10 bananas\n"),
       {"p.yaml:6:11: \"10 bananas\" is not a rate (10, 10/s, 600/min)"}},
      {with_scenario("    executor: constant-arrival-rate\n    duration: 1s\n    rate: -1\n"),
       {"p.yaml:6:11: \"-1\" is negative"}},
      {with_scenario("    executor: constant-vus\n    duration: 1s\n    vus: many\n"),
       {"p.yaml:6:10: \"many\" is not a number of users (0 to 4000000)"}},
      {with_scenario("    executor: constant-vus\n    duration: 31d\n"),
       {"p.yaml:5:15: \"31d\" is longer than 30 days"}},
      {with_scenario("    executor: ramping-vus\n    stages: {duration: 1s}\n"),
       {"p.yaml:5:13: expected a list of stages ({duration: 1m, target: 10}), found a mapping"}},
      {with_scenario("    executor: ramping-vus\n    stages: [{duration: 1s}]\n"),
       {"p.yaml:5:14: the stage has no `target`"}},
      {with_top("defaults: {connection: {keepAlive: yes}}\n"),
       {"p.yaml:1:36: \"yes\" is not true or false"}},
      {with_top("defaults: {connection: {sourceAddresses: [127.0.0.300, 127.0.0.0/33]}}\n"),
       {"p.yaml:1:43: \"127.0.0.300\" is not an address (10.0.0.5, 127.0.0.0/28, ::1)",
        "p.yaml:1:56: \"127.0.0.0/33\" is not an address (10.0.0.5, 127.0.0.0/28, ::1)"}},
      {with_top("seed: -1\n"), {"p.yaml:1:7: \"-1\" is not a seed (0 to 9223372036854775807)"}},
      {with_flow("      - think: 1 second\n"),
       {"p.yaml:7:16: \"1 second\" is not a think time (2s, 1s..5s, {exponential: 3s}, {normal: "
        "[3s, 1s]})"}},
      {with_flow("      - think: 5s..1s\n"),
       {"p.yaml:7:16: \"5s..1s\" runs backwards; write the shorter duration first"}},
      {with_flow("      - think: {normal: [1s]}\n"),
       {"p.yaml:7:25: expected [mean, deviation], found 1 values"}},
      {with_flow("      - think: {}\n"),
       {"p.yaml:7:16: expected one distribution, found 0 (2s, 1s..5s, {exponential: 3s}, {normal: "
        "[3s, 1s]})"}},
      {with_flow("      - /path\n"),
       {"p.yaml:7:9: expected a step (get: /path, think: 1s, …), found \"/path\""}},
      {with_flow("      {get: /}\n"), {"p.yaml:7:7: expected a list of steps, found a mapping"}},
  });
}

TEST_CASE("a step does one thing") {
  check_all({
      {with_flow("      - get: /\n        think: 1s\n"),
       {"p.yaml:8:9: a step does one thing: \"get\" or \"think\"; begin a new step with `-`"}},
      {with_flow("      - think: 1s\n        name: x\n"),
       {"p.yaml:8:9: unknown key \"name\"; `think` takes no other keys; begin a new step with "
        "`-`"}},
      {with_flow("      - post: /\n        json: {}\n        body: x\n"),
       {"p.yaml:9:15: the request has a body already, given as `json`; give one of json, form, body, "
        "bodyFile and multipart"}},
  });
}

TEST_CASE("what the language has and this version does not run is refused by name") {
  check_all({
      {with_top("events: []\n"), {"p.yaml:1:1: `events`" + kYet}},
      {with_flow("      - sql: SELECT 1\n"), {"p.yaml:7:9: `sql`" + kYet}},
      {with_top("thresholds: {sql_rows: count>1}\n"),
       {"p.yaml:1:14: `sql_rows` is part of the plan language, but this version of gend does "
        "not "
        "measure it yet"}},
      {with_flow("      - get: \"/${user.id}\"\n"),
       {"p.yaml:7:16: data \"user\" is not declared; declare it in `data`"}},
  });
}

TEST_CASE("an undefined variable is a complaint at its place, with the nearest name") {
  check_all({
      {"vars: {TOKEN: x}\n" + with_flow("      - get: \"/a/${TOKNE}\"\n"),
       {"p.yaml:8:18: variable \"TOKNE\" is not declared; did you mean \"TOKEN\"?"}},
      {with_flow("      - get: /a\n        headers: {x: \"${token}\"}\n"),
       {"p.yaml:8:23: variable \"token\" is not declared; declare it in `vars`"}},
      {with_top("target: ${BASE_URL}\n"),
       {"p.yaml:1:9: variable \"BASE_URL\" is not declared; declare it in `vars`"}},
      {"vars: {TOKEN:}\n" + with_flow("      - get: /\n"),
       {"p.yaml:1:8: variable \"TOKEN\" has no value and no default; give --set TOKEN=VALUE, set "
        "TOKEN in the environment, or add a default"}},
      {with_top("vars: {vu: 1}\n"),
       {"p.yaml:1:8: \"vu\" is the name of an expression; choose another name"}},
      {with_top("vars: {a-b: 1}\n"),
       {"p.yaml:1:8: \"a-b\" is not a name of a variable; use letters, digits and _, not beginning "
        "with a digit"}},
      {with_scenario("    executor: constant-vus\n    duration: 1s\n    vus: ${random(1,2)}\n"),
       {"p.yaml:6:10: \"${random(1,2)}\" changes while the plan runs, a number of users must be "
        "fixed; use declared variables only"}},
  });
}

TEST_CASE("--set of a name that the plan does not declare is a complaint") {
  Options options;
  options.set = {{"BASEURL", "x"}};
  CHECK(complaints("vars: {BASE_URL: http://h}\n" + with_flow("      - get: /\n"), options) ==
        Lines{"p.yaml: --set BASEURL: the plan declares no such variable; did you mean "
              "\"BASE_URL\"?"});
  CHECK(complaints(with_flow("      - get: /\n"), options) ==
        Lines{"p.yaml: --set BASEURL: the plan declares no such variable; it declares none"});
}

TEST_CASE("secrets may not stand where they would be printed") {
  const std::string vars = "vars: {KEY: {secret: true, default: hunter2}}\n";
  const auto no_secret_in = [](const Lines& lines) {
    for (const std::string& line : lines) CHECK(line.find("hunter2") == std::string::npos);
  };
  const auto tag = complaints(vars + with_flow("      - get: /\n        tags: {t: \"${KEY}\"}\n"));
  CHECK(tag ==
        Lines{"p.yaml:9:19: the secret \"KEY\" would be printed: the value of a tag stands in "
              "reports; use secrets in headers, queries and bodies only"});
  const auto number =
      complaints(vars + with_scenario("    executor: constant-vus\n    duration: ${KEY}\n"));
  REQUIRE(number.size() == 1);
  CHECK(number[0].starts_with("p.yaml:6:15: the secret \"KEY\" would be printed"));
  const auto url = complaints(vars + with_flow("      - get: http://${KEY}/\n"));
  REQUIRE(url.size() == 1);
  CHECK(url[0].starts_with("p.yaml:8:14: the secret \"KEY\" would be printed: servers stand"));
  no_secret_in(tag);
  no_secret_in(number);
  no_secret_in(url);
  const auto block =
      complaints("vars:\n  KEY:\n    secret: true\n    default: >\n      a\n      b\n" +
                 with_flow("      - get: /\n"));
  REQUIRE(block.size() == 1);
  CHECK(block[0].find("the default of a secret must be written plainly, on one line") !=
        std::string::npos);
}

TEST_CASE("addresses that cannot be requested are complaints") {
  check_all({
      {with_flow("      - get: path\n"),
       {"p.yaml:7:14: \"path\" is neither a path nor a URL; begin it with /, http:// or https://"}},
      {with_flow("      - get: \"\"\n"), {"p.yaml:7:14: the path is empty; write / for the root"}},
      {with_flow("      - get: /a#b\n"),
       {"p.yaml:7:14: \"/a#b\": a fragment (#…) is never sent"}},
      {with_flow("      - get: \"http://h${vu}/\"\n"),
       {"p.yaml:7:14: the server of a URL must be fixed; put a / before the first ${…}"}},
      {"scenarios:\n  s: {executor: constant-vus, duration: 1s, flow: [{get: /}, {get: /b}]}\n",
       {"p.yaml:2:58: \"/\" needs a `target`, and the plan has none; add target: http://host:port "
        "at "
        "the top"}},
      {"target: localhost:8080\n" + with_flow("      - get: /\n").substr(kTargetLine),
       {"p.yaml:1:9: \"localhost:8080\" is not a URL; write http://host or https://host, perhaps with "
        ":port"}},
      {"target: http://h/?q=1\n" + with_flow("      - get: /\n").substr(kTargetLine),
       {"p.yaml:1:9: a target has no query and no fragment; put it into the steps"}},
  });
}

TEST_CASE("headers that would break a request are complaints") {
  check_all({
      {with_flow("      - get: /\n        headers: {content-length: 5}\n"),
       {"p.yaml:8:19: the header \"content-length\" is written by gend; leave it out"}},
      {with_flow("      - get: /\n        headers: {Connection: close}\n"),
       {"p.yaml:8:19: the header \"Connection\" is written by gend; use defaults: {connection: "
        "{keepAlive: false}} to close connections"}},
  });
  const auto name = complaints(with_flow("      - get: /\n        headers: {a b: x}\n"));
  REQUIRE(name.size() == 1);
  CHECK(name[0].starts_with("p.yaml:8:19: header \"a b\": "));
  const auto value =
      complaints(with_flow("      - get: /\n        headers: {a: \"x\\r\\ny: z\"}\n"));
  REQUIRE(value.size() == 1);
  CHECK(value[0].starts_with("p.yaml:8:22: header value: "));
}

TEST_CASE("more headers than any server reads are refused") {
  std::string headers;
  for (int i = 0; i < 257; ++i) headers += "h" + std::to_string(i) + ": x, ";
  CHECK(complaints(with_flow("      - get: /\n        headers: {" + headers + "}\n")) ==
        Lines{"p.yaml:8:18: 257 headers, at most 256"});
}

TEST_CASE("checks that are not understood say which forms there are") {
  check_all({
      {with_flow("      - get: /\n        check: {status: 20}\n"),
       {"p.yaml:8:25: \"20\" is not a status (200, 2xx, [200, 201, 3xx])"}},
      {with_flow("      - get: /\n        check: {status: []}\n"),
       {"p.yaml:8:25: an empty list is not a status (200, 2xx, [200, 201, 3xx])"}},
      {with_flow("      - get: /\n        check: {latency: 500ms}\n"),
       {"p.yaml:8:26: \"500ms\" is not a limit on latency (<500ms, >=10ms)"}},
      {with_flow("      - get: /\n        check: {body: has x}\n"),
       {"p.yaml:8:23: \"has x\" is not a check of the body (contains \"x\", not contains \"x\", "
        "~x, == \"x\", != \"x\", matches /x/)"}},
      {with_flow("      - get: /\n        check: {body: contains}\n"),
       {"p.yaml:8:23: \"contains\" is not a check of the body (contains \"x\", not contains \"x\", "
        "~x, == \"x\", != \"x\", matches /x/)"}},
      {with_flow("      - get: /\n        check: {stauts: 200}\n"),
       {"p.yaml:8:17: unknown key \"stauts\"; did you mean \"status\"?"}},
  });
}

TEST_CASE("tags are words, and not those that gend sets itself") {
  check_all({
      {with_flow("      - get: /\n        tags: {name: x}\n"),
       {"p.yaml:8:16: the tag \"name\" is set by gend; use the step's `name`"}},
      {with_flow("      - get: /\n        tags: {a-b: x}\n"),
       {"p.yaml:8:16: \"a-b\" is not a name of a tag; use letters, digits and _, not beginning "
        "with "
        "a digit"}},
  });
}

TEST_CASE("all mistakes of a plan come at once, in the order of the file") {
  CHECK(complaints("nmae: x\n"
                   "target: http://h\n"
                   "seed: no\n"
                   "scenarios:\n"
                   "  s:\n"
                   "    executor: constant-vus\n"
                   "    duration: 5 minutes\n"
                   "    flow:\n"
                   "      - get: \"/${x}\"\n"
                   "      - thnk: 1s\n") ==
        Lines{"p.yaml:1:1: unknown key \"nmae\"; did you mean \"name\"?",
              "p.yaml:3:7: \"no\" is not a seed (0 to 9223372036854775807)",
              "p.yaml:7:15: \"5 minutes\" is not a duration (500ms, 10s, 5m, 1h)",
              "p.yaml:9:16: variable \"x\" is not declared; declare it in `vars`",
              "p.yaml:10:9: unknown step \"thnk\"; did you mean \"think\"?"});
}

TEST_CASE("of very many complaints the first hundred are shown, and the number of the others") {
  std::string plan = with_top("");
  for (int i = 0; i < 250; ++i) plan += "k" + std::to_string(i) + ": 1\n";
  const auto all = complaints(plan);
  REQUIRE(all.size() == 101);
  CHECK(all.back().ends_with("150 more complaints are not shown"));
}

TEST_CASE("a plan without scenarios is a complaint") {
  CHECK(complaints("target: http://h\n") ==
        Lines{"p.yaml:1:1: the plan has no `scenarios`; say who loads the target, and how"});
  CHECK(
      complaints("- a\n") ==
      Lines{"p.yaml:1:1: expected a plan (a mapping with `target` and `scenarios`), found a list"});
  CHECK(complaints("scenarios: {}\n") == Lines{"p.yaml:1:12: no scenario is given"});
}

TEST_CASE("text from the plan cannot write on the terminal") {
  const auto all = complaints(with_flow("      - get: /\n        \"\\e[31m\": x\n"));
  REQUIRE(all.size() == 1);
  CHECK(all[0] ==
        "p.yaml:8:9: unknown key \"\\x1B[31m\"; known: get, post, put, patch, delete, head, "
        "options, name, headers, query, json, form, body, bodyFile, multipart, auth, timeout, "
        "redirects, retry, capture, traceparent, requestId, tags, check, expect");
}
