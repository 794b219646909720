#include "net/stamp_clock.h"

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::net;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kWall = 1'800'000'000'000'000'000;  // ns since 1970 when our clock says 0

StampClock running_at(TimePoint now) {
  StampClock clock;
  clock.read(now - 1ms, kWall + (now - 1ms).time_since_epoch().count());
  clock.read(now, kWall + now.time_since_epoch().count());
  return clock;
}

}  // namespace

TEST_CASE("what the kernel stamped 30 us ago came 30 us ago") {
  const TimePoint now{5s};
  const StampClock clock = running_at(now);
  CHECK(clock.at(kWall + std::int64_t{4'999'970'000}) == now - 30us);
}

TEST_CASE("without a stamp, or with one of the future, it came now") {
  const TimePoint now{5s};
  const StampClock clock = running_at(now);
  CHECK(clock.at(0) == now);
  CHECK(clock.at(kWall + std::int64_t{5'000'000'001}) == now);
}

TEST_CASE("a batch in which the wall clock was set has no stamps, the next one has") {
  const TimePoint now{5s};
  for (const std::int64_t step : {std::int64_t{3'600'000'000'000}, std::int64_t{-2'000'000}}) {
    StampClock clock = running_at(now);
    clock.read(now + 1ms, kWall + step + std::int64_t{5'001'000'000});
    CHECK(clock.at(kWall + std::int64_t{5'000'500'000}) == now + 1ms);
    clock.read(now + 2ms, kWall + step + std::int64_t{5'002'000'000});
    CHECK(clock.at(kWall + step + std::int64_t{5'001'900'000}) == now + 1900us);
  }
}

TEST_CASE("the first batch has no stamps: nothing says yet that the wall clock stands still") {
  StampClock clock;
  clock.read(TimePoint{5s}, kWall);
  CHECK(clock.at(kWall - 10) == TimePoint{5s});
}
