#include "ring/ring.h"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "enabled_ring.h"

using namespace gend;
using namespace gend::ring;
using namespace std::chrono_literals;

// Sleeps are asked to end early, the more so the more of them there were.
TEST_CASE("a wait without completions never ends before its deadline") {
  const auto ring = enabled_ring();
  for (int i = 0; i < 2000; ++i) {
    const TimePoint now = MonotonicClock::now();
    const TimePoint deadline = now + Duration{i * 97 % 300'000};
    ring->submit_and_wait({.deadline = deadline, .completions = 1u + i % 2 * 31}, now);
    REQUIRE(MonotonicClock::now() >= deadline);
  }
}

TEST_CASE("a completion ends a wait, and it is there") {
  const auto ring = enabled_ring();
  const int event = ::eventfd(1, EFD_CLOEXEC);
  REQUIRE(event >= 0);
  std::uint64_t count = 0;
  ring->read(7, event, &count, sizeof count);
  const TimePoint now = MonotonicClock::now();
  ring->submit_and_wait({.deadline = now + 60s}, now);
  CHECK(MonotonicClock::now() < now + 60s);
  unsigned seen = 0;
  ring->for_each_completion([&](const Completion& c) {
    CHECK(c.user_data == 7);
    ++seen;
  });
  CHECK(seen == 1);
  CHECK(count == 1);
  ::close(event);
}
