#include <doctest/doctest.h>

#include <string>

#include "doctor/calibration.h"

using namespace gend;
using doctor::Calibration;
using Json = nlohmann::ordered_json;

namespace {

Calibration sample() {
  return {{"0.1.0", "6.12.1", "Some CPU", 4, "E"}, 2, 1'795'000'000'123,
          {{"closed", 64, 0, 180'000, 8, 1.0, "SATURATED"},
           {"closed", 1000, 0, 160'000, 10, 1.0, "SATURATED"},
           {"open", 1000, 144'000, 143'990, 9, 0.8, "CLEAN"},
           {"open", 1000, 162'000, 161'000, 9, 0.97, "SATURATED"},
           {"connections", 64, 0, 30'000, 40, 0.9, "SUSPECT"}}};
}

std::string text_of(const Calibration& calibration) { return doctor::to_json(calibration).dump(); }

}  // namespace

TEST_CASE("a shard's ceiling is a second over the CPU of the dearer request") {
  const Calibration calibration = sample();
  CHECK(doctor::request_cpu_us(calibration) == 10);
  CHECK(doctor::measured_ceiling(calibration) == 180'000);
  CHECK(doctor::shard_ceiling(calibration) == doctest::Approx(100'000));  // 1 s / 10 us
  CHECK(doctor::open_ceiling(calibration) == 144'000);
}

TEST_CASE("a ceiling is never below what was measured") {
  Calibration calibration = sample();
  calibration.measured[1].cpu_us = 20;  // 50,000 a shard, and 90,000 were measured of each
  CHECK(doctor::shard_ceiling(calibration) == doctest::Approx(90'000));
  calibration.measured = {{"connections", 64, 0, 30'000, 40, 0.9, "CLEAN"}};
  CHECK(doctor::shard_ceiling(calibration) == 0);
  CHECK(doctor::open_ceiling(calibration) == 0);
}

TEST_CASE("a calibration of another gend, kernel, processor or profile is stale, and says why") {
  const Calibration calibration = sample();
  CHECK(doctor::stale_reasons(calibration, calibration.place).empty());
  doctor::Place now = calibration.place;
  now.kernel = "6.13.0";
  CHECK(doctor::stale_reasons(calibration, now) ==
        std::vector<std::string>{"kernel 6.12.1 then, 6.13.0 now"});
  now = {"0.2.0", "", "Other CPU", 8, "D"};
  const auto reasons = doctor::stale_reasons(calibration, now);
  REQUIRE(reasons.size() == 5);
  CHECK(reasons[0] == "gend 0.1.0 then, 0.2.0 now");
  CHECK(reasons[1] == "kernel 6.12.1 then, unknown now");
  CHECK(reasons[2] == "processor Some CPU then, Other CPU now");
  CHECK(reasons[3] == "4 processors then, 8 now");
  CHECK(reasons[4] == "io_uring profile E then, D now");
}

TEST_CASE("a calibration survives being written and read") {
  const auto read = doctor::parse_calibration(text_of(sample()));
  REQUIRE(read.has_value());
  CHECK(text_of(*read) == text_of(sample()));
  CHECK(read->at_ms == 1'795'000'000'123);
  CHECK(read->measured.size() == 5);
}

TEST_CASE("every prefix of a calibration is refused, not read as less") {
  const std::string whole = text_of(sample());
  for (std::size_t n = 0; n < whole.size(); ++n)
    CHECK_FALSE(doctor::parse_calibration(whole.substr(0, n)).has_value());
}

TEST_CASE("a calibration with a member that is missing or is none is refused") {
  const Json good = doctor::to_json(sample());
  for (const char* name : {"calibration", "gend", "kernel", "cpu", "cpus", "profile", "shards",
                           "calibrated_ms", "measured"}) {
    Json bad = good;
    bad.erase(name);
    CHECK_MESSAGE(!doctor::parse_calibration(bad.dump()).has_value(), std::string{name});
    bad[name] = Json::array({Json::object()});
    CHECK_MESSAGE(!doctor::parse_calibration(bad.dump()).has_value(), std::string{name});
  }
  for (const char* name : {"kind", "connections", "asked_per_second", "per_second", "cpu_us",
                           "busiest", "verdict"}) {
    Json bad = good;
    bad["measured"][0].erase(name);
    CHECK_MESSAGE(!doctor::parse_calibration(bad.dump()).has_value(), std::string{name});
  }
  const auto spoiled = [&](const char* name, Json value) {
    Json bad = good;
    bad["measured"][0][name] = std::move(value);
    return !doctor::parse_calibration(bad.dump()).has_value();
  };
  CHECK(spoiled("per_second", -1));
  CHECK(spoiled("per_second", 1e300));
  CHECK(spoiled("cpu_us", "8"));
  CHECK(spoiled("kind", "sideways"));
  Json bad = good;
  bad["shards"] = 0;
  CHECK_FALSE(doctor::parse_calibration(bad.dump()).has_value());
  bad = good;
  bad["calibration"] = 2;
  CHECK_FALSE(doctor::parse_calibration(bad.dump()).has_value());
  bad = good;
  bad["measured"] = Json::array();
  CHECK_FALSE(doctor::parse_calibration(bad.dump()).has_value());
  for (int i = 0; i < 101; ++i) bad["measured"].push_back(good["measured"][0]);
  CHECK_FALSE(doctor::parse_calibration(bad.dump()).has_value());
  bad["measured"] = Json::array({good["measured"][4]});  // new connections only
  CHECK_FALSE(doctor::parse_calibration(bad.dump()).has_value());
}

namespace {

// The search against a host that keeps every rate up to `truth`.
double found_for(double truth, double guess, double most, unsigned steps) {
  doctor::RateSearch search{guess, most, steps};
  unsigned asked = 0;
  while (!search.done()) {
    ++asked;
    CHECK(search.next() <= most);
    CHECK(search.next() > 0);
    search.tell(search.next() <= truth ? doctor::RateSearch::Kept::kYes
                                       : doctor::RateSearch::Kept::kNo);
  }
  CHECK(asked <= steps);
  return search.best();
}

}  // namespace

TEST_CASE("the search for a rate ends with one that was kept, near the highest") {
  for (const double truth : {30'000.0, 79'000.0, 80'000.0, 97'000.0, 149'000.0}) {
    const double best = found_for(truth, 80'000, 150'000, 8);
    CHECK(best <= truth);
    CHECK(best >= truth * 0.9);
  }
  CHECK(found_for(1e9, 80'000, 150'000, 8) == 150'000);  // never beyond what may be tried
  CHECK(found_for(0, 80'000, 150'000, 5) == 0);          // none is kept
  CHECK(found_for(90'000, 80'000, 150'000, 1) == 80'000);
  CHECK(found_for(90'000, 80'000, 150'000, 0) == 0);
  CHECK(found_for(90'000, 80'000, 50'000, 5) == 50'000);
}
