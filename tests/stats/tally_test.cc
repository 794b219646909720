#include "stats/tally.h"

#include <doctest/doctest.h>

#include <set>

using namespace gend;
using namespace gend::stats;

TEST_CASE("every way a request can end has a key of its own") {
  std::set<std::size_t> keys;
  std::size_t ways = 0;
  for (int status = 100; status < 1000; ++status)
    for (const Outcome outcome : {Outcome::kOk, Outcome::kStatus4xx}) {
      keys.insert(Tally::key(outcome, status));
      ++ways;
    }
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    keys.insert(Tally::key(static_cast<Outcome>(i), 0));
    ++ways;
  }
  CHECK(keys.size() == ways);
  for (const std::size_t key : keys) CHECK(key < Tally::kKeys);
}

TEST_CASE("a 404 that the plan expects is no error, and one that it does not is") {
  const auto wanted = Tally::key(Outcome::kOk, 404);
  const auto unwanted = Tally::key(Outcome::kStatus4xx, 404);
  CHECK(status_of_key(wanted) == 404);
  CHECK(status_of_key(unwanted) == 404);
  CHECK(error_tag_of_key(wanted).empty());
  CHECK(error_name_of_key(wanted).empty());
  CHECK(error_tag_of_key(unwanted) == "status_4xx");
  CHECK(error_name_of_key(unwanted) == "status.4xx");
  CHECK(error_tag_of_key(Tally::key(Outcome::kStatus5xx, 503)) == "status_5xx");
  CHECK(error_tag_of_key(Tally::key(Outcome::kStatus4xx, 200)) == "status_unexpected");
}

TEST_CASE("a request that was not answered counts by its outcome, whatever the status it saw") {
  const auto key = Tally::key(Outcome::kTimeoutTotal, 200);
  CHECK(status_of_key(key) == 0);
  CHECK(error_tag_of_key(key) == "timeout");
  CHECK(error_name_of_key(key) == "timeout.total");
  CHECK(error_sentence_of_key(key) == describe(Outcome::kTimeoutTotal));
}

TEST_CASE("an impossible status is never a key outside the array") {
  for (const int status : {-1, 0, 99, 1000, 100000})
    for (std::size_t i = 0; i < kOutcomeCount; ++i)
      CHECK(Tally::key(static_cast<Outcome>(i), status) == i);
}
