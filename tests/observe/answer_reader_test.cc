#include "observe/answer_reader.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "sources.h"

using namespace gend;
using namespace gend::observe;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint at(int seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

struct Reader {
  explicit Reader(Source made) : source{std::move(made)}, reader{source} {}
  std::vector<Reading> read(std::string body, int second) {
    auto readings = reader.read(body, at(second));
    REQUIRE(readings.has_value());
    REQUIRE(readings->size() == source.series.size());
    return std::move(*readings);
  }
  Source source;
  AnswerReader reader;
};

}  // namespace

TEST_CASE("each series has its own value of one answer") {
  Reader reader{support::prometheus({"memory", "cpu{mode=\"user\"}", "avg(cpu)", "max(cpu)",
                                     "min(cpu)", "count(cpu)", "cpu"})};
  const auto readings = reader.read(
      "memory 5.5e7\ncpu{mode=\"user\"} 1\ncpu{mode=\"system\"} 3\ncpu{mode=\"idle\"} 8\n", 0);
  const double expected[] = {5.5e7, 1, 4, 8, 1, 3, 12};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    CAPTURE(reader.source.series[i].written);
    CHECK(readings[i].value == expected[i]);
    CHECK(readings[i].fault.empty());
  }
}

TEST_CASE("a rate is what a counter grew by per second, from the second answer on") {
  Reader reader{support::prometheus({"rate(c)"})};
  const auto first = reader.read("c 100\n", 10);
  CHECK_FALSE(first[0].value);
  CHECK(first[0].fault.empty());
  CHECK(reader.read("c 130\n", 15)[0].value == 6);
  CHECK(reader.read("c 130\n", 20)[0].value == 0);
}

TEST_CASE("a counter that went back began again at 0") {
  Reader reader{support::prometheus({"rate(c)"})};
  reader.read("c 1000\n", 0);
  CHECK(reader.read("c 40\n", 4)[0].value == 10);
}

TEST_CASE("the rate of a sum is the sum of rates: one reset does not hide the others") {
  Reader reader{support::prometheus({"rate(c)", "max(rate(c))"})};
  reader.read("c{i=\"a\"} 1000\nc{i=\"b\"} 50\n", 0);
  // a began again and counted 20, b counted 30, and what c did before is not known.
  const auto readings = reader.read("c{i=\"b\"} 80\nc{i=\"a\"} 20\nc{i=\"c\"} 999\n", 10);
  CHECK(readings[0].value == 5);
  CHECK(readings[1].value == 3);
  CHECK(reader.read("c{i=\"b\"} 80\nc{i=\"c\"} 1009\n", 20)[0].value == 1);
}

TEST_CASE("labels in another order are the same counter, and their values are not mixed up") {
  Reader reader{support::prometheus({"rate(c)"})};
  reader.read("c{a=\"1\",b=\"2\"} 10\nc{a=\"1b\",b=\"\"} 0\n", 0);
  CHECK(reader.read("c{b=\"2\",a=\"1\"} 20\nc{b=\"\",a=\"1b\"} 10\n", 10)[0].value == 2);
}

TEST_CASE("answers of the same moment make no rate") {
  Reader reader{support::prometheus({"rate(c)"})};
  reader.read("c 1\n", 7);
  CHECK_FALSE(reader.read("c 2\n", 7)[0].value);
  CHECK(reader.read("c 4\n", 8)[0].value == 2);
}

TEST_CASE("what an answer does not have, or cannot be kept, is said of its series only") {
  Reader reader{support::prometheus({"there", "absent{a=\"b\"}", "nan", "inf", "huge"})};
  const auto readings =
      reader.read("there 1\nabsent{a=\"c\"} 1\nnan NaN\ninf +Inf\nhuge 1e13\n", 0);
  CHECK(readings[0].value == 1);
  CHECK(readings[1].fault == "the answer has no absent{a=\"b\"}");
  CHECK(readings[2].fault == "it is not a number (NaN)");
  CHECK(readings[3].fault == "inf is too large to be kept, at most 9e+12");
  CHECK(readings[4].fault == "1e+13 is too large to be kept, at most 9e+12");
}

TEST_CASE("an answer that is none at all is an error") {
  const Source source = support::prometheus({"x"});
  AnswerReader reader{source};
  std::string page = "<h1>502 Bad Gateway</h1>";
  const auto read = reader.read(page, at(0));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error() == "the answer is no Prometheus text: line 1: this is no metric");
}

TEST_CASE("numbers are read out of JSON by path; texts and truths that are numbers count as such") {
  Reader reader{support::json({"$.process.memory_mb", "$.text", "$.up", "$.down",
                               "$.list.length()", "$.list[-1]"})};
  const auto readings = reader.read(
      R"({"process": {"memory_mb": 128.5}, "text": "12e1", "up": true, "down": false,
          "list": [1, 2, 3]})",
      0);
  const double expected[] = {128.5, 120, 1, 0, 3, 3};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    CAPTURE(reader.source.series[i].written);
    CHECK(readings[i].value == expected[i]);
  }
}

TEST_CASE("what is no number in JSON is said with its path") {
  Reader reader{support::json({"$.absent", "$.text", "$.nothing", "$.list", "$.object", "$.all[*]",
                               "$.empty", "$.nan"})};
  const auto readings = reader.read(
      R"({"text": "12 MB", "nothing": null, "list": [1], "object": {}, "all": [1, 2],
          "empty": "", "nan": "nan"})",
      0);
  const char* expected[] = {"the answer has no $.absent",
                            "$.text in the answer is text that is no number",
                            "$.nothing in the answer is null",
                            "$.list in the answer is a list",
                            "$.object in the answer is an object",
                            "$.all[*] in the answer is a list",
                            "$.empty in the answer is text that is no number",
                            "it is not a number (NaN)"};
  for (std::size_t i = 0; i < readings.size(); ++i) {
    CHECK_FALSE(readings[i].value);
    CHECK(readings[i].fault == expected[i]);
  }
}

TEST_CASE("a number in JSON can be a counter") {
  Reader reader{support::json({"$.requests"}, Selector::Reading::kRate)};
  CHECK_FALSE(reader.read(R"({"requests": 100})", 0)[0].value);
  CHECK(reader.read(R"({"requests": 350})", 5)[0].value == 50);
  CHECK(reader.read(R"({"requests": 20})", 9)[0].value == 5);
}

TEST_CASE("an answer that is no JSON is an error") {
  const Source source = support::json({"$.x"});
  AnswerReader reader{source};
  for (std::string body : {"", "<html>", "{\"x\": 1", "{\"x\": 1} {}"}) {
    CAPTURE(body);
    const auto read = reader.read(body, at(0));
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().starts_with("the answer is no JSON: "));
  }
}
