#include "plan/picture.h"

#include <chrono>

#include <doctest/doctest.h>

using namespace gend::plan;
using namespace std::chrono_literals;

TEST_CASE("numbers are grouped and keep at most two decimals") {
  CHECK(show_number(0) == "0");
  CHECK(show_number(999) == "999");
  CHECK(show_number(1000) == "1,000");
  CHECK(show_number(1234567.891) == "1,234,567.89");
  CHECK(show_number(0.5) == "0.5");
}

TEST_CASE("a picture has eight lines of blocks, a scale and a time axis") {
  CHECK(draw({0, 4, 8, 8, 0.01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 10s, "users") ==
        "users\n"
        "8 ┤  ██\n"
        "  │  ██\n"
        "  │  ██\n"
        "  │  ██\n"
        "4 ┤ ███\n"
        "  │ ███\n"
        "  │ ███               █\n"
        "  │ ███▁              █\n"
        "0 └────────────────────\n"
        "   0s       5s      10s\n");
}

TEST_CASE("without load only the axis is drawn") {
  CHECK(draw({0, 0}, 1s, "users").starts_with("users\n0 └──\n"));
}
