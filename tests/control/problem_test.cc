#include "control/problem.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace gend;

TEST_CASE("a problem document survives the way over the wire") {
  const control::Problem sent{.status = 409,
                              .type = "busy",
                              .title = "t",
                              .detail = "d",
                              .remedy = "r",
                              .errors = {"one", "two"},
                              .exit_code = ExitCode::kBusy};
  const auto got = control::problem_from_json(control::to_json(sent));
  REQUIRE(got.has_value());
  CHECK(got->status == 409);
  CHECK(got->type == "busy");
  CHECK(got->title == "t");
  CHECK(got->detail == "d");
  CHECK(got->remedy == "r");
  CHECK(got->errors == sent.errors);
  CHECK(got->exit_code == ExitCode::kBusy);
}

TEST_CASE("every refusal has the status that its kind asks for") {
  const auto status = [](ExitCode code) {
    return control::problem_of(Error{"m", "r", code}).status;
  };
  CHECK(status(ExitCode::kTargetNotAllowed) == 403);
  CHECK(status(ExitCode::kBadPlan) == 422);
  CHECK(status(ExitCode::kHostCannotCarry) == 503);
}

TEST_CASE("details that are not UTF-8 do not stop the answer") {
  const std::string text = control::to_json(control::bad_request("\xff\xfe"));
  CHECK(nlohmann::json::accept(text));
}

TEST_CASE("text that is no problem document of ours is not taken for one") {
  for (const char* text :
       {"", "[]", "{}", "{\"type\": 3}", "{\"type\": \"about:blank\"}", "<html>"})
    CHECK_FALSE(control::problem_from_json(text).has_value());
}

TEST_CASE("all complaints of a plan are in the document") {
  const control::Problem problem = control::bad_plan({"a:1:1: x", "a:2:1: y"});
  CHECK(problem.status == 422);
  CHECK(problem.exit_code == ExitCode::kBadPlan);
  CHECK(problem.errors.size() == 2);
}
