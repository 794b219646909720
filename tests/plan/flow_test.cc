// Flows as steps: what leads where.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "plan/demand.h"
#include "plan/explain.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using gend::plan::support::compiled;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;
using gend::plan::support::Lines;

namespace {

std::unique_ptr<const Program> program_of(const std::string& steps, const std::string& top = "") {
  return compiled(top + with_flow(steps));
}

std::vector<StepKind> kinds(const Program& program) {
  std::vector<StepKind> out;
  for (const Step& step : program.steps) out.push_back(step.kind);
  return out;
}

}  // namespace

TEST_CASE("a loop goes back to its next round and leaves it when it is over") {
  const auto program =
      program_of("      - loop: {count: 3, flow: [{get: /}, {think: 1s}]}\n      - get: /b\n");
  using enum StepKind;
  CHECK(kinds(*program) == std::vector{kLoopEnter, kLoopNext, kHttp, kThink, kHttp, kEnd});
  CHECK(program->steps[0].on_success == 1);
  CHECK(program->steps[1].on_success == 2);
  CHECK(program->steps[1].on_failure == 4);
  CHECK(program->steps[3].on_success == 1);
  CHECK(program->scenarios[0].registers == 3);
  CHECK(iteration_of(*program, program->scenarios[0]).requests == doctest::Approx(4));
}

TEST_CASE("loops side by side use the same registers, nested ones their own") {
  CHECK(program_of("      - loop: {count: 1, flow: [{get: /}]}\n"
                   "      - loop: {count: 1, flow: [{get: /}]}\n")
            ->scenarios[0]
            .registers == 3);
  CHECK(program_of("      - loop: {count: 1, flow: [{loop: {count: 1, flow: [{get: /}]}}]}\n")
            ->scenarios[0]
            .registers == 6);
}

TEST_CASE("both sides of an if go on behind it, an empty side at once") {
  const auto program = program_of(
      "      - if: \"${vu} > 1\"\n        then: [{get: /a}]\n"
      "        else: [{get: /b}]\n      - get: /c\n");
  const auto& steps = program->steps;
  CHECK(steps[0].on_success == 1);
  CHECK(steps[0].on_failure == 2);
  CHECK(steps[1].on_success == 3);
  CHECK(steps[2].on_success == 3);
  const auto half = program_of(
      "      - if: \"${vu} > 1\"\n        then: [{get: /a}]\n"
      "      - get: /c\n");
  CHECK(half->steps[0].on_failure == 2);
}

TEST_CASE("a pick leads to one of its flows, with the sums of the weights") {
  const auto program = program_of(
      "      - pick: [{weight: 90, flow: buy}, {weight: 10, name: look, flow: [{get: /b}]}]\n",
      "flows: {buy: [{get: /a}]}\n");
  const Pick& pick = program->picks.at(0);
  CHECK(pick.up_to == std::vector<double>{90, 100});
  CHECK(pick.names == std::vector<std::string>{"buy", "look"});
  CHECK(pick.targets == std::vector<std::uint32_t>{1, 2});
  CHECK(program->steps[1].on_success == 3);
  CHECK(program->steps[2].on_success == 3);
}

TEST_CASE("groups within groups are named as k6 names them, and tag what is in them") {
  const auto program =
      program_of("      - group: {name: a, flow: [{group: {name: b, flow: [{get: /}]}}]}\n");
  CHECK(program->groups[0].name == "::a");
  CHECK(program->groups[1].name == "::a::b");
  bool tagged = false;
  for (const stats::Series& series : program->schema.series()) {
    if (series.metric != "http_reqs") continue;
    for (const auto& tag : series.tags)
      tagged |= tag == std::pair<std::string, std::string>{"group", "::a::b"};
  }
  CHECK(tagged);
}

TEST_CASE("what ends an iteration ends a round within a burst") {
  const auto program = program_of(
      "      - burst: {count: 50, flow: [{get: /, expect: {status: 200}}], check: {\"status 429\": "
      "5, failed: 0}, capture: {limited: status 4xx}}\n      - get: /b\n");
  const Burst& burst = program->bursts.at(0);
  CHECK(burst.concurrency == 32);
  CHECK(burst.first_step == 1);
  CHECK(burst.end_step == 2);
  CHECK(program->steps[1].on_failure == 2);
  CHECK(program->steps[0].on_success == 3);
  CHECK(program->steps[0].on_failure == 4);
  CHECK(burst.checks[0].name == "status 429 is 5");
  CHECK(burst.checks[1].statuses.empty());
  CHECK(burst.captures[0].statuses.front() == std::pair<std::uint16_t, std::uint16_t>{400, 499});
  CHECK(program->scenarios[0].burst_hands == 32);
}

TEST_CASE("a text that computes is a formula, any other stays a text") {
  const auto program = program_of(
      "      - set: {page: \"${page} + 1\", hello: \"a ${page}\", zero: \"007\", both: "
      "\"${page}/${hello}\"}\n      - set: {t: {text: \"1 + 1\"}, f: {formula: \"${page}\"}}\n"
      "      - get: \"/${page}\"\n",
      "vars: {page: 1}\n");
  const auto& all = program->assignments;
  REQUIRE(all.size() == 6);
  CHECK(all[0].formula.has_value());
  CHECK_FALSE(all[1].formula.has_value());
  CHECK_FALSE(all[2].formula.has_value());
  CHECK(all[2].text.pieces.at(0).text == "007");
  CHECK_FALSE(all[3].formula.has_value());
  CHECK_FALSE(all[4].formula.has_value());
  CHECK(all[5].formula.has_value());
  const Value& page = program->values[all[0].slot];
  CHECK(page.has_initial);
  CHECK(page.initial == "1");
  CHECK(program->requests[0].lifetime == Lifetime::kPerIteration);
}

TEST_CASE("what is set once lasts, and anything else does not") {
  const auto program = program_of("      - once: [{set: {a: x}}, {get: /}]\n      - set: {b: y}\n");
  CHECK(program->values[program->assignments[0].slot].keeps);
  CHECK_FALSE(program->values[program->assignments[1].slot].keeps);
  CHECK(program->steps[0].kind == StepKind::kOnce);
  CHECK(program->steps[0].on_failure == 3);
}

TEST_CASE("the names of a loop hold within it alone") {
  const auto program =
      program_of("      - loop: {over: [a, b], flow: [{get: \"/${item}/${index}\"}]}\n");
  CHECK(program->loops[0].items.size() == 2);
  CHECK(program->loops[0].item_slot != program->loops[0].index_slot);
  CHECK(complaints(with_flow("      - loop: {over: [a], as: x, flow: [{get: \"/${x}\"}]}\n"
                             "      - get: \"/${x}\"\n"))
            .size() == 1);
}

TEST_CASE("a loop whose number nobody reads keeps none") {
  const auto unread = program_of("      - loop: {count: 3, flow: [{get: /}]}\n");
  CHECK(unread->loops[0].index_slot == kNoSlot);
  const auto inner = program_of(
      "      - loop: {count: 3, index: a, flow: [{loop: {count: 2, index: b, flow: [{get: "
      "\"/${a}\"}]}}]}\n");
  CHECK(inner->loops[0].index_slot != kNoSlot);
  CHECK(inner->loops[1].index_slot == kNoSlot);
}

TEST_CASE("only a loop that a condition alone ends is bounded by itself") {
  CHECK(program_of("      - loop: {while: \"${vu} > 0\", flow: [{get: /}]}\n")->loops[0].max ==
        1000);
  CHECK(program_of("      - loop: {while: \"${vu} > 0\", max: 7, flow: [{get: /}]}\n")
            ->loops[0]
            .max == 7);
  CHECK(program_of("      - loop: {for: 1h, flow: [{get: /}]}\n")->loops[0].max > 1'000'000'000);
}

TEST_CASE("mistakes in flows are said at their place") {
  const auto first = [](const std::string& steps, const std::string& top = "") {
    const auto all = complaints(top + with_flow(steps));
    return all.empty() ? std::string{} : all[0];
  };
  CHECK(first("      - call: login\n", "flows: {logn: [{get: /}]}\n") ==
        "p.yaml:8:15: no flow is called \"login\"; did you mean \"logn\"?");
  CHECK(first("      - call: a\n", "flows:\n  a: [{call: b}]\n  b: [{call: a}]\n") ==
        "p.yaml:3:14: the flow \"a\" calls itself: a -> b -> a; use `loop` to repeat steps");
  CHECK(first("      - pick: [{weight: 0, flow: [{get: /}]}]\n") ==
        "p.yaml:7:15: all weights are 0: nothing is ever chosen");
  CHECK(first("      - pick: [{weight: -1, flow: [{get: /}]}]\n") ==
        "p.yaml:7:25: \"-1\" is not a weight (a number, 0 or above)");
  CHECK(first("      - pick: [{wieght: 1, weight: 1, flow: [{get: /}]}]\n") ==
        "p.yaml:7:17: unknown key \"wieght\"; did you mean \"weight\"?");
  CHECK(first("      - loop: {flow: [{get: /}]}\n") ==
        "p.yaml:7:15: a loop that nothing ends; give count, while, over or for");
  CHECK(
      first("      - loop: {count: 2, over: [a], flow: [{get: /}]}\n") ==
      "p.yaml:7:15: `count` and `over` both say how many rounds there are; leave one of them out");
  CHECK(first("      - loop: {count: 2}\n") ==
        "p.yaml:7:15: the loop has no `flow`; say what a round does: flow: [{get: /}]");
  CHECK(first("      - loop: {count: 2 x, flow: [{get: /}]}\n") ==
        "p.yaml:7:25: \"x\" is not understood here; put blanks around + - * / %, and text into "
        "quotes");
  CHECK(first("      - if: 1 == 1\n") == "p.yaml:7:9: the condition has neither `then` nor `else`");
  CHECK(first("      - group: {flow: [{get: /}]}\n") == "p.yaml:7:16: the group has no `name`");
  CHECK(first("      - burst: {flow: [{get: /}]}\n") == "p.yaml:7:16: the burst has no `count`");
  CHECK(first("      - burst: {count: 1, flow: [{burst: {count: 1, flow: [{get: /}]}}]}\n") ==
        "p.yaml:7:42: a burst within a burst; make one burst of the product");
  CHECK(first("      - burst: {count: 1, check: {\"state 2\": 1}, flow: [{get: /}]}\n") ==
        "p.yaml:7:35: \"state 2\" is no count of a burst (status 429, status 2xx, failed)");
  CHECK(first("      - metric: {name: vus, gauge: 1}\n") ==
        "p.yaml:7:24: \"vus\" is a metric of gend's own; choose another name");
  CHECK(first("      - metric: {name: m}\n") ==
        "p.yaml:7:17: a metric is one of counter, gauge, rate and trend");
  CHECK(first("      - metric: {name: m, rate: 1}\n      - metric: {name: m, trend: 1}\n"
              "      - get: /\n") ==
        "p.yaml:8:24: the metric \"m\" is of another kind elsewhere in the plan; give one of them "
        "another name");
  CHECK(first("      - set: {vu: 1}\n") ==
        "p.yaml:7:15: \"vu\" is the name of an expression; choose another name");
  CHECK(first("      - pace: 0s\n") == "p.yaml:7:15: it must be longer than 0");
  CHECK(first("      - post: /\n        body: \"${json(a)}\"\n      - set: {a: 1}\n") ==
        "p.yaml:8:16: `${json(a)}` has a meaning in `json` only; write ${a}");
  CHECK(first("      - pace: 1s\n        name: x\n") ==
        "p.yaml:8:9: unknown key \"name\"; `pace` takes no other keys; begin a new step with `-`");
}

TEST_CASE("flows that call flows many times over are refused, not written out") {
  std::string flows = "flows:\n  f0: [{get: /}, {get: /}, {get: /}, {get: /}]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string call = "{call: f" + std::to_string(i - 1) + "}";
    flows +=
        "  f" + std::to_string(i) + ": [" + call + ", " + call + ", " + call + ", " + call + "]\n";
  }
  const auto all = complaints(flows + with_flow("      - call: f11\n"));
  REQUIRE_FALSE(all.empty());
  CHECK(all[0].find("more than 65536 steps in all") != std::string::npos);
}

TEST_CASE("an explanation shows steps within steps") {
  const auto program = program_of(
      "      - loop: {count: 2, flow: [{if: \"${vu} == 1\", then: [{get: /a}], else: [{get: "
      "/b}]}]}\n");
  const std::string text = explain(*program, {});
  CHECK(text.find("    1  loop 2 times\n    2    if ${vu} == 1\n    3      GET /a\n") !=
        std::string::npos);
  CHECK(text.find("         else\n    4      GET /b\n") != std::string::npos);
}
