#include "stats/words.h"

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

TEST_CASE("durations carry three digits and the unit that fits") {
  CHECK(duration_text(0ns) == "0s");
  CHECK(duration_text(850ns) == "850ns");
  CHECK(duration_text(1us) == "1.00µs");
  CHECK(duration_text(12'340ns) == "12.3µs");
  CHECK(duration_text(1'234us) == "1.23ms");
  CHECK(duration_text(148'210us) == "148ms");
  CHECK(duration_text(4'500ms) == "4.50s");
  CHECK(duration_text(59'940ms) == "59.9s");
  CHECK(duration_text(60s) == "1m00s");
  CHECK(duration_text(725s) == "12m05s");
  CHECK(duration_text(1h + 2min + 5s) == "1h02m05s");
}

TEST_CASE("a number that rounds up takes the next unit, never four digits or 60 seconds") {
  CHECK(duration_text(999'999ns) == "1.00ms");
  CHECK(duration_text(9'999us) == "10.0ms");
  CHECK(duration_text(99'990us) == "100ms");
  CHECK(duration_text(999'700us) == "1.00s");
  CHECK(duration_text(59'990ms) == "1m00s");
  CHECK(count_text(999'700) == "1.00M");
  CHECK(bytes_text(999'900) == "1.00 MB");
}

TEST_CASE("counts are whole where they can be and short where they must") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(7) == "7");
  CHECK(count_text(950) == "950");
  CHECK(count_text(12.34) == "12.3");
  CHECK(count_text(0.5) == "0.50");
  CHECK(count_text(12'345) == "12.3k");
  CHECK(count_text(4'560'000) == "4.56M");
}

TEST_CASE("bytes are in decimal units") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(512) == "512 B");
  CHECK(bytes_text(1234) == "1.23 kB");
  CHECK(bytes_text(45.6e6) == "45.6 MB");
}

TEST_CASE("numbers are grouped and nouns agree with them") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(12'345'678) == "12,345,678");
  CHECK(counted(1, "start") == "1 start");
  CHECK(counted(0, "start") == "0 starts");
  CHECK(counted(2500, "start") == "2,500 starts");
  CHECK(times(1) == "once");
  CHECK(times(2) == "twice");
  CHECK(times(2500) == "2,500 times");
}
