#include "plan/units.h"

#include <chrono>

#include <doctest/doctest.h>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;

TEST_CASE("durations are read with every unit, fractions and combinations") {
  CHECK(parse_duration("500ms") == Duration{500ms});
  CHECK(parse_duration("10s") == Duration{10s});
  CHECK(parse_duration("5m") == Duration{5min});
  CHECK(parse_duration("1h") == Duration{1h});
  CHECK(parse_duration("1h30m") == Duration{90min});
  CHECK(parse_duration("1.5s") == Duration{1500ms});
  CHECK(parse_duration("1m0.5s") == Duration{60500ms});
  CHECK(parse_duration("2d") == Duration{48h});
  CHECK(parse_duration("7us") == Duration{7us});
  CHECK(parse_duration("9ns") == Duration{9ns});
  CHECK(parse_duration("0") == Duration{0});
  CHECK(parse_duration("0s") == Duration{0});
}

TEST_CASE("what is not a duration is none") {
  for (const char* text :
       {"",     "10",    "10 s", "s",   "-5s",  "+5s",  "1.s",  ".5s", "1e3s", "10 bananas",
        "5m5m", "30m1h", "1S",   "1ss", "infs", "nans", "0x1s", "1h ", " 1h",  "10,5s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
}

TEST_CASE("a duration without end saturates instead of overflowing") {
  const auto endless = parse_duration("99999999999999999999999999999h");
  REQUIRE(endless.has_value());
  CHECK(*endless > Duration{24h * 365});
}

TEST_CASE("a shown duration reads back as itself") {
  Rng rng{test::seed()};
  for (int i = 0; i < 2000; ++i) {
    // Whole microseconds up to 28 hours: eleven digits are enough for them.
    const Duration duration{static_cast<std::int64_t>(rng.below(100'000'000'000)) * 1000};
    CAPTURE(duration.count());
    CHECK(parse_duration(show_duration(duration)) == duration);
  }
}

TEST_CASE("durations are shown in the words in which they are written") {
  CHECK(show_duration(90min) == "1h30m");
  CHECK(show_duration(1500ms) == "1.5s");
  CHECK(show_duration(500ms) == "500ms");
  CHECK(show_duration(0s) == "0s");
  CHECK(show_duration(1h + 1us) == "1h0.000001s");
  CHECK(show_duration(1min + 20ns) == "1m0.00000002s");
  CHECK(show_duration(460s) == "7m40s");
  CHECK(show_duration(1h) == "1h");
}

TEST_CASE("a rate is a number, or a number with its own unit") {
  CHECK(parse_rate("50")->count == 50);
  CHECK_FALSE(parse_rate("50")->per.has_value());
  CHECK(parse_rate("0.5/s")->per == Duration{1s});
  CHECK(parse_rate("600/min")->per == Duration{1min});
  CHECK(parse_rate("600/m")->per == Duration{1min});
  CHECK(parse_rate("7/h")->per == Duration{1h});
  for (const char* text : {"", "/s", "10/", "10/banana", "10 bananas", "10 /s", "inf", "nan/s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text).has_value());
  }
}

TEST_CASE("a size is a number of bytes, or has a unit of its own") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("512") == 512);
  CHECK(parse_size("512B") == 512);
  CHECK(parse_size("1.5kB") == 1500);
  CHECK(parse_size("64KiB") == 65'536);
  CHECK(parse_size("1MiB") == 1'048'576);
  CHECK(parse_size("2MB") == 2'000'000);
  CHECK(parse_size("0.5GiB") == 536'870'912);
  CHECK(parse_size("1GB") == 1'000'000'000);
  for (const char* text : {"", "B", "MiB", "-1", "1.5", "1 MiB", "1KB", "1mib", "1e99", "x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
  }
}

TEST_CASE("numbers are whole texts within their range") {
  CHECK(parse_integer("-7") == -7);
  CHECK_FALSE(parse_integer("9223372036854775808").has_value());
  CHECK_FALSE(parse_integer("1.5").has_value());
  CHECK_FALSE(parse_integer("1 ").has_value());
  CHECK(parse_number("1e3") == 1000);
  CHECK_FALSE(parse_number("1e999").has_value());
}
