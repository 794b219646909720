#include "control/start_at.h"

#include <doctest/doctest.h>

using gend::control::parse_start_at;
using gend::control::show_wall_time;

namespace {

// 2026-11-21T08:00:00Z; `date -u -d @1795248000` says so.
constexpr std::int64_t kNow = 1'795'248'000'000;

}  // namespace

TEST_CASE("a time is RFC 3339, in any offset, or a while from now") {
  for (const char* text : {"2026-11-21T08:00:10Z", "2026-11-21t08:00:10z", "2026-11-21 08:00:10Z",
                           "2026-11-21T09:00:10+01:00", "2026-11-21T03:30:10-04:30",
                           "2026-11-21T08:00:10.000Z", "2026-11-21T08:00:10.0009Z", "+10s"}) {
    CAPTURE(text);
    const auto at = parse_start_at(text, kNow);
    REQUIRE(at.has_value());
    CHECK(*at == kNow + 10'000);
  }
  CHECK(parse_start_at("2026-11-21T08:00:00.5Z", kNow) == kNow + 500);
  CHECK(parse_start_at("2026-11-21T08:00:00Z", kNow) == kNow);
  CHECK(parse_start_at("2026-11-22T08:00:00Z", kNow) == kNow + 24 * 3'600'000);
}

TEST_CASE("a time that has passed or is more than a day ahead is refused") {
  const auto past = parse_start_at("2026-11-21T07:59:59.999Z", kNow);
  REQUIRE_FALSE(past.has_value());
  CHECK(past.error() ==
        "2026-11-21T07:59:59.999Z has passed: here it is 2026-11-21T08:00:00.000Z");
  CHECK_FALSE(parse_start_at("2026-11-22T08:00:00.001Z", kNow).has_value());
  CHECK_FALSE(parse_start_at("+25h", kNow).has_value());
}

TEST_CASE("what is no time is refused") {
  for (const char* text : {"", "now", "10s", "+", "+10", "+-1s", "2026-11-21", "2026-11-21T08:00Z",
                           "2026-11-21T08:00:10", "2026-02-30T08:00:00Z", "2026-13-01T08:00:00Z",
                           "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z", "2026-11-21T08:00:61Z",
                           "2026-11-21T08:00:10.Z", "2026-11-21T08:00:10Zx",
                           "2026-11-21T08:00:10+0100", "26-11-21T08:00:10Z"}) {
    CAPTURE(text);
    const auto at = parse_start_at(text, kNow);
    REQUIRE_FALSE(at.has_value());
    CHECK(at.error().find("expected one like") != std::string::npos);
  }
}

TEST_CASE("a wall time is shown as RFC 3339 with milliseconds") {
  CHECK(show_wall_time(kNow + 7) == "2026-11-21T08:00:00.007Z");
  CHECK(show_wall_time(0) == "1970-01-01T00:00:00.000Z");
}
