#include "base/timer_queue.h"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace std::chrono_literals;

namespace {
TimePoint at(Duration d) {
  return TimePoint{d};
}
}  // namespace

TEST_CASE("a timer fires at its deadline and not a nanosecond before") {
  TimerQueue queue;
  Timer timer;
  queue.arm(timer, at(1s));
  CHECK(queue.next() == at(1s));
  int fired = 0;
  queue.expire(at(1s - 1ns), [&](Timer&) { ++fired; });
  CHECK(fired == 0);
  queue.expire(at(1s), [&](Timer& t) {
    CHECK(&t == &timer);
    CHECK_FALSE(t.armed());
    ++fired;
  });
  CHECK(fired == 1);
  CHECK(queue.next() == kNever);
}

TEST_CASE("a cancelled timer never fires, and cancelling twice is harmless") {
  TimerQueue queue;
  Timer timer;
  queue.arm(timer, at(5ms));
  queue.cancel(timer);
  queue.cancel(timer);
  queue.expire(at(1h), [](Timer&) { FAIL("fired"); });
  CHECK(queue.size() == 0);
}

TEST_CASE("a timer may be armed again while it fires, and waits for the next expiry") {
  TimerQueue queue;
  Timer timer;
  queue.arm(timer, at(1ms));
  int fired = 0;
  queue.expire(at(2ms), [&](Timer& t) {
    ++fired;
    queue.arm(t, at(1ms));  // already past
  });
  CHECK(fired == 1);
  CHECK(queue.next() <= at(2ms));
  queue.expire(at(2ms), [&](Timer&) { ++fired; });
  CHECK(fired == 2);
}

TEST_CASE("against an ordered map: the same timers fire, in any mix of arm, cancel and expire") {
  Rng rng{test::seed()};
  TimerQueue queue;
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 500; ++i) timers.push_back(std::make_unique<Timer>());
  std::map<Timer*, TimePoint> model;
  TimePoint now{};
  for (int round = 0; round < 20000; ++round) {
    Timer& timer = *timers[rng.below(timers.size())];
    if (rng.below(4) == 0) {
      queue.cancel(timer);
      model.erase(&timer);
    } else if (!timer.armed()) {
      const Duration ahead{static_cast<std::int64_t>(rng.below(std::uint64_t{1} << rng.below(40)))};
      queue.arm(timer, now + ahead - 5ns);
      model[&timer] = now + ahead - 5ns;
    }
    if (rng.below(3) != 0) continue;
    now += Duration{static_cast<std::int64_t>(rng.below(std::uint64_t{1} << rng.below(36)))};
    for (const auto& [t, deadline] : model) REQUIRE(queue.next() <= std::max(deadline, now));
    queue.expire(now, [&](Timer& t) {
      REQUIRE(model.contains(&t));
      CHECK(model[&t] <= now);
      model.erase(&t);
    });
    for (const auto& [t, deadline] : model) REQUIRE(deadline > now);
    REQUIRE(queue.size() == model.size());
  }
  for (auto& t : timers) queue.cancel(*t);
}
