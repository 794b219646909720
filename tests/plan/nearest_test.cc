#include "plan/nearest.h"

#include <doctest/doctest.h>

using namespace gend::plan;

TEST_CASE("an insertion, a deletion, a replacement and a swap each count one edit") {
  CHECK(edit_distance("duration", "durration") == 1);
  CHECK(edit_distance("duration", "duraton") == 1);
  CHECK(edit_distance("duration", "durasion") == 1);
  CHECK(edit_distance("duration", "duratoin") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("capitals do not count as edits") {
  CHECK(edit_distance("startvus", "startVUs") == 0);
}

TEST_CASE("the distance is the same in both directions") {
  CHECK(edit_distance("thresholds", "treshold") == edit_distance("treshold", "thresholds"));
}

TEST_CASE("only a near word is suggested, and the nearest of several") {
  CHECK(nearest("treshold", {"thresholds", "scenarios"}) == "thresholds");
  CHECK(nearest("vus", {"rate", "vus_max", "vu"}) == "vu");
  CHECK(nearest("zebra", {"thresholds", "scenarios"}).empty());
  CHECK(nearest("", {"a"}).empty());
  CHECK(nearest("x", {"a", "b"}).empty());
}

TEST_CASE("a word that was cut short means the one that goes on") {
  CHECK(nearest("BASE", {"TOKEN", "BASE_URL"}) == "BASE_URL");
  CHECK(nearest("BA", {"TOKEN", "BASE_URL"}).empty());
}

TEST_CASE("without a near word the hint lists what is known") {
  CHECK(hint("zebra", {"get", "post"}) == "known: get, post");
  CHECK(hint("psot", {"get", "post"}) == "did you mean \"post\"?");
}
