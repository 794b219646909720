#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;
using gend::plan::support::compiled;
using gend::plan::support::complaints;

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

using Lines = std::vector<std::string>;

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
