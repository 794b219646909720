#include "control/run_request.h"

#include <doctest/doctest.h>

using namespace gend;
using control::run_request_from_json;

TEST_CASE("a request survives the way over the wire") {
  control::RunRequest sent;
  sent.plan_name = "p.yaml";
  sent.plan_text = "name: \"ü\"\n";
  sent.options.set = {{"A", "1"}};
  sent.options.environment = {{"B", "2"}};
  sent.files = {{"data/a.csv", std::string(64, 'a')}};
  sent.options.time_scale = 0.25;
  sent.options.load_scale = 4;
  sent.strict = control::Strict::kYes;
  const auto got = run_request_from_json(control::to_json(sent));
  REQUIRE(got.has_value());
  CHECK(got->plan_name == sent.plan_name);
  CHECK(got->plan_text == sent.plan_text);
  CHECK(got->options.set == sent.options.set);
  CHECK(got->options.environment == sent.options.environment);
  CHECK(got->files == sent.files);
  CHECK(got->options.time_scale == 0.25);
  CHECK(got->options.load_scale == 4);
  CHECK(got->strict == control::Strict::kYes);
}

TEST_CASE("mistakes in the body are all named") {
  const auto got = run_request_from_json(
      R"({"time_scale": 0, "lod_scale": 1, "set": {"A": 1}, "strict": "yes"})");
  REQUIRE_FALSE(got.has_value());
  CHECK(got.error().status == 400);
  CHECK(got.error().errors.size() == 5);  // the plan is missing too
}

TEST_CASE("bodies that are no request are refused") {
  for (const char* body :
       {"", "null", "[]", "{", R"({"plan": "text"})", R"({"plan": {"text": ""}})"})
    CHECK_MESSAGE(!run_request_from_json(body).has_value(), std::string{body});
}

TEST_CASE("a file is named by 64 hexadecimal digits and nothing else") {
  for (const std::string& hash : {std::string{}, std::string(63, '0'), std::string(64, 'A'),
                                  std::string(64, 'g'), std::string(65, '0')}) {
    const auto got = run_request_from_json(R"({"plan": {"name": "p", "text": ""}, "files": {"a": ")" +
                                           hash + "\"}}");
    CHECK_MESSAGE(!got.has_value(), hash);
  }
}
