#include <algorithm>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "http/cases.h"
#include "http/facts.h"
#include "support/seed.h"

namespace gend::test {
namespace {

constexpr int kRandomSplits = 20;

RequestMethod method_of(const ResponseCase& c) {
  return c.to_head ? RequestMethod::kHead : RequestMethod::kGet;
}

void check_ok(const ResponseCase& c, const Facts& facts) {
  REQUIRE_MESSAGE(facts.complete, in_words(facts));
  CHECK(facts.status == c.status);
  CHECK(facts.minor_version == (c.version == "1.1" ? 1 : 0));
  CHECK(facts.headers == c.headers);
  CHECK(facts.body == c.body);
  CHECK(facts.body_bytes == c.body.size());
  CHECK(facts.interim == c.interim);
  CHECK(c.raw.substr(facts.consumed) == c.extra);
  if (!c.keep_alive) return;
  // An HTTP/1.0 connection may always be closed instead.
  if (*c.keep_alive && c.version == "1.0") return;
  CHECK(facts.keep_alive == *c.keep_alive);
}

void check_must(const ResponseCase& c, const Facts& facts) {
  if (c.expected == "ok") return check_ok(c, facts);
  CHECK_FALSE(facts.complete);
  const bool cut_off =
      facts.outcome == Outcome::kTruncated || facts.outcome == Outcome::kClosedBeforeResponse;
  CHECK_MESSAGE(cut_off == (c.expected == "truncated"), in_words(facts));
}

void check_may(const ResponseCase& c, const Facts& facts) {
  if (!facts.complete) {
    CHECK(facts.outcome != Outcome::kOk);
    return;
  }
  CHECK_MESSAGE(std::any_of(c.listed.begin(), c.listed.end(), [&](const auto& listed) {
    return listed.status == facts.status && listed.body == facts.body;
  }), in_words(facts));
}

void check_case(const ResponseCase& c, const Pieces& pieces) {
  const Facts facts = parse(c.raw, pieces, method_of(c), Keep::kAll);
  if (c.must) check_must(c, facts);
  else check_may(c, facts);
}

TEST_CASE("every conformance case has its outcome when it arrives whole") {
  for (const ResponseCase& c : response_cases()) {
    CAPTURE(c.name);
    check_case(c, whole(c.raw));
  }
}

TEST_CASE("every conformance case has its outcome byte by byte") {
  for (const ResponseCase& c : response_cases()) {
    CAPTURE(c.name);
    check_case(c, byte_by_byte(c.raw));
  }
}

TEST_CASE("every conformance case has its outcome however it is split") {
  std::mt19937_64 random{seed()};
  for (const ResponseCase& c : response_cases()) {
    CAPTURE(c.name);
    for (int i = 0; i < kRandomSplits; ++i) check_case(c, split_at_random(c.raw, random));
  }
}

TEST_CASE("facts do not depend on whether the response is kept") {
  for (const ResponseCase& c : response_cases()) {
    CAPTURE(c.name);
    const Facts kept = parse(c.raw, whole(c.raw), method_of(c), Keep::kAll);
    Facts skipped = parse(c.raw, whole(c.raw), method_of(c), Keep::kNothing);
    CHECK(skipped.headers.empty());
    CHECK(skipped.body.empty());
    skipped.headers = kept.headers;
    skipped.body = kept.body;
    CHECK(difference(kept, skipped) == "");
  }
}

TEST_CASE("the conformance file holds what it should") {
  const auto& cases = response_cases();
  CHECK(cases.size() == 470);
  const auto musts = std::count_if(cases.begin(), cases.end(), [](auto& c) { return c.must; });
  CHECK(musts == 303);  // 132 ok, 139 invalid, 32 truncated
}

}  // namespace
}  // namespace gend::test
