#include <doctest/doctest.h>

#include "cli/calibrating.h"

using namespace gend;
using Json = nlohmann::ordered_json;

namespace {

Json summary_of(double requests, double elapsed) {
  return {{"metrics", {{"http_reqs", {{"values", {{"count", requests}}}}},
                       {"http_req_failed", {{"values", {{"passes", 0}}}}}}},
          {"run", {{"exit_code", 0}, {"end_reason", "finished"}, {"elapsed_s", elapsed},
                   {"work", {{"planned", 1000}, {"started", 1000}}}}},
          {"generator", {{"verdict", "CLEAN"}, {"shards", 2},
                         {"cpu", {{"average_percent", 50}, {"busiest_percent", 80}}}}}};
}

}  // namespace

TEST_CASE("processors are divided between the load and its target, and shared where one is all") {
  const auto by = [](std::vector<int> cpus, std::optional<unsigned> shards) {
    return cli::divide(cpus, shards);
  };
  CHECK(by({0, 1}, {}).gend == std::vector{0});
  CHECK(by({0, 1}, {}).target == std::vector{1});
  CHECK(by({0, 1}, {}).shards == 1);
  CHECK(by({2, 3, 5, 7, 9}, {}).gend == std::vector{2, 3});
  CHECK(by({2, 3, 5, 7, 9}, {}).target == std::vector{5, 7, 9});
  CHECK(by({0, 1, 2, 3}, 3).target == std::vector{3});
  CHECK(by({0, 1}, 2).gend == std::vector{0, 1});
  CHECK(by({0, 1}, 2).target == std::vector{0, 1});
  CHECK(by({0, 1}, 9).shards == 9);
  CHECK(by({4}, {}).gend == std::vector{4});
  CHECK(by({4}, {}).target == std::vector{4});
  CHECK(by({}, {}).shards == 1);
}

TEST_CASE("a measurement is requests over time, and the shards' CPU over requests") {
  // Two shards busy half of 4 s: 4 s of CPU for 400,000 requests.
  const auto found = cli::measured_by({"closed", 64}, summary_of(400'000, 4));
  REQUIRE(found.has_value());
  CHECK(found->per_second == doctest::Approx(100'000));
  CHECK(found->cpu_us == doctest::Approx(10));
  CHECK(found->busiest == doctest::Approx(0.8));
  CHECK(found->verdict == "CLEAN");
}

TEST_CASE("an open model that did not begin every arrival is not clean") {
  Json summary = summary_of(1000, 1);
  summary["run"]["work"]["started"] = 999;
  CHECK(cli::measured_by({"open", 1000, 1000}, summary)->verdict == "DROPPED");
  CHECK(cli::measured_by({"closed", 1000}, summary)->verdict == "CLEAN");
  summary["generator"]["verdict"] = "SUSPECT";
  CHECK(cli::measured_by({"open", 1000, 1000}, summary)->verdict == "SUSPECT");
}

TEST_CASE("a run that failed, or was no run, measures nothing") {
  Json summary = summary_of(1000, 1);
  summary["run"]["exit_code"] = 105;
  CHECK_FALSE(cli::measured_by({"closed", 64}, summary).has_value());
  summary = summary_of(1000, 1);
  summary["metrics"]["http_req_failed"]["values"]["passes"] = 11;  // more than one of a hundred
  CHECK_FALSE(cli::measured_by({"closed", 64}, summary).has_value());
  CHECK_FALSE(cli::measured_by({"closed", 64}, summary_of(0, 1)).has_value());
  CHECK_FALSE(cli::measured_by({"closed", 64}, summary_of(5, 0)).has_value());
  CHECK_FALSE(cli::measured_by({"closed", 64}, Json{}).has_value());
}

TEST_CASE("the plans of a calibration name target, users or rate, and its length") {
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != text.npos;
  };
  const std::string closed = cli::plan_of({"closed", 64}, "http://127.0.0.1:9", 3);
  CHECK(has(closed, "target: http://127.0.0.1:9\n"));
  CHECK(has(closed, "constant-vus, vus: 64, duration: 3s"));
  CHECK_FALSE(has(closed, "keepAlive"));
  CHECK(has(cli::plan_of({"open", 1000, 12'345.6}, "http://a", 2), "rate: 12346, duration: 2s"));
  CHECK(has(cli::plan_of({"connections", 64}, "http://a", 2), "keepAlive: false"));
}

TEST_CASE("the text of a calibration names both ceilings and where it is kept") {
  const Json kept{{"gend", "0.1.0"}, {"kernel", "6.12"}, {"profile", "E"}, {"shards", 1},
                  {"measured_requests_per_second", 90'000.4},
                  {"cpu_us_per_request", 10}, {"shard_requests_per_second", 100'000},
                  {"file", "/x/calibration.json"},
                  {"measured", {{{"kind", "closed"}, {"connections", 64}, {"per_second", 90'000.4},
                                 {"cpu_us", 10}, {"busiest", 1}, {"verdict", "CLEAN"}},
                                {{"kind", "open"}, {"connections", 1000},
                                 {"asked_per_second", 70'000}, {"per_second", 69'999},
                                 {"cpu_us", 9}, {"busiest", 0.7}, {"verdict", "SUSPECT"}}}}};
  const std::string text = cli::calibration_text(kept, {});
  for (const char* part : {"closed model, 64 connections", "90,000/s", "10.0µs", "100%",
                           "open model, 70,000/s asked", "SUSPECT", "100,000/s for each shard",
                           "At least", "/x/calibration.json"})
    CHECK_MESSAGE(text.find(part) != text.npos, std::string{part});
  CHECK(text.find("No rate of the open model was kept to") != text.npos);
  Json clean = kept;
  clean["measured"][1]["verdict"] = "CLEAN";
  CHECK(cli::calibration_text(clean, {}).find("No rate of") == text.npos);
  CHECK(cli::calibration_text(clean, {}).find("✓ on time") != text.npos);
  CHECK_NOTHROW((void)cli::calibration_text(Json{}, {}));  // of another version
}
