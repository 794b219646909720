#include "base/outcome.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace gend;

TEST_CASE("every outcome has a name and a sentence of its own") {
  std::set<std::string_view> names, sentences;
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    CHECK_FALSE(name_of(outcome).empty());
    CHECK_FALSE(describe(outcome).empty());
    names.insert(name_of(outcome));
    sentences.insert(describe(outcome));
  }
  CHECK(names.size() == kOutcomeCount);
  CHECK(sentences.size() == kOutcomeCount);
}

TEST_CASE("a limit of our own host is never charged to the target") {
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    CHECK((error_tag(outcome) == "host_limit") == is_host_limit(outcome));
  }
}

TEST_CASE("every kind of TLS failure carries the tag tls, every kind of redirect the tag redirect") {
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    CHECK((error_tag(outcome) == "tls") == name_of(outcome).starts_with("tls"));
    CHECK((error_tag(outcome) == "redirect") == name_of(outcome).starts_with("redirect."));
  }
}
