#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;
using gend::plan::support::compiled;
using gend::plan::support::complaints;
using gend::plan::support::Lines;

namespace {

std::string with_threshold(const std::string& thresholds) {
  return "target: http://h\n"
         "thresholds: " +
         thresholds +
         "\n"
         "scenarios:\n"
         "  browse:\n"
         "    executor: constant-vus\n"
         "    duration: 1s\n"
         "    tags: {team: shop}\n"
         "    flow: [{get: /, tags: {endpoint: orders}, check: {status: 200}}]\n";
}

}  // namespace

TEST_CASE("assertions come as text, as a list and with their conditions") {
  const auto program = compiled(with_threshold(
      "{http_req_duration: [\"p(95)<300\", \"max<1000\"], http_req_failed: \"rate<0.01\", "
      "http_reqs: [{threshold: \"count>5\", abortOnFail: true, delayAbortEval: 30s}]}"));
  REQUIRE(program->thresholds.size() == 4);
  CHECK(program->thresholds[0].source == "p(95)<300");
  CHECK(program->thresholds[0].assertion.percentile == 95);
  CHECK(program->thresholds[2].selector == "http_req_failed");
  CHECK_FALSE(program->thresholds[2].abort_on_fail);
  CHECK(program->thresholds[3].abort_on_fail);
  CHECK(program->thresholds[3].delay_abort_eval == Duration{30s});
}

TEST_CASE("every tag that a plan knows can be selected") {
  for (const char* key :
       {"http_req_duration{scenario:browse}", "http_req_duration{endpoint:orders}",
        "http_req_duration{team:shop,endpoint:orders}", "http_req_duration{expected_response:true}",
        "http_req_duration{name:/,method:GET}", "http_req_duration_corrected",
        "gen_lag{team:shop}"}) {
    CAPTURE(key);
    CHECK(complaints(with_threshold("{\"" + std::string{key} + "\": [\"p(95)<300\"]}")).empty());
  }
  CHECK(complaints(with_threshold("{\"checks{check:status is 200}\": [\"rate>0.9\"]}")).empty());
}

TEST_CASE("statuses and errors select among http_reqs before any response is there") {
  CHECK(complaints(with_threshold("{\"http_reqs{status:503}\": [\"count<5\"]}")).empty());
  CHECK(complaints(with_threshold("{\"http_reqs{error:timeout,scenario:browse}\": [\"count<5\"]}"))
            .empty());
}

TEST_CASE("a threshold that nothing could ever answer is a complaint") {
  CHECK(complaints(with_threshold("{http_req_duraton: [\"p(95)<1\"]}")) ==
        Lines{"p.yaml:2:14: unknown metric \"http_req_duraton\"; did you mean "
              "\"http_req_duration\"?"});
  CHECK(complaints(with_threshold("{\"http_req_duration{endpoint:order}\": [\"p(95)<1\"]}")) ==
        Lines{"p.yaml:2:14: nothing in the plan has the tag endpoint:order; did you mean "
              "\"orders\"?"});
  CHECK(complaints(with_threshold("{\"http_req_duration{endpont:orders}\": [\"p(95)<1\"]}")) ==
        Lines{"p.yaml:2:14: http_req_duration has no tag \"endpont\"; did you mean \"endpoint\"?"});
  CHECK(
      complaints(with_threshold("{\"http_req_duration{status:200}\": [\"p(95)<1\"]}")) ==
      Lines{
          "p.yaml:2:14: http_req_duration has no tag `status`: it is only known when the response "
          "is there; use http_reqs{status:200}, or http_req_duration{expected_response:true}"});
}

TEST_CASE("two tags that never meet are a complaint") {
  const std::string plan =
      "target: http://h\n"
      "thresholds: {\"http_reqs{a:1,b:2}\": [\"count>0\"]}\n"
      "scenarios:\n"
      "  s: {executor: constant-vus, duration: 1s, flow: [{get: /, tags: {a: 1}}, {get: /, tags: "
      "{b: 2}}]}\n";
  CHECK(complaints(plan) ==
        Lines{"p.yaml:2:14: no one thing in the plan has all tags of \"http_reqs{a:1,b:2}\""});
}

TEST_CASE("a threshold on checks needs a check") {
  CHECK(complaints("target: http://h\nthresholds: {checks: [\"rate>0.9\"]}\n"
                   "scenarios: {s: {executor: constant-vus, duration: 1s, flow: [{get: /}]}}\n") ==
        Lines{"p.yaml:2:14: nothing in the plan is measured as checks; add a `check` to a step"});
}

TEST_CASE("an assertion that is wrong points into its text") {
  // The column is that of the character which cannot be understood.
  const auto all = complaints(with_threshold("{http_req_failed: [\"rate<x\"]}"));
  REQUIRE(all.size() == 1);
  CHECK(all[0].starts_with("p.yaml:2:38: "));
  const auto misfit = complaints(with_threshold("{http_req_failed: [\"p(95)<1\"]}"));
  REQUIRE(misfit.size() == 1);
  CHECK(misfit[0].starts_with("p.yaml:2:"));
  CHECK(misfit[0].find("rate") != std::string::npos);
}

TEST_CASE("a delay before aborting shrinks with the run") {
  Options options;
  options.time_scale = 0.1;
  const auto program =
      compiled(with_threshold(
                   "{http_reqs: {threshold: \"count>5\", abortOnFail: true, delayAbortEval: 30s}}"),
               options);
  CHECK(program->thresholds[0].delay_abort_eval == Duration{3s});
}

TEST_CASE("a mapping without its assertion is a complaint") {
  CHECK(complaints(with_threshold("{http_reqs: {abortOnFail: true}}")) ==
        Lines{"p.yaml:2:25: `threshold` is missing; write {threshold: \"p(95)<300\", …}"});
}

TEST_CASE("metrics of the plan's own can be judged, as what they are") {
  const std::string steps =
      "      - get: /\n      - metric: {name: basket, trend: \"${vu}\"}\n"
      "      - metric: {name: sql_hits, rate: \"${vu} > 1\"}\n";
  const auto with = [&](const std::string& thresholds) {
    return complaints("thresholds: " + thresholds + "\n" + support::with_flow(steps));
  };
  CHECK(with("{basket: [\"p(95)<3\"], \"sql_hits{scenario:s}\": [\"rate<0.1\"]}").empty());
  CHECK(with("{basket: [\"count<3\"]}") ==
        Lines{"p.yaml:1:24: count does not fit a trend metric, expected one of: avg, min, max, "
              "med, p(N)"});
  CHECK(with("{baskt: [\"p(95)<3\"]}") ==
        Lines{"p.yaml:1:14: unknown metric \"baskt\"; did you mean \"basket\"?"});
  CHECK(with("{zebra: [\"p(95)<3\"]}") ==
        Lines{"p.yaml:1:14: unknown metric \"zebra\"; docs/metrics.md lists them; a `metric` step "
              "makes others"});
}

TEST_CASE("a misspelt metric is said with mistakes elsewhere, one of the plan when they are gone") {
  const auto with = [&](const std::string& name) {
    const std::string steps = "      - gte: /\n      - metric: {name: basket, trend: }\n";
    return complaints("thresholds: {" + name + ": [\"p(95)<3\"]}\n" + support::with_flow(steps))
        .size();
  };
  CHECK(with("basket") == 2);
  CHECK(with("http_req_duratoin") == 3);
}

TEST_CASE("groups, picks, captures and custom tags can be named") {
  const std::string plan =
      "      - group: {name: a, flow: [{get: /x, capture: {t: json $.t}, retry: {max: 1, on: "
      "[503]}}]}\n"
      "      - pick: [{weight: 1, name: left, flow: [{get: /y}]}]\n";
  for (const char* key :
       {"group_duration{group:::a}", "http_req_duration{group:::a}", "picks{flow:left}",
        "captures_missed{capture:t}", "http_req_retries{name:/x}", "failed_iterations",
        "loops_cut", "http_reconnects", "gen_cpu", "vus", "data_sent", "iterations{scenario:s}"}) {
    CAPTURE(key);
    const bool trend = std::string_view{key}.find("duration") != std::string_view::npos;
    const bool gauge = std::string_view{key} == "vus" || std::string_view{key} == "gen_cpu";
    const std::string assertion = trend ? "p(95)<1" : gauge ? "value<1" : "count<1";
    CHECK(complaints("thresholds: {\"" + std::string{key} + "\": [\"" + assertion + "\"]}\n" +
                     support::with_flow(plan)) == Lines{});
  }
}

TEST_CASE("a metric that nothing in the plan makes is a complaint with what would") {
  const auto with = [&](const std::string& metric) {
    return complaints("thresholds: {" + metric + "}\n" + support::with_flow("      - get: /\n"));
  };
  CHECK(with("group_duration: \"avg<1\"") ==
        Lines{"p.yaml:1:14: nothing in the plan is measured as group_duration; put steps into a "
              "`group`"});
  CHECK(with("tls_handshakes: \"count<1\"") ==
        Lines{"p.yaml:1:14: nothing in the plan is measured as tls_handshakes; use https:// URLs"});
  CHECK(complaints("thresholds: {tls_resumed: \"rate>0.5\"}\ntarget: https://h\nscenarios: {s: "
                   "{executor: constant-vus, duration: 1s, flow: [{get: /}]}}\n")
            .empty());
}

TEST_CASE("stages are a tag of the four metrics that have it, and go with scenarios only") {
  const auto with = [&](const std::string& key, const std::string& assertion,
                        const std::string& stages =
                            "[{duration: 1s, target: 1, name: up}, {duration: 1s, target: 0}]") {
    return complaints("target: http://h\nthresholds: {\"" + key + "\": \"" + assertion +
                      "\"}\nscenarios:\n  s: {executor: ramping-vus, tags: {team: x}, stages: " +
                      stages + ", flow: [{get: /}]}\n");
  };
  for (const char* key : {"http_req_duration{stage:up}", "http_req_duration{stage:2}",
                          "http_req_duration_corrected{scenario:s,stage:up}"}) {
    CHECK(with(key, "p(95)<1").empty());
  }
  CHECK(with("http_req_failed{stage:up}", "rate<1").empty());
  CHECK(with("http_reqs{stage:up,status:503}", "count<1").empty());
  CHECK(with("http_req_duration{stage:upp}", "p(95)<1") ==
        Lines{"p.yaml:2:14: nothing in the plan has the tag stage:upp; did you mean \"up\"?"});
  CHECK(with("http_req_duration{stage:up,team:x}", "p(95)<1") ==
        Lines{"p.yaml:2:14: no one thing in the plan has all tags of "
              "\"http_req_duration{stage:up,team:x}\"; `stage` goes together with `scenario` "
              "only"});
  const std::string only =
      " has no tag \"stage\"; only scenarios with 2 to 64 stages have it, and of their metrics "
      "http_req_duration, http_req_duration_corrected, http_req_failed and http_reqs";
  CHECK(with("http_req_waiting{stage:up}", "p(95)<1") ==
        Lines{"p.yaml:2:14: http_req_waiting" + only});
  CHECK(with("http_req_duration{stage:1}", "p(95)<1", "[{duration: 1s, target: 1}]") ==
        Lines{"p.yaml:2:14: http_req_duration" + only});
}

TEST_CASE("more stages than a tag has values are no tag, and a note says so") {
  std::string stages;
  for (int i = 0; i < 65; ++i) stages += "{duration: 1s, target: 1}, ";
  const auto program =
      compiled("target: http://h\nscenarios:\n  s: {executor: ramping-vus, stages: [" + stages +
               "], flow: [{get: /}]}\n");
  CHECK(program->facets.empty());
  REQUIRE(program->notes.size() == 1);
  CHECK(program->notes[0] == "scenario s has 65 stages: with more than 64 there is no tag `stage`");
}

TEST_CASE("the tags `stage` and `flow` are gend's own") {
  CHECK(complaints(support::with_flow("      - get: /\n        tags: {stage: x}\n")) ==
        Lines{"p.yaml:8:16: the tag \"stage\" is set by gend; give the stages a `name`"});
  CHECK(complaints(support::with_flow("      - get: /\n        tags: {flow: x}\n")) ==
        Lines{"p.yaml:8:16: the tag \"flow\" is set by gend; use a `mix`, whose flows have names"});
}

namespace {

std::string with_load(const std::string& threshold, const std::string& scenarios) {
  return "target: http://h\nthresholds: {http_req_duration: [" + threshold +
         "]}\nscenarios:\n" + scenarios;
}

const std::string kSoak =
    "  soak:\n"
    "    executor: ramping-vus\n"
    "    stages: [{duration: 5m, target: 400}, {duration: 4h, target: 400}, {duration: 5m, "
    "target: 0}]\n"
    "    flow: [{get: /}]\n";

}  // namespace

TEST_CASE("drift is looked for in the longest part whose load is steady") {
  const auto program = compiled(with_load("\"drift(p(95))<0.1\"", kSoak));
  REQUIRE(program->thresholds.size() == 1);
  CHECK(program->thresholds[0].steady_from == Duration{5min});
  CHECK(program->thresholds[0].steady_to == Duration{4h + 5min});
}

TEST_CASE("a second scenario that ramps is no steady load") {
  const auto program = compiled(with_load(
      "\"drift(p(95))<0.1\"",
      kSoak + "  burst:\n"
              "    executor: ramping-vus\n"
              "    startTime: 1h\n"
              "    stages: [{duration: 10m, target: 10}, {duration: 10m, target: 10}]\n"
              "    flow: [{get: /}]\n"));
  CHECK(program->thresholds[0].steady_from == Duration{80min});
  CHECK(program->thresholds[0].steady_to == Duration{4h + 5min});
}

TEST_CASE("a scaled soak has a scaled steady part, and is no mistake") {
  Options options;
  options.time_scale = 0.001;
  const auto program = compile("plan.yaml", with_load("\"drift(p(95))<0.1\"", kSoak), options);
  REQUIRE(program.has_value());
  CHECK((*program)->thresholds[0].steady_to - (*program)->thresholds[0].steady_from ==
        Duration{14400ms});
}

TEST_CASE("drift without steady load is refused, and so is its window") {
  CHECK(complaints(with_load("\"drift(p(95))<0.1\"",
                             "  ramp:\n    executor: ramping-vus\n"
                             "    stages: [{duration: 5m, target: 400}, {duration: 20s, target: "
                             "400}]\n"
                             "    flow: [{get: /}]\n")) ==
        Lines{"p.yaml:2:35: drift(p(95)) needs a part of the run, at least 30s long, in which "
              "the load keeps its level; the longest of this plan has 20s; add a stage that holds "
              "its target"});
  const auto window =
      complaints(with_load("{threshold: \"drift(p(95))<0.1\", window: 30s}", kSoak));
  REQUIRE(window.size() == 1);
  CHECK(window[0].find("leave `window` away") != std::string::npos);
  const auto leak = complaints(with_load("\"leak<1\"", kSoak));
  REQUIRE(leak.size() == 1);
  CHECK(leak[0].find("leak is the growth of a gauge") != std::string::npos);
}
