#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "control/calibration_file.h"
#include "control/fake_engine.h"
#include "control/host_view.h"
#include "control/temp_dir.h"

using namespace gend;
using control::CalibrationFile;
namespace fs = std::filesystem;

namespace {

doctor::Calibration sample(double cpu_us = 10) {
  return {{"0.1.0", "6.1.0-test", "Some CPU", 4, "E"}, 2, 1'795'291'891'000,
          {{"closed", 64, 0, 150'000, cpu_us, 1, "CLEAN"}}};
}

std::size_t files_in(const std::string& folder) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& each : fs::directory_iterator{folder}) ++n;
  return n;
}

}  // namespace

TEST_CASE("what was written is read; the folder is made, and nothing else is left in it") {
  const test::TempDir dir;
  const CalibrationFile file{dir / "a/b/calibration.json"};
  REQUIRE(file.write(sample()).has_value());
  REQUIRE(file.write(sample(20)).has_value());  // replaced
  const auto read = file.read();
  REQUIRE(read.has_value());
  REQUIRE(read->has_value());
  CHECK(doctor::request_cpu_us(**read) == 20);
  CHECK(files_in(dir / "a/b") == 1);
}

TEST_CASE("a file that is not there is none, one that cannot be understood is named") {
  const test::TempDir dir;
  const CalibrationFile file{dir / "calibration.json"};
  REQUIRE(file.read().has_value());
  CHECK_FALSE(file.read()->has_value());
  for (const std::string& text : {std::string{}, std::string{"{"}, std::string(100, '\0'),
                                  std::string(400'000, ' '), std::string{"[1]"}}) {
    std::ofstream{file.path()} << text;
    const auto read = file.read();
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().find(file.path()) == 0);
  }
  fs::remove(file.path());
  fs::create_directory(file.path());
  CHECK_FALSE(file.read().has_value());
}

TEST_CASE("a calibration that cannot be written leaves the one before as it was") {
  const test::TempDir dir;
  const CalibrationFile file{dir / "calibration.json"};
  REQUIRE(file.write(sample()).has_value());
  std::ofstream{dir / "plain"} << "x";
  CHECK_FALSE(CalibrationFile{dir / "plain/calibration.json"}.write(sample()).has_value());
  fs::create_directories(dir / "taken/x");
  const CalibrationFile taken{dir / "taken"};  // rename() onto a folder that is not empty
  CHECK_FALSE(taken.write(sample()).has_value());
  CHECK(files_in(dir.str()) == 3);
  CHECK(file.read()->has_value());
}

TEST_CASE("a gend that keeps nothing has no calibration and takes none") {
  const CalibrationFile nowhere;
  CHECK_FALSE(nowhere.read()->has_value());
  const auto written = nowhere.write(sample());
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().remedy.find("--state") != std::string::npos);
}

TEST_CASE("a ceiling is for as many shards as the run has") {
  const auto facts = control::ceiling_of(sample(), sample().place, 3);
  CHECK(facts.requests_per_second == doctest::Approx(300'000));
  CHECK(facts.shards == 2);
  CHECK(facts.calibrated_at == "2026-11-21T20:11:31Z");
  CHECK(facts.stale.empty());
  doctor::Place other = sample().place;
  other.kernel = "7.0";
  CHECK(control::ceiling_of(sample(), other, 3).stale.size() == 1);
}

TEST_CASE("the place is this gend's, with the profile of its rings") {
  const test::FakeEngine engine;
  const doctor::Place place = control::place_of(engine, "io_uring profile D on 6.12.1 (…)");
  CHECK(place.gend == GEND_VERSION);
  CHECK(place.kernel == "6.1.0-test");
  CHECK(place.profile == "D");
  CHECK(control::place_of(engine, "").profile.empty());
  CHECK(control::place_of(engine, "profile ").profile.empty());
}

TEST_CASE("questions about a host are numbers, rates and addresses, or are refused") {
  using control::host_question;
  const auto asked = host_question({{"connections", "50000"}, {"rate", "600/min"},
                                    {"target", "[::1]:8080"}});
  REQUIRE(asked.has_value());
  CHECK(asked->wish.connections == 50'000);
  CHECK(asked->wish.rate == doctest::Approx(10));
  CHECK(asked->target == "[::1]:8080");
  CHECK(host_question({})->wish.connections == 1000);
  for (const char* good : {"shop", "shop:1", "10.0.0.1:65535", "::1", "[::1]"})
    CHECK_MESSAGE(host_question({{"target", good}}).has_value(), std::string{good});
  for (const char* bad : {"", ":80", "shop:", "shop:0", "shop:65536", "shop:x", "[::1", "[]:80",
                          "[::1]x", "[::1]:"})
    CHECK_MESSAGE(!host_question({{"target", bad}}).has_value(), std::string{bad});
  for (const char* bad : {"", "0", "-1", "1e3", "100000001", "99999999999999999999"})
    CHECK_MESSAGE(!host_question({{"connections", bad}}).has_value(), std::string{bad});
  CHECK_FALSE(host_question({{"rate", "fast"}}).has_value());
  CHECK_FALSE(host_question({{"more", "1"}}).has_value());
}

TEST_CASE("a view of the host judges with the calibration, and without one says so") {
  const test::TempDir dir;
  const test::FakeEngine engine;
  const engine::FleetOptions fleet{.shards = 2};
  const CalibrationFile file{dir / "calibration.json"};
  const auto ceiling = [&] {
    const auto view = control::host_view(engine, {fleet, file}, {.wish = {.rate = 150'000}, .target = {}});
    for (const auto& each : view["findings"])
      if (each["name"] == "ceiling") return each;
    return nlohmann::ordered_json{};
  };
  CHECK(ceiling()["found"] == "this host was not calibrated");
  REQUIRE(file.write(sample()).has_value());
  CHECK(ceiling()["found"] == "calibrated: 200,000/s with 2 shards");
  CHECK(ceiling()["state"] == "note");  // of another processor, and so stale
}

TEST_CASE("a view says why there is no ring") {
  test::FakeEngine engine;
  engine.rings = {{}, 0, "io_uring is switched off", "switch it on"};
  const engine::FleetOptions fleet;
  const CalibrationFile none;
  const auto view = control::host_view(engine, {fleet, none}, {});
  CHECK(view["state"] == "problem");
  CHECK(view["findings"][0]["found"] == "io_uring is switched off");
  CHECK(view["shards"] == 4);  // one for each CPU
}
