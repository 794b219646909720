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
  sent.options.segment = {1, 3};
  sent.start_at = "+10s";
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
  CHECK(got->options.segment.index == 1);
  CHECK(got->options.segment.count == 3);
  CHECK(got->start_at == "+10s");
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

TEST_CASE("a segment is a part of a number of parts") {
  const auto segment = control::parse_segment("2/3");
  REQUIRE(segment.has_value());
  CHECK(segment->index == 1);
  CHECK(segment->count == 3);
  CHECK(control::show_segment(*segment) == "2/3");
  CHECK(control::parse_segment("1024/1024").has_value());
  for (const char* text : {"", "1", "/", "1/", "/1", "0/1", "2/1", "-1/2", "1/1025", "1/2/3",
                           "a/b", " 1/2", "1/2 ", "1.5/2"})
    CHECK_MESSAGE(!control::parse_segment(text).has_value(), std::string{text});
}

TEST_CASE("a rate is a number of arrivals, a second unless it says otherwise") {
  CHECK(control::parse_rate_per_second("10") == 10);
  CHECK(control::parse_rate_per_second("10/s") == 10);
  CHECK(control::parse_rate_per_second("600/min") == 10);
  CHECK_FALSE(control::parse_rate_per_second("fast").has_value());
}
