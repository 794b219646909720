#include "cli/simulation_text.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

using namespace gend;
using Json = nlohmann::ordered_json;

namespace {

Json row(double from, double users, const char* stage) {
  return {{"from_s", from},        {"to_s", from + 60},   {"stage", stage},
          {"users", users},        {"started_per_s", 1},  {"requests_per_s", 12.5},
          {"in_flight", 0.25},     {"p50_ms", 20.0},      {"p99_ms", 200.0},
          {"received_per_s", 25600}, {"failed", 0},       {"waiting", 0},
          {"dropped", 0},          {"requests", 750},     {"steps_per_s", {10.0, 2.5}}};
}

Json sample() {
  return {{"simulated", true},
          {"name", "peak"},
          {"seed", 7},
          {"segment", "1/1"},
          {"end", "finished"},
          {"length_s", 120},
          {"row_s", 60},
          {"model", {{"words", "20ms a request, any number at once"}, {"workers", 0}, {"fail", 0}}},
          {"totals", {{"planned", 120}, {"started", 120}, {"completed", 118}, {"requests", 1500},
                      {"peak_users", 50}, {"peak_users_at_s", 61.5}, {"peak_connections", 50},
                      {"peak_requests_per_s", 31}, {"peak_requests_at_s", 62},
                      {"interrupted", 2}}},
          {"data", {{{"name", "user"}, {"rows", 1000}, {"used", 120}}}},
          {"scenarios",
           {{{"name", "visit"}, {"executor", "ramping-vus"}, {"started", 120}, {"requests", 1500},
             {"peak_users", 50}, {"peak_requests_per_s", 31},
             {"rows", {row(0, 10.5, "up"), row(60, 50, "full")}},
             {"steps", {{{"name", "/a"}, {"method", "GET"}, {"requests", 1200}, {"failed", 0},
                         {"p50_ms", 20.0}, {"p99_ms", 200.0}},
                        {{"name", "/b"}, {"method", "POST"}, {"requests", 300}, {"failed", 3},
                         {"p50_ms", 20.0}, {"p99_ms", 200.0}}}}}}},
          {"thresholds", {{{"metric", "http_req_failed"}, {"threshold", "rate<0.01"}, {"ok", true},
                           {"has_data", true}, {"value", 0.0}}}},
          {"assumptions", {"captures give made-up values: token"}}};
}

bool has(const std::string& text, const char* part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a simulation says first of all that it is one, and that nothing was sent") {
  const std::string text = cli::simulation_text(sample(), {});
  CHECK(text.starts_with("\n  SIMULATED"));
  CHECK(has(text, "Nothing was sent"));
  CHECK(has(text, "20ms a request, any number at once"));
}

TEST_CASE("rows, steps, peaks, data, thresholds and assumptions are all there") {
  const std::string text = cli::simulation_text(sample(), {});
  for (const char* part : {"up ", "full", "10.5", "12.5", "GET /a", "POST /b", "1,200", "31, at 1m2s",
                           ": 118", "2: begun, not over at the end",
                           "120 of 1,000 used", "under the model", "http_req_failed rate<0.01",
                           "captures give made-up values: token", "peak connections"}) {
    CAPTURE(part);
    CHECK(has(text, part));
  }
  CHECK_FALSE(has(text, "waiting"));  // nothing did
}

TEST_CASE("columns for what goes wrong come when something does, and lines stay in their width") {
  Json simulation = sample();
  simulation["scenarios"][0]["rows"][1]["dropped"] = 5;
  simulation["scenarios"][0]["rows"][1]["failed"] = 1;
  simulation["scenarios"][0]["rows"][1]["waiting"] = 12345;
  for (const std::size_t width : {80U, 120U}) {
    std::istringstream text{cli::simulation_text(simulation, {.width = width})};
    bool seen = false;
    for (std::string line; std::getline(text, line);) {
      CAPTURE(line);
      CHECK(report::columns_of(line) <= width);
      seen |= has(line, "waiting") && has(line, "dropped") && has(line, "failed");
    }
    CHECK(seen);
  }
}

TEST_CASE("requests a second of each step stand in wide terminals") {
  const auto lines_with = [](std::size_t width) {
    const std::string text = cli::simulation_text(sample(), {.width = width});
    return has(text, "/a         /b");
  };
  CHECK_FALSE(lines_with(80));
  CHECK(lines_with(120));
}

TEST_CASE("a stopped simulation says when; names cannot play tricks; damage is no crash") {
  Json simulation = sample();
  simulation["end"] = "stopped";
  simulation["name"] = "x\x1b[2J";
  const std::string text = cli::simulation_text(simulation, {});
  CHECK(has(text, "stopped after 2m"));
  CHECK_FALSE(has(text, "\x1b"));
  CHECK(has(cli::simulation_text(Json::object(), {}), "SIMULATED"));
  simulation["scenarios"][0].erase("steps");
  simulation["scenarios"][0]["rows"][0] = 3;
  CHECK(has(cli::simulation_text(simulation, {}), "SIMULATED"));
}
