#include "target/truth.h"

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::target;
using namespace std::chrono_literals;

namespace {
TimePoint at(Duration d) {
  return TimePoint{d};
}
}  // namespace

TEST_CASE("the counts of all threads are added up, and can be set to zero") {
  Truth truth{2};
  truth.of_thread(0).requests = 2;
  truth.of_thread(1).requests = 3;
  truth.of_thread(1).statuses[404] = 1;
  CHECK(truth.json().find("\"requests\":5,") != std::string::npos);
  CHECK(truth.json().find("\"statuses\":{\"404\":1}}") != std::string::npos);
  truth.reset();
  CHECK(truth.json().find("\"requests\":0,") != std::string::npos);
}

TEST_CASE("a frozen server thaws when it was told to") {
  Truth truth{1};
  CHECK(truth.thawed_at(at(5s)) == at(5s));
  truth.stall({.length = 1s, .every = 10s, .times = 3}, at(100s));
  CHECK(truth.thawed_at(at(99s)) == at(99s));
  CHECK(truth.thawed_at(at(100s)) == at(101s));
  CHECK(truth.thawed_at(at(100s + 999ms)) == at(101s));
  CHECK(truth.thawed_at(at(101s)) == at(101s));
  CHECK(truth.thawed_at(at(120s + 1ms)) == at(121s));
  CHECK(truth.thawed_at(at(130s)) == at(130s));  // only three times
}
