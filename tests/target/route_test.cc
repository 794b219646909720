#include "target/route.h"

#include <doctest/doctest.h>

using namespace gend::target;
using namespace std::chrono_literals;

TEST_CASE("the paths of gentarget mean what its help says") {
  CHECK(route("/").bytes == 13);
  CHECK(route("/?x=1").status == 200);
  CHECK(route("/bytes/16384").bytes == 16384);
  CHECK(route("/delay/250").delay == 250ms);
  CHECK(route("/status/503").status == 503);
  CHECK(route("/counts").action == Action::kCounts);
  CHECK(route("/counts/reset").action == Action::kReset);
  CHECK(route("/nowhere").status == 404);
}

TEST_CASE("numbers that are none, or too large, are answered with 400") {
  for (const char* bad : {"/bytes/", "/bytes/-1", "/bytes/1x", "/bytes/99999999999999999999",
                          "/delay/soon", "/delay/3600000", "/status/99", "/status/1000", "/stall",
                          "/stall?ms=0", "/stall?seconds=1", "/stall?ms=10&every=5&times=3"})
    CHECK_MESSAGE(route(bad).status == 400, bad);
}

TEST_CASE("a stall has a length and may come again") {
  const Route once = route("/stall?ms=1000");
  CHECK(once.action == Action::kStall);
  CHECK(once.stall.length == 1s);
  CHECK(once.stall.times == 1);
  const Route often = route("/stall?ms=100&every=1000&times=5");
  CHECK(often.stall.every == 1s);
  CHECK(often.stall.times == 5);
}
