#include "observe/source_watch.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "sources.h"

using namespace gend;
using namespace gend::observe;

namespace {

constexpr TimePoint at(int seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

struct Watched {
  explicit Watched(Source made) : source{std::move(made)}, watch{source} {}
  void answer(std::string body, int second) { watch.answered(body, at(second)); }
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (const Change& change : watch.take_changes()) words.push_back(change.words);
    return words;
  }
  Source source;
  SourceWatch watch;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("values go to their slots, once") {
  Watched app{support::prometheus({"a", "b"})};
  app.answer("b 2\na 1\n", 0);
  const auto values = app.watch.take_values();
  REQUIRE(values.size() == 2);
  CHECK(values[0].slot == 0);
  CHECK(values[0].value == 1);
  CHECK(values[1].slot == 1);
  CHECK(values[1].value == 2);
  CHECK(app.watch.take_values().empty());
  CHECK(app.told().empty());
}

TEST_CASE("a source that dies is told once, and that it is back, with how long it was away") {
  Watched app{support::prometheus({"a"})};
  app.answer("a 1\n", 0);
  app.watch.failed("connection refused", at(5));
  app.watch.failed("timed out", at(10));
  CHECK(app.watch.status().polls == 3);
  CHECK(app.watch.status().failed == 2);
  CHECK_FALSE(app.watch.status().answers);
  CHECK(app.watch.status().last_fault == "timed out");
  CHECK(app.watch.status().failed_at == at(10));
  CHECK(app.told() == Words{"observe app: no values from http://h/metrics: connection refused"});
  app.answer("a 3\n", 15);
  CHECK(app.watch.status().answers);
  CHECK(app.told() == Words{"observe app: answers again, after 10 s"});
  CHECK(app.watch.take_values().size() == 2);
}

TEST_CASE("one that never answers is told at the first poll") {
  Watched app{support::prometheus({"a"})};
  app.watch.failed("connection refused", at(0));
  CHECK(app.told().size() == 1);
}

TEST_CASE("an answer that is none counts as a poll that failed") {
  Watched app{support::json({"$.a"})};
  app.answer("<html>", 0);
  CHECK(app.watch.status().failed == 1);
  CHECK(app.told().size() == 1);
}

TEST_CASE("a series that goes missing is told once, and that it has values again") {
  Watched app{support::prometheus({"a", "b"})};
  app.answer("a 1\n", 0);
  app.answer("a 1\n", 1);
  CHECK(app.told() == Words{"observe app: no value of s1: the answer has no b"});
  app.answer("a 1\nb 1\n", 2);
  CHECK(app.told() == Words{"observe app: s1 has values again"});
  CHECK(app.watch.status().failed == 0);
}

TEST_CASE("the first answer of a rate is no fault") {
  Watched app{support::prometheus({"rate(a)"})};
  app.answer("a 1\n", 0);
  CHECK(app.told().empty());
  CHECK(app.watch.take_values().empty());
}

TEST_CASE("one that comes and goes does not fill the list of events") {
  Watched app{support::prometheus({"a"})};
  for (int second = 0; second < 1000; second += 2) {
    app.watch.failed("timed out", at(second));
    app.answer("a 1\n", second + 1);
  }
  const Words told = app.told();
  REQUIRE(told.size() == limits::kObserveChanges + 1);
  CHECK(told.back() == "observe app: it changes again and again; no more is told");
  CHECK(app.watch.status().failed == 500);
}
