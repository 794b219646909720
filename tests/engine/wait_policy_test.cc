#include "engine/wait_policy.h"

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::engine;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kStart{1s};

// After `turns` turns that follow each other by `gap`, and the time of the last of them.
TimePoint after_turns(WaitPolicy& policy, int turns, Duration gap, TimePoint from = kStart) {
  for (int i = 0; i < turns; ++i) policy.note_turn(from += gap);
  return from;
}

}  // namespace

TEST_CASE("by our own clock, no answer waits for longer than a fiftieth of what answers take") {
  const WaitPolicy policy{net::Stamps::kOurs};
  const auto how = policy.wait(kStart + 1s, 1000, 2ms);
  CHECK(how.deadline == kStart + 1s);
  CHECK(how.completions == 32);
  CHECK(how.linger == 40us);
  CHECK(policy.wait(kStart + 1s, 1000, 1s).linger == 100us);
}

TEST_CASE("by our own clock, a few requests are never collected") {
  const WaitPolicy policy{net::Stamps::kOurs};
  const auto how = policy.wait(kStart + 1s, 15, 2ms);
  CHECK(how.completions == 1);
  CHECK(how.linger == 0us);
  CHECK(policy.wait(kStart + 1s, 16, 2ms).completions == 8);
}

TEST_CASE("with the kernel's stamps, a shard with little to do wakes for everything") {
  WaitPolicy policy{net::Stamps::kKernel};
  const TimePoint now = after_turns(policy, 1000, 250us);
  const auto how = policy.wait(now + 5us, 1000, 2ms);
  CHECK(how.deadline == now + 5us);
  CHECK(how.completions == 1);
}

TEST_CASE("with the kernel's stamps, turns that come thick and fast are kept a quantum apart") {
  WaitPolicy policy{net::Stamps::kKernel};
  const TimePoint now = after_turns(policy, 200, 25us);
  const auto soon = policy.wait(now + 5us, 3, 40us);
  CHECK(soon.deadline == now + WaitPolicy::kQuantum);
  CHECK(soon.completions == 32);
  CHECK(soon.linger == WaitPolicy::kQuantum);
  SUBCASE("what is due later than that is not put off") {
    CHECK(policy.wait(now + 1ms, 3, 40us).deadline == now + 1ms);
  }
  SUBCASE("kept apart, they stay so") {
    const TimePoint later = after_turns(policy, 1000, WaitPolicy::kQuantum + 20us, now);
    CHECK(policy.wait(later + 5us, 3, 40us).completions == 32);
  }
  SUBCASE("until there is less to do") {
    const TimePoint later = after_turns(policy, 1000, 300us, now);
    CHECK(policy.wait(later + 5us, 3, 40us).completions == 1);
  }
}
