#include "report/summary_json.h"

#include <doctest/doctest.h>

#include <cmath>

#include "report/sample_run.h"

using namespace gend;
using namespace gend::report;
using Json = nlohmann::ordered_json;

namespace {

void near(const Json& value, double expected) {
  CHECK(value.get<double>() == doctest::Approx(expected).epsilon(0.004));
}

void all_finite(const Json& json) {
  if (json.is_number_float()) CHECK(std::isfinite(json.get<double>()));
  if (json.is_structured())
    for (const auto& inner : json) all_finite(inner);
}

const Json& step(const Json& summary, std::string_view name) {
  for (const auto& entry : summary["http"])
    if (entry["name"] == name) return entry;
  FAIL("no such step");
  return summary;
}

}  // namespace

TEST_CASE("metrics are in k6's layout, times in milliseconds") {
  const test::SampleRun run;
  const Json summary = summary_json(run.result);
  const Json& corrected = summary["metrics"]["http_req_duration_corrected"];
  CHECK(corrected["type"] == "trend");
  CHECK(corrected["contains"] == "time");
  const Json& values = corrected["values"];
  // 405,450 x 0.2 ms + 60 x 4 + 30 x 2500 + 10 x 3 + 500 x 20 + 500 x 5, over 2000 requests.
  CHECK(values["avg"].get<double>() == doctest::Approx(84.43).epsilon(1e-12));
  CHECK(values["min"] == 0.2);
  CHECK(values["max"] == 2500.0);
  near(values["med"], 20);
  near(values["p(90)"], 146);   // 200 above it: 30 timeouts and the logins from 731 on
  near(values["p(95)"], 166);   // 100 above it: 30 timeouts and the logins from 831 on
  near(values["p(99)"], 2500);  // 20 above it
  CHECK(values["count"] == 2000);
  CHECK(summary["metrics"]["http_reqs"]["type"] == "counter");
  CHECK(summary["metrics"]["http_reqs"]["values"]["count"] == 2000);
  CHECK(summary["metrics"]["http_reqs"]["values"]["rate"] == 200.0);
  CHECK(summary["metrics"]["http_req_failed"]["values"]["rate"] == 0.05);
  CHECK(summary["metrics"]["http_req_failed"]["values"]["passes"] == 100);
  CHECK(summary["metrics"]["http_req_failed"]["values"]["fails"] == 1900);
  CHECK(summary["metrics"]["vus"]["values"] == Json{{"value", 20}, {"min", 20}, {"max", 50}});
  CHECK(summary["metrics"]["data_received"]["contains"] == "data");
  CHECK(summary["metrics"]["data_received"]["values"]["rate"] == 150'000.0);
  CHECK(summary["state"]["testRunDurationMs"] == 10'000.0);
}

TEST_CASE("the requests that succeeded have a sub-metric of their own") {
  const test::SampleRun run;
  const Json summary = summary_json(run.result);
  const Json& values = summary["metrics"]["http_req_duration{expected_response:true}"]["values"];
  CHECK(values["count"] == 1900);
  CHECK(values["max"] == 90.0);
}

TEST_CASE("every threshold stands at its metric or sub-metric, with what was measured") {
  const test::SampleRun run;
  const Json summary = summary_json(run.result);
  const Json& metrics = summary["metrics"];
  CHECK(metrics["http_req_failed"]["thresholds"]["rate<0.01"] ==
        Json{{"ok", false}, {"has_data", true}, {"value", 0.05}});
  CHECK(metrics["http_reqs{status:503}"]["values"]["count"] == 60);
  CHECK(metrics["http_reqs{status:503}"]["thresholds"]["count<100"]["ok"] == true);
  const Json& cart = metrics["http_req_duration{name:cart}"];
  CHECK(cart["values"]["count"] == 500);
  near(cart["thresholds"]["p(99)<25"]["value"], 20);
  const Json& empty = metrics["group_duration"];
  CHECK(empty["values"]["count"] == 0);
  CHECK(empty["values"]["p(99)"] == 0.0);
  CHECK(empty["thresholds"]["avg<10"] == Json{{"ok", true}, {"has_data", false}, {"value", 0.0}});
}

TEST_CASE("checks are counted over scenarios and carry k6's identity") {
  const test::SampleRun run;
  const Json checks = summary_json(run.result)["root_group"]["checks"];
  REQUIRE(checks.size() == 3);
  CHECK(checks[0]["name"] == "status is 200");
  CHECK(checks[0]["path"] == "::status is 200");
  CHECK(checks[0]["id"].get<std::string>().size() == 32);
  CHECK(checks[0]["passes"] == 1380);
  CHECK(checks[0]["fails"] == 120);
  CHECK(checks[2]["passes"] == 0);
  CHECK(checks[2]["fails"] == 0);
}

TEST_CASE("every step has its counts, latencies, statuses and errors") {
  const test::SampleRun run;
  const Json summary = summary_json(run.result);
  const Json& login = step(summary, "login");
  CHECK(login["scenario"] == "peak");
  CHECK(login["method"] == "POST");
  CHECK(login["count"] == 1000);
  CHECK(login["rate"] == 100.0);
  CHECK(login["failed"] == 100);
  CHECK(login["failed_rate"] == 0.1);
  CHECK(login["statuses"] == Json{{"200", 900}, {"503", 60}});
  CHECK(login["errors"] ==
        Json{{"status.5xx", 60}, {"timeout.total", 30}, {"reset.in_response", 10}});
  CHECK(login["corrected"]["count"] == 1000);
  CHECK(login["service"]["max"] == 2000.0);
  const Json& home = step(summary, "home");
  CHECK(home["statuses"] == Json{{"200", 480}, {"404", 20}});
  CHECK(home["errors"].empty());
  CHECK(home["failed"] == 0);
}

TEST_CASE("the errors of the whole run come by name, the most frequent first, with their sentence") {
  const test::SampleRun run;
  const Json errors = summary_json(run.result)["errors"];
  std::vector<std::string> names;
  for (const auto& [name, error] : errors.items()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"status.5xx", "timeout.total", "reset.in_response"});
  CHECK(errors["timeout.total"]["count"] == 30);
  CHECK(errors["timeout.total"]["tag"] == "timeout");
  CHECK(errors["timeout.total"]["sentence"] == "no complete response within the timeout");
}

TEST_CASE("planned, started and completed work add up, and every gap has a name") {
  const test::SampleRun run;
  const Json summary = summary_json(run.result);
  const Json& work = summary["run"]["work"];
  CHECK(work["planned"] == 1510);
  CHECK(work["started"] == 1500);
  CHECK(work["completed"] == 1497);
  CHECK(work["dropped"] == 10);
  CHECK(work["dropped_reasons"] == Json{{"no_user", 8}, {"stopped", 2}, {"no_time", 0}});
  CHECK(work["interrupted"] == 3);
  CHECK(work["unaccounted"] == 0);
  const Json& peak = summary["run"]["scenarios"][0];
  CHECK(peak["planned"] == 1010);
  CHECK(peak["started"] == 1000);
  CHECK(peak["completed"] == 997);
  CHECK(peak["dropped"] == 10);
  CHECK(peak["interrupted"] == 3);
}

TEST_CASE("what can be changed while a run goes on is said, of other scenarios nothing") {
  test::SampleRun run;
  CHECK_FALSE(summary_json(run.result)["run"]["scenarios"][0].contains("steered"));
  run.result.scenarios[0].steered = Steered::kRate;
  CHECK(summary_json(run.result)["run"]["scenarios"][0]["steered"] == "rate");
  run.result.scenarios[0].steered = Steered::kUsers;
  CHECK(summary_json(run.result)["run"]["scenarios"][0]["steered"] == "users");
}

TEST_CASE("while a run goes on, what is not done yet is not called interrupted or lost") {
  test::SampleRun run;
  run.total->health.planned += 5;
  run.result.state = RunState::kRunning;
  Json work = summary_json(run.result)["run"]["work"];
  CHECK(work["interrupted"] == 0);
  CHECK(work["under_way"] == 3);
  CHECK(work["waiting"] == 5);
  CHECK(work["unaccounted"] == 0);
  run.result.state = RunState::kFinished;
  work = summary_json(run.result)["run"]["work"];
  CHECK(work["waiting"] == 0);
  CHECK(work["unaccounted"] == 5);
}

TEST_CASE("the generator's own state is part of the summary") {
  const test::SampleRun run;
  const Json generator = summary_json(run.result)["generator"];
  CHECK(generator["verdict"] == "SUSPECT");
  CHECK(generator["limiting_resource"] == "users");
  CHECK(generator["findings"].size() == 1);
  CHECK(generator["cpu"]["busiest_percent"] == 42.0);
  CHECK(generator["cpu"]["average_percent"] == 30.0);
  CHECK(generator["syscalls_per_request"] == 0.5);
  near(generator["lag_ms"]["p99"], 0.02);
  CHECK(generator["lag_ms"]["count"] == 1000);
  CHECK(generator["warnings"][0] == "shard 1 could not be pinned: EPERM");
}

TEST_CASE("the run says what it was and when it began") {
  const test::SampleRun run;
  const Json json = summary_json(run.result)["run"];
  CHECK(json["started"] == "2026-11-21T01:43:09.042Z");
  CHECK(json["exit_code"] == 99);
  CHECK(json["state"] == "finished");
  CHECK(json["seed"] == 42);
  CHECK(json["vars"]["API_TOKEN"] == "***");
}

TEST_CASE("a run that never began has a summary without numbers that are not") {
  RunResult nothing;
  nothing.state = RunState::kFailed;
  nothing.exit_code = ExitCode::kHostCannotCarry;
  const Json summary = summary_json(nothing);
  CHECK(summary["metrics"].empty());
  CHECK(summary["run"]["exit_code"] == 94);
  CHECK(summary["run"]["work"]["planned"] == 0);
  all_finite(summary);
}

TEST_CASE("nothing is NaN or infinite, also without samples and without time") {
  test::SampleRun run;
  all_finite(summary_json(run.result));
  run.result.elapsed = Duration::zero();
  all_finite(summary_json(run.result));
  stats::Snapshot empty{run.schema};
  run.result.total = &empty;
  const Json summary = summary_json(run.result);
  all_finite(summary);
  CHECK(summary["metrics"]["http_req_duration"]["values"]["count"] == 0);
  CHECK(summary["metrics"]["http_req_duration"]["values"]["max"] == 0.0);
  CHECK(summary["http"].size() == 3);
}

TEST_CASE("a name that is not UTF-8 does not spoil the JSON") {
  test::SampleRun run;
  run.result.name = "v\xff";
  const std::string text = json_text(summary_json(run.result));
  CHECK(Json::accept(text));
  CHECK(text.back() == '\n');
  CHECK(json_line(summary_json(run.result)).find('\n') == std::string::npos);
}
