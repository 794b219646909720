// Checks and captures on answers, as values.
#include <doctest/doctest.h>
#include <pthread.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/captures.h"
#include "engine/checks.h"
#include "support/allocations.h"

using namespace gend;
using namespace std::chrono_literals;
using engine::Captured;
using plan::Match;
using plan::Part;

namespace {

struct Bed {
  engine::AnswerReader::Patterns patterns;
  http::Kept kept;
  engine::AnswerReader reader{patterns};
  plan::Values values;

  explicit Bed(std::string body) {
    for (const char* text : {"order=(\\d+)", "^a+$"})
      patterns.push_back(*extract::Pattern::compile(text));
    kept.body = std::move(body);
    kept.headers = "Content-Type: text/html\nETag: \"x1\"\nX-Count: 12\n";
    kept.set_cookies = "sid=s-1; Path=/\nold=\n";
    values.resize(1);
    answer(200);
  }
  void answer(int status) {
    reader.begin({.status = status,
                  .latency = 250ms,
                  .kept = status == 0 ? nullptr : &kept,
                  .body = kept.body,
                  .body_bytes = kept.body.size(),
                  .url = "/found?x=1"});
  }
  bool holds(plan::Extraction of, Match match, std::string_view wanted = {}, double number = 0) {
    plan::Check check;
    check.of = std::move(of);
    check.match = match;
    check.number = number;
    check.pattern = 1;
    check.latency = 300ms;
    check.statuses = {{200, 299}, {404, 404}};
    return engine::holds(check, reader, wanted);
  }
  // The captured text, "missed" or "missed, but set".
  std::string captured(plan::Extraction from) {
    plan::Capture capture;
    capture.from = std::move(from);
    if (engine::capture(capture, reader, values) == Captured::kValue)
      return std::string{values.at(0)};
    return values.is_set(0) ? "missed, but set" : "missed";
  }
};

plan::Extraction of(Part part, std::string name = {}) {
  plan::Extraction out;
  out.part = part;
  out.name = std::move(name);
  return out;
}

plan::Extraction json(std::string_view path) {
  plan::Extraction out;
  out.part = Part::kJson;
  out.path = *extract::parse_json_path(path);
  return out;
}

constexpr std::string_view kBody =
    R"({"n": 5, "t": "5", "f": 5.0, "big": 18446744073709551615, "word": "hello", "yes": true,
        "no": false, "nil": null, "list": [1, 2], "o": {"a": "b"}, "empty": ""})";

}  // namespace

TEST_CASE("each part of an answer can be captured") {
  Bed bed{"x order=17 y"};
  CHECK(bed.captured(of(Part::kStatus)) == "200");
  CHECK(bed.captured(of(Part::kLatency)) == "250");
  CHECK(bed.captured(of(Part::kBody)) == "x order=17 y");
  CHECK(bed.captured(of(Part::kSize)) == "12");
  CHECK(bed.captured(of(Part::kHeader, "etag")) == "\"x1\"");
  CHECK(bed.captured(of(Part::kCookie, "sid")) == "s-1");
  CHECK(bed.captured(of(Part::kCookie, "old")).empty());
  CHECK(bed.captured(of(Part::kRegex)) == "17");
  CHECK(bed.captured(of(Part::kUrl)) == "/found?x=1");
  CHECK(bed.captured(of(Part::kHeader, "none")) == "missed");
  CHECK(bed.captured(of(Part::kCookie, "none")) == "missed");
  CHECK(bed.captured(json("$.a")) == "missed");  // the body is no JSON
}

TEST_CASE("values of JSON are captured as text, null as the empty text") {
  Bed bed{std::string{kBody}};
  CHECK(bed.captured(json("$.n")) == "5");
  CHECK(bed.captured(json("$.big")) == "18446744073709551615");
  CHECK(bed.captured(json("$.word")) == "hello");
  CHECK(bed.captured(json("$.yes")) == "true");
  CHECK(bed.captured(json("$.nil")).empty());
  CHECK(bed.captured(json("$.list")) == "[1,2]");
  CHECK(bed.captured(json("$.o")) == R"({"a":"b"})");
  CHECK(bed.captured(json("$.list.length()")) == "2");
  CHECK(bed.captured(json("$.gone")) == "missed");
}

TEST_CASE("a missed capture unsets its variable, unless there is a fallback") {
  Bed bed{std::string{kBody}};
  plan::Capture capture;
  capture.from = json("$.gone");
  bed.values.set(0, "from before");
  CHECK(engine::capture(capture, bed.reader, bed.values) == Captured::kMissed);
  CHECK_FALSE(bed.values.is_set(0));
  capture.has_fallback = true;
  CHECK(engine::capture(capture, bed.reader, bed.values) == Captured::kValue);
  CHECK(bed.values.at(0).empty());
  capture.fallback = "none";
  bed.answer(0);
  capture.from = of(Part::kStatus);
  CHECK(engine::capture(capture, bed.reader, bed.values) == Captured::kValue);
  CHECK(bed.values.at(0) == "none");
}

TEST_CASE("nothing holds of an answer that never came, and nothing is captured from it") {
  Bed bed{std::string{kBody}};
  bed.answer(0);
  for (const Part part : {Part::kStatus, Part::kLatency, Part::kBody, Part::kSize, Part::kHeader,
                          Part::kCookie, Part::kJson, Part::kRegex, Part::kUrl}) {
    for (const Match match : {Match::kIn, Match::kLess, Match::kNotEqual, Match::kContains,
                              Match::kNotContains, Match::kIs, Match::kIsNot, Match::kMatches,
                              Match::kExists, Match::kNotExists})
      CHECK_FALSE(bed.holds(of(part), match));
    CHECK(bed.captured(of(part)) == "missed");
  }
}

TEST_CASE("statuses are held against ranges, latency against time, size against a number") {
  Bed bed{"12345"};
  CHECK(bed.holds(of(Part::kStatus), Match::kIn));
  CHECK(bed.holds(of(Part::kStatus), Match::kLess, {}, 201));
  CHECK(bed.holds(of(Part::kLatency), Match::kLess));
  CHECK_FALSE(bed.holds(of(Part::kLatency), Match::kGreaterEqual));
  CHECK(bed.holds(of(Part::kSize), Match::kEqual, {}, 5));
  CHECK(bed.holds(of(Part::kSize), Match::kGreater, {}, 4));
  CHECK_FALSE(bed.holds(of(Part::kSize), Match::kLess, {}, 5));
  bed.answer(404);
  CHECK(bed.holds(of(Part::kStatus), Match::kIn));
  bed.answer(300);
  CHECK_FALSE(bed.holds(of(Part::kStatus), Match::kIn));
}

TEST_CASE("text is compared as text") {
  Bed bed{"aaa"};
  CHECK(bed.holds(of(Part::kBody), Match::kContains, "aa"));
  CHECK_FALSE(bed.holds(of(Part::kBody), Match::kNotContains, "aa"));
  CHECK(bed.holds(of(Part::kBody), Match::kNotContains, "b"));
  CHECK(bed.holds(of(Part::kBody), Match::kIs, "aaa"));
  CHECK(bed.holds(of(Part::kBody), Match::kIsNot, "aa"));
  CHECK(bed.holds(of(Part::kBody), Match::kMatches));
  CHECK_FALSE(bed.holds(of(Part::kHeader, "content-type"), Match::kMatches));
  CHECK(bed.holds(of(Part::kHeader, "content-type"), Match::kContains, "html"));
  CHECK(bed.holds(of(Part::kHeader, "x-count"), Match::kGreater, {}, 11));
  CHECK(bed.holds(of(Part::kUrl), Match::kIs, "/found?x=1"));
}

TEST_CASE("numbers are compared as numbers, whatever form they have") {
  Bed bed{std::string{kBody}};
  for (const char* path : {"$.n", "$.t"}) {
    CHECK(bed.holds(json(path), Match::kIs, "5"));
    CHECK_FALSE(bed.holds(json(path), Match::kIs, "6"));
    CHECK(bed.holds(json(path), Match::kEqual, {}, 5));
    CHECK(bed.holds(json(path), Match::kLess, {}, 5.5));
    CHECK_FALSE(bed.holds(json(path), Match::kNotEqual, {}, 5));
  }
  CHECK(bed.holds(json("$.n"), Match::kIs, "5.0"));
  CHECK(bed.holds(json("$.f"), Match::kIs, "5"));
  CHECK_FALSE(bed.holds(json("$.t"), Match::kIs, "5.0"));
  CHECK_FALSE(bed.holds(json("$.n"), Match::kIs, "five"));
  CHECK(bed.holds(json("$.big"), Match::kIs, "18446744073709551615"));
  CHECK(bed.holds(json("$.big"), Match::kIsNot, "18446744073709551614"));
  CHECK_FALSE(bed.holds(json("$.word"), Match::kEqual, {}, 0));
  CHECK_FALSE(bed.holds(json("$.word"), Match::kLess, {}, 100));
  CHECK(bed.holds(json("$.word"), Match::kNotEqual, {}, 0));
}

TEST_CASE("booleans and null are compared by their names") {
  Bed bed{std::string{kBody}};
  CHECK(bed.holds(json("$.yes"), Match::kIs, "true"));
  CHECK(bed.holds(json("$.no"), Match::kIsNot, "true"));
  CHECK(bed.holds(json("$.nil"), Match::kIs, "null"));
  CHECK(bed.holds(json("$.nil"), Match::kIs, ""));
  CHECK(bed.holds(json("$.nil"), Match::kIsNot, "x"));
  CHECK_FALSE(bed.holds(json("$.empty"), Match::kIs, "null"));
}

TEST_CASE("a value that is not there only holds as not existing") {
  Bed bed{std::string{kBody}};
  CHECK(bed.holds(json("$.nil"), Match::kExists));
  CHECK_FALSE(bed.holds(json("$.nil"), Match::kNotExists));
  for (const auto& gone : {json("$.gone"), of(Part::kHeader, "gone"), of(Part::kCookie, "gone"),
                           of(Part::kRegex)}) {
    CHECK(bed.holds(gone, Match::kNotExists));
    for (const Match match : {Match::kExists, Match::kContains, Match::kNotContains, Match::kIs,
                              Match::kIsNot, Match::kMatches, Match::kNotEqual, Match::kLess})
      CHECK_FALSE(bed.holds(gone, match));
  }
}

TEST_CASE("each answer is read anew") {
  Bed bed{R"({"a": 1})"};
  CHECK(bed.captured(json("$.a")) == "1");
  bed.kept.body = R"({"a": 2})";
  bed.answer(200);
  CHECK(bed.captured(json("$.a")) == "2");
  bed.kept.body = "no JSON";
  bed.answer(200);
  CHECK(bed.captured(json("$.a")) == "missed");
}

TEST_CASE("an answer of which nothing was kept has an empty body and no headers") {
  Bed bed{"x"};
  bed.reader.begin({.status = 204});
  CHECK(bed.captured(of(Part::kBody)).empty());
  CHECK(bed.captured(of(Part::kHeader, "etag")) == "missed");
  CHECK(bed.captured(of(Part::kCookie, "sid")) == "missed");
  CHECK(bed.captured(json("$")) == "missed");
  CHECK(bed.captured(of(Part::kStatus)) == "204");
}

TEST_CASE("looking at answers allocates nothing once it has seen one as large") {
  std::uint64_t before = 1, after = 0;
  bool right = true;
  std::thread shard{[&] {
    ::pthread_setname_np(::pthread_self(), "gend-shard-0");
    Bed bed{std::string{kBody}};
    std::vector<plan::Capture> captures;
    std::vector<plan::Check> checks;
    for (const auto& part : {json("$.word"), json("$.list"), of(Part::kBody),
                             of(Part::kHeader, "etag"), of(Part::kCookie, "sid")}) {
      captures.emplace_back().from = part;
      checks.emplace_back().of = part;
      checks.back().match = Match::kIs;
    }
    for (int round = 0; round < 50; ++round) {
      if (round == 2) before = gend::test::shard_allocations();
      bed.answer(200);
      for (const plan::Capture& each : captures)
        right &= engine::capture(each, bed.reader, bed.values) == Captured::kValue;
      for (const plan::Check& each : checks)
        right &= !engine::holds(each, bed.reader, "something else");
    }
    after = gend::test::shard_allocations();
  }};
  shard.join();
  CHECK(right);
  CHECK(before > 0);
  CHECK(after == before);
}
