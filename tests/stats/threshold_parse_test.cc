#include <doctest/doctest.h>

#include "stats/threshold.h"

using namespace gend::stats;
using enum Aggregation;
using enum Comparison;

namespace {

void parses(std::string_view text, Aggregation aggregation, Comparison comparison, double limit,
            double percentile = 0) {
  CAPTURE(text);
  const auto read = parse_assertion(text);
  REQUIRE(read.has_value());
  CHECK(read->aggregation == aggregation);
  CHECK(read->comparison == comparison);
  CHECK(read->limit == limit);
  CHECK(read->percentile == percentile);
}

void refuses(std::string_view text, std::size_t column, std::string_view part) {
  CAPTURE(text);
  const auto read = parse_assertion(text);
  REQUIRE_FALSE(read.has_value());
  CAPTURE(read.error().message);
  CHECK(read.error().column == column);
  CHECK(read.error().message.find(part) != std::string::npos);
}

void refuses_selector(std::string_view text, std::size_t column, std::string_view part) {
  CAPTURE(text);
  const auto read = parse_selector(text);
  REQUIRE_FALSE(read.has_value());
  CAPTURE(read.error().message);
  CHECK(read.error().column == column);
  CHECK(read.error().message.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("every aggregation of k6's grammar is read") {
  parses("count>0", kCount, kGreater, 0);
  parses("rate<0.01", kRate, kLess, 0.01);
  parses("value<=5", kValue, kLessEqual, 5);
  parses("avg<300", kAvg, kLess, 300);
  parses("min>1", kMin, kGreater, 1);
  parses("max<1000", kMax, kLess, 1000);
  parses("med<200", kMed, kLess, 200);
  parses("p(95)<300", kPercentile, kLess, 300, 95);
  parses("p(99.99)<300.5", kPercentile, kLess, 300.5, 99.99);
  parses("p(0)>0", kPercentile, kGreater, 0, 0);
  parses("p(100)<9", kPercentile, kLess, 9, 100);
}

TEST_CASE("every operator of k6's grammar is read, the longest one first") {
  parses("rate<1", kRate, kLess, 1);
  parses("rate<=1", kRate, kLessEqual, 1);
  parses("rate>1", kRate, kGreater, 1);
  parses("rate>=1", kRate, kGreaterEqual, 1);
  parses("rate==1", kRate, kEqual, 1);
  parses("rate===1", kRate, kEqual, 1);
  parses("rate!=1", kRate, kNotEqual, 1);
}

TEST_CASE("whitespace is free between the parts") {
  parses("  p( 95 )  <  300  ", kPercentile, kLess, 300, 95);
  parses("rate \t>=\n0.99", kRate, kGreaterEqual, 0.99);
}

TEST_CASE("numbers may be negative or have an exponent, as k6 reads them") {
  parses("value>-3", kValue, kGreater, -3);
  parses("count<1e6", kCount, kLess, 1e6);
}

TEST_CASE("an error says where it is, what was found and what was expected") {
  refuses("", 0, "empty");
  refuses("   ", 0, "empty");
  refuses("p95<300", 0, "found 'p95', expected count, rate, value, avg, min, max, med or p(N)");
  refuses("p95<300", 0, "did you mean p(95)?");
  refuses("median<3", 0, "found 'median'");
  refuses("<300", 0, "found '<300'");
  refuses("p(95)", 5, "found the end, expected an operator: <, <=, >, >=, ==, === or !=");
  refuses("p(95)=300", 5, "found '=300', expected an operator");
  refuses("p(95)<", 6, "found the end, expected a number");
  refuses("p(95)<<300", 6, "found '<300', expected a number");
  refuses("p(95)<300ms", 9, "found 'ms' after the number");
  refuses("p(95)<300ms", 9, "milliseconds");
  refuses("rate<1 2", 7, "found '2' after the number");
  refuses("p(95<300", 4, "found '<300', expected ')'");
  refuses("p()<300", 2, "expected a percentile");
  refuses("rate<1%", 6, "found '%'");
}

TEST_CASE("a percentile outside 0 to 100 is refused") {
  refuses("p(100.1)<1", 2, "the percentile is 100.1, expected 0 to 100");
  refuses("p(-1)<1", 2, "the percentile is -1, expected 0 to 100");
  refuses("p(1e3)<1", 2, "the percentile is 1000");
}

TEST_CASE("nothing that is not a number passes for one") {
  refuses("p(nan)<1", 2, "expected a percentile");
  refuses("p(NaN)<1", 2, "expected a percentile");
  refuses("rate<nan", 5, "expected a number");
  refuses("rate<-nan", 5, "expected a number");
  refuses("rate<inf", 5, "expected a number");
  refuses("rate<-infinity", 5, "expected a number");
  refuses("rate<1e999", 5, "expected a number");
  refuses("rate<0x10", 6, "found 'x10' after the number");
}

TEST_CASE("a selector is a metric and tags in any order") {
  const auto plain = parse_selector("http_reqs");
  REQUIRE(plain.has_value());
  CHECK(plain->metric == "http_reqs");
  CHECK(plain->tags.empty());
  const auto tagged = parse_selector("http_req_duration{ status:200 ,endpoint: orders }");
  REQUIRE(tagged.has_value());
  CHECK(tagged->metric == "http_req_duration");
  CHECK(tagged->tags == Tags{{"endpoint", "orders"}, {"status", "200"}});
}

TEST_CASE("a value may hold colons, and when quoted commas and braces") {
  const auto url = parse_selector("http_reqs{name:http://a:80/x}");
  REQUIRE(url.has_value());
  CHECK(url->tags == Tags{{"name", "http://a:80/x"}});
  const auto quoted = parse_selector("http_reqs{name:\"/a?b={1,2}\", check:' is ok '}");
  REQUIRE(quoted.has_value());
  CHECK(quoted->tags == Tags{{"check", " is ok "}, {"name", "/a?b={1,2}"}});
}

TEST_CASE("a selector that cannot be read is refused at the column") {
  refuses_selector("", 0, "name of a metric");
  refuses_selector("{a:b}", 0, "name of a metric");
  refuses_selector("http-reqs", 4, "found '-reqs'");
  refuses_selector("http_reqs{}", 10, "expected tag:value");
  refuses_selector("http_reqs{a}", 10, "expected tag:value");
  refuses_selector("http_reqs{a:}", 12, "expected a value");
  refuses_selector("http_reqs{a:b", 13, "expected '}'");
  refuses_selector("http_reqs{a:b,}", 14, "expected tag:value");
  refuses_selector("http_reqs{a:b}x", 14, "after '}'");
  refuses_selector("http_reqs{a:b,a:c}", 14, "the tag 'a' is given twice");
  refuses_selector("http_reqs{a:'b}", 12, "no closing '");
  refuses_selector("http_reqs{a:'b'c}", 15, "expected ',' or '}'");
}
