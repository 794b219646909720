// Checks, expectations and captures, as compiled.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "plan/support.h"

using namespace gend::plan;
using gend::plan::support::compiled;
using gend::plan::support::complaints;
using gend::plan::support::with_flow;

namespace {

// The one check that a request with this entry has.
Check check(const std::string& entry, const std::string& top = "") {
  const auto program =
      compiled(top + with_flow("      - get: /\n        check:\n          " + entry + "\n"));
  REQUIRE(program->requests[0].checks.size() == 1);
  return program->requests[0].checks[0];
}

std::string text_of(const Check& check) {
  return check.text.pieces.empty() ? "" : check.text.pieces.front().text;
}

struct Case {
  std::string entry, name;
  Part part;
  Match match;
  std::string text;
  double number;
};

}  // namespace

TEST_CASE("every form of a check says what it compares with what") {
  const std::vector<Case> cases{
      {R"("json $.ok": true)", "json $.ok is true", Part::kJson, Match::kIs, "true", 0},
      {R"("json $.ok":)", "json $.ok is null", Part::kJson, Match::kIs, "null", 0},
      {R"("json $.n": 3)", "json $.n is 3", Part::kJson, Match::kEqual, "", 3},
      {R"("json $.n": "3")", "json $.n is 3", Part::kJson, Match::kIs, "3", 0},
      {R"("json $.n": 12345678901234567)", "json $.n is 12345678901234567", Part::kJson,
       Match::kIs, "12345678901234567", 0},
      {R"("json $.n": ">= 3")", "json $.n >= 3", Part::kJson, Match::kGreaterEqual, "", 3},
      {R"("json $.n": "!= 1.5")", "json $.n != 1.5", Part::kJson, Match::kNotEqual, "", 1.5},
      {R"("json $.s": == "3")", "json $.s == 3", Part::kJson, Match::kIs, "3", 0},
      {R"("json $.s": active)", "json $.s is active", Part::kJson, Match::kIs, "active", 0},
      {R"("json $.s": == "exists")", "json $.s == exists", Part::kJson, Match::kIs, "exists", 0},
      {R"("json $.s": contains "a b")", "json $.s contains a b", Part::kJson, Match::kContains,
       "a b", 0},
      {R"("json $.s": exists)", "json $.s exists", Part::kJson, Match::kExists, "", 0},
      {R"("json $.s": not exists)", "json $.s does not exist", Part::kJson, Match::kNotExists, "",
       0},
      {R"x("json $.l.length()": ">0")x", "json $.l.length() > 0", Part::kJson, Match::kGreater, "",
       0},
      {R"(size: <1000)", "size < 1000", Part::kSize, Match::kLess, "", 1000},
      {R"(size: 0)", "size is 0", Part::kSize, Match::kEqual, "", 0},
      {R"("header X-Left": ">= 3")", "header x-left >= 3", Part::kHeader, Match::kGreaterEqual, "",
       3},
      {R"("header etag": not exists)", "header etag does not exist", Part::kHeader,
       Match::kNotExists, "", 0},
      {R"("cookie Sid": exists)", "cookie Sid exists", Part::kCookie, Match::kExists, "", 0},
      {R"x("regex n=(\\d+)": ">= 3")x", "regex n=(\\d+) >= 3", Part::kRegex, Match::kGreaterEqual,
       "", 3},
      {R"(url: ~/welcome)", "url ~ /welcome", Part::kUrl, Match::kContains, "/welcome", 0},
      {R"(body: matches /a b?/)", "body matches a b?", Part::kBody, Match::kMatches, "", 0},
      {R"(body: matches "a b?")", "body matches a b?", Part::kBody, Match::kMatches, "", 0}};
  for (const Case& c : cases) {
    CAPTURE(c.entry);
    const Check found = check(c.entry);
    CHECK(found.name == c.name);
    CHECK(found.of.part == c.part);
    CHECK(found.match == c.match);
    CHECK(text_of(found) == c.text);
    CHECK(found.number == c.number);
  }
}

TEST_CASE("the names of cookies keep their capitals, those of headers have none") {
  CHECK(check(R"("cookie Sid": exists)").of.name == "Sid");
  CHECK(check(R"("header ETag": exists)").of.name == "etag");
}

TEST_CASE("what is compared with may change while the plan runs, limits may not") {
  const Check moving = check(R"("json $.id": ${vu})");
  CHECK(moving.match == Match::kIs);
  REQUIRE(moving.text.pieces.size() == 1);
  CHECK(moving.text.pieces[0].source == Source::kVu);
  CHECK(moving.name == "json $.id is ${vu}");
  CHECK(check(R"(body: contains "${N}x")", "vars: {N: 7}\n").text.pieces[0].text == "7x");
  CHECK(check(R"("json $.n": "< ${N}")", "vars: {N: 7}\n").number == 7);
  CHECK(complaints(with_flow("      - get: /\n        check: {\"json $.n\": \"< ${vu}\"}\n")) ==
        std::vector<std::string>{"p.yaml:8:29: \"< ${vu}\" changes while the plan runs, a number "
                                 "must be fixed; use declared variables only"});
}

TEST_CASE("a secret is compared with and never named") {
  const auto program =
      compiled("vars: {KEY: {secret: true, default: hunter2}}\n" +
               with_flow("      - get: /\n        check: {\"json $.k\": \"${KEY}\", body: \"matches "
                         "${KEY}\"}\n"));
  const auto& checks = program->requests[0].checks;
  CHECK(text_of(checks[0]) == "hunter2");
  CHECK(program->patterns[checks[1].pattern]->source() == "hunter2");
  for (const Check& c : checks) CHECK(c.name.find("hunter2") == std::string::npos);
  CHECK(program->source_text.find("hunter2") == std::string::npos);
  CHECK(program->secrets == std::vector<std::string>{"hunter2"});
}

TEST_CASE("equal expressions are compiled once") {
  const auto program = compiled(
      with_flow("      - get: /\n        check: {\"regex a+\": exists, body: matches a+}\n"
                "        capture: {x: regex a+, y: regex b+}\n"));
  CHECK(program->patterns.size() == 2);
  const HttpRequest& request = program->requests[0];
  CHECK(request.checks[0].of.pattern == request.checks[1].pattern);
  CHECK(request.captures[0].from.pattern == request.checks[1].pattern);
  CHECK(program->patterns[request.captures[1].from.pattern]->source() == "b+");
}

TEST_CASE("captures say where their value is found and which variable gets it") {
  const auto program = compiled(with_flow(
      "      - get: /\n"
      "        capture:\n"
      "          a: json $.x[0]\n"
      "          b: header ETag\n"
      "          c: cookie Sid\n"
      "          d: body\n"
      "          e: status\n"
      "          f: url\n"
      "          g: {from: json $.next, default: none}\n"
      "          h: {from: json $.next, default: }\n"
      "      - get: /\n"
      "        capture: {a: regex (x)}\n"));
  const auto& captures = program->requests[0].captures;
  REQUIRE(captures.size() == 8);
  CHECK(captures[0].from.part == Part::kJson);
  CHECK(captures[0].from.path.steps.size() == 2);
  CHECK(captures[1].from.name == "etag");
  CHECK(captures[2].from.name == "Sid");
  CHECK(captures[3].from.part == Part::kBody);
  CHECK(captures[4].from.part == Part::kStatus);
  CHECK(captures[5].from.part == Part::kUrl);
  CHECK_FALSE(captures[0].has_fallback);
  CHECK(captures[6].fallback == "none");
  CHECK(captures[7].has_fallback);
  CHECK(captures[7].fallback.empty());
  for (const Capture& capture : captures) {
    CHECK(program->values[capture.slot].name == capture.name);
  }
  CHECK(program->requests[1].captures[0].slot == captures[0].slot);
  const HttpRequest& request = program->requests[0];
  CHECK(request.reads_json);
  CHECK(request.reads_body);
  CHECK(request.reads_headers);
  CHECK_FALSE(program->requests[1].reads_json);
  CHECK(program->requests[1].reads_body);
}

TEST_CASE("an answer is only kept for what looks into it") {
  const auto needs = [](const std::string& entry) {
    const auto program = compiled(with_flow("      - get: /\n        expect: {" + entry + "}\n"));
    const HttpRequest& r = program->requests[0];
    return std::vector<bool>{r.reads_body, r.reads_json, r.reads_headers};
  };
  CHECK(needs("status: 200") == std::vector<bool>{false, false, false});
  CHECK(needs("size: <9") == std::vector<bool>{false, false, false});
  CHECK(needs("url: ~x") == std::vector<bool>{false, false, false});
  CHECK(needs("body: ~x") == std::vector<bool>{true, false, false});
  CHECK(needs("\"json $\": 1") == std::vector<bool>{true, true, false});
  CHECK(needs("\"cookie a\": exists") == std::vector<bool>{false, false, true});
}

TEST_CASE("an expectation takes every check, and ends the iteration") {
  const auto program = compiled(
      with_flow("      - get: /\n        expect: {status: 2xx, \"json $.ok\": true, latency: "
                "<1s}\n      - get: /\n        expect: {body: ~x}\n      - get: /\n"));
  const auto& requests = program->requests;
  CHECK(requests[0].expected_statuses == StatusRanges{{200, 299}});
  REQUIRE(requests[0].expects.size() == 3);
  CHECK(requests[0].expects[0].name == "status is 2xx");
  CHECK(requests[0].expects[1].name == "json $.ok is true");
  CHECK(requests[0].checks.empty());
  CHECK(requests[1].expected_statuses == StatusRanges{{200, 399}});
  CHECK(requests[0].stops_on_failure);
  CHECK(requests[1].stops_on_failure);
  CHECK_FALSE(requests[2].stops_on_failure);
  CHECK(program->steps[1].on_failure == 3);
  CHECK(program->steps[2].on_failure == 3);
}
