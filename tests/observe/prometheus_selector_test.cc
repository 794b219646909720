#include "observe/prometheus_selector.h"

#include <doctest/doctest.h>

#include "sources.h"

using namespace gend::observe;
using support::selector;

namespace {

SelectorError error_of(std::string_view text) {
  const auto parsed = parse_selector(text);
  CAPTURE(text);
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

}  // namespace

TEST_CASE("a name alone is the level of all its samples, added up") {
  const Selector plain = selector("process_resident_memory_bytes");
  CHECK(plain.name == "process_resident_memory_bytes");
  CHECK(plain.labels.empty());
  CHECK(plain.reading == Selector::Reading::kLevel);
  CHECK(plain.fold == Selector::Fold::kSum);
  CHECK(selector("  job:requests:sum ").name == "job:requests:sum");
  CHECK(selector("rate").name == "rate");  // a metric may be called so
  CHECK(selector("sum").name == "sum");
}

TEST_CASE("rates and folds go around a name, in this order") {
  CHECK(selector("rate(cpu_seconds_total)").reading == Selector::Reading::kRate);
  const Selector both = selector(" max ( rate ( cpu{mode=\"user\"} ) ) ");
  CHECK(both.reading == Selector::Reading::kRate);
  CHECK(both.fold == Selector::Fold::kMax);
  CHECK(both.name == "cpu");
  CHECK(both.labels.size() == 1);
  CHECK(selector("avg(x)").fold == Selector::Fold::kAverage);
  CHECK(selector("min(x)").fold == Selector::Fold::kMin);
  CHECK(selector("count(x)").fold == Selector::Fold::kCount);
  CHECK(selector("sum(x)").fold == Selector::Fold::kSum);
}

TEST_CASE("labels match as in PromQL, and one that is not there is empty") {
  const std::vector<Label> sample{{"device", "eth0"}, {"mode", "idle"}};
  for (const char* text :
       {"x{}", "x{device=\"eth0\"}", "x{device='eth0',}", "x{device=~\"eth.*\"}",
        "x{device=~\"eth\\\\d\"}", "x{device!=\"lo\",mode=\"idle\"}", "x{device!~\"lo|veth.*\"}",
        "x{absent=\"\"}", "x{absent!=\"y\"}"}) {
    CAPTURE(text);
    CHECK(selector(text).matches(sample));
  }
  for (const char* text : {"x{device=\"eth\"}", "x{device=~\"eth\"}", "x{device=~\"th0\"}",
                           "x{device!~\"eth.*\"}", "x{absent=\"y\"}", "x{absent!=\"\"}",
                           "x{device=\"eth0\",mode=\"user\"}"}) {
    CAPTURE(text);
    CHECK_FALSE(selector(text).matches(sample));
  }
}

TEST_CASE("values in quotes may hold quotes, backslashes and line ends") {
  const std::vector<Label> sample{{"path", "C:\\ \"x\"\n"}};
  CHECK(selector(R"(x{path="C:\\ \"x\"\n"})").matches(sample));
  CHECK(selector(R"(x{path='C:\\ "x"\n'})").matches(sample));
}

TEST_CASE("what is no selector is refused where it goes wrong") {
  CHECK(error_of("").what == "expected the name of a metric");
  CHECK(error_of("9lives").offset == 0);
  CHECK(error_of("x y").offset == 2);
  CHECK(error_of("x{").what == "expected the name of a label");
  CHECK(error_of("x{a").what == "expected one of = != =~ !~");
  CHECK(error_of("x{a=1}").what == "expected a value in quotes");
  CHECK(error_of("x{a=\"1}").what == "the value has no closing quote");
  CHECK(error_of("x{a=\"1\" b=\"2\"}").what == "expected , or }");
  CHECK(error_of("x{a=~\"(\"}").what.starts_with("the expression is none: "));
  CHECK(error_of("x{a:b=\"1\"}").what == "expected the name of a label");
  CHECK(error_of("rate(x").what == "expected )");
  CHECK(error_of("rate()").what == "expected the name of a metric");
  CHECK(error_of("x + y").what == "expected nothing behind it");
  CHECK(error_of("rate(x) / 2").what == "expected nothing behind it");
  const SelectorError range = error_of("rate(x[5m])");
  CHECK(range.what == "a range has no meaning here");
  CHECK(range.offset == 6);
  CHECK_FALSE(range.remedy.empty());
  CHECK(error_of("x[5m]").what == "a range has no meaning here");
  CHECK(error_of("irate(x)").what == "\"irate\" is no function that is known here");
  CHECK(error_of("rate(sum(x))").what == "\"sum\" is no function that is known here");
}
