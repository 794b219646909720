// What a report says of what iterations did besides requests, by tags that change, and of single
// requests.
#include <doctest/doctest.h>

#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "report/mask.h"
#include "report/run_result.h"
#include "report/summary_json.h"
#include "report/text.h"

using namespace gend;
using namespace gend::report;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::size_t lines_with(const std::string& text, std::string_view part) {
  std::istringstream stream{text};
  std::size_t found = 0;
  for (std::string line; std::getline(stream, line);) found += has(line, part) ? 1 : 0;
  return found;
}

// A closed scenario `crowd` of ten seconds in two stages of five. Picks: 30 buy, 10 look, of which
// a half was asked for each. Group ::checkout took 10, 20, … 1000 ms, ::never was not entered. Of
// 110 requests 100 were in stage `up`; by village: v0 … v18 with 5 each and `other` with 15, which
// stands for 300; those of v3 failed.
struct FlowRun {
  static constexpr int kVillages = 20;
  struct Facet {
    std::uint32_t reqs, service, failed;
  };

  stats::Schema schema;
  std::uint32_t buy, look, checkout, never, out_of_stock, unset, missed, reqs, retries;
  std::vector<Facet> stages, villages;
  std::unique_ptr<stats::Snapshot> total;
  RunResult result;

  FlowRun() {
    const auto add = [&](const char* metric, stats::Tags tags) {
      tags.emplace_back("scenario", "crowd");
      return schema.add(metric, std::move(tags));
    };
    buy = add("picks", {{"flow", "buy"}});
    look = add("picks", {{"flow", "look"}});
    checkout = add("group_duration", {{"group", "::checkout"}});
    never = add("group_duration", {{"group", "::never"}});
    out_of_stock = add("failed_iterations", {{"reason", "out of \x1b[2Jstock"}});
    unset = add("failed_iterations", {{"reason", "a variable is not set"}});
    missed = add("captures_missed", {{"capture", "token"}, {"name", "login"}});
    reqs = add("http_reqs", {{"name", "login"}, {"method", "POST"}});
    retries = add("http_req_retries", {{"name", "login"}, {"method", "POST"}});
    for (const char* stage : {"up", "hold"}) stages.push_back(facet("stage", stage));
    for (int i = 0; i < kVillages; ++i)
      villages.push_back(
          facet("village", i + 1 < kVillages ? "v" + std::to_string(i) : std::string{"other"}));
    total = std::make_unique<stats::Snapshot>(schema);
    fill();
    describe();
  }
  FlowRun(const FlowRun&) = delete;
  FlowRun& operator=(const FlowRun&) = delete;

  Facet facet(const std::string& tag, const std::string& value) {
    const stats::Tags tags{{"scenario", "crowd"}, {tag, value}};
    return {schema.add_facet("http_reqs", tags), schema.add_facet("http_req_duration", tags),
            schema.add_facet("http_req_failed", tags)};
  }

  void request(const Facet& facet, bool bad, Duration service) {
    stats::Recorder& r = total->recorder;
    r.tally(facet.reqs, stats::Tally::key(bad ? Outcome::kStatus5xx : Outcome::kOk,
                                          bad ? 503 : 200));
    r.trend(facet.service, service);
    r.rate(facet.failed, bad);
  }

  void fill() {
    stats::Recorder& r = total->recorder;
    r.count(buy, 30);
    r.count(look, 10);
    for (int i = 1; i <= 100; ++i) r.trend(checkout, i * 10ms);
    r.count(out_of_stock, 7);
    r.count(missed, 3);
    r.tally(reqs, stats::Tally::key(Outcome::kOk, 200));
    r.count(retries, 2);
    for (int i = 0; i < 110; ++i) request(stages[i < 100 ? 0 : 1], false, 5ms);
    for (int village = 0; village < kVillages; ++village)
      for (int i = 0; i < (village + 1 < kVillages ? 5 : 15); ++i)
        request(villages[static_cast<std::size_t>(village)], village == 3,
                std::chrono::milliseconds{10 + village});
  }

  void describe() {
    result.schema = &schema;
    result.total = total.get();
    result.name = "crowd";
    result.state = RunState::kFinished;
    result.elapsed = result.planned = 10s;
    result.scenarios = {{.name = "crowd", .executor = "ramping-vus", .steps = "1 request",
                         .stages = {{"up", 0s, 5s}, {"hold", 5s, 10s}}}};
    result.requests = {{.name = "login", .method = "POST", .checks = {"status is 200", "fast"}}};
    result.picks = {{.scenario = "crowd", .flows = {{"buy", 0.5, buy}, {"look", 0.5, look}}}};
    result.facets = {{.tag = "village", .folded = 300}};
  }
};

// Where a server may put what it should not: everywhere.
stats::Sample leaking_sample(const std::string& secret, const std::string& token) {
  stats::Sample sample;
  sample.at = 1s;
  sample.slowness = sample.service = sample.waiting = 30ms;
  sample.status = 500;
  sample.outcome = Outcome::kStatus5xx;
  sample.user = 17;
  sample.failed_check = 1;
  sample.target.append("POST /login?key=" + secret + "&access_token=plain-one");
  sample.request_id.append("req-" + secret);
  sample.traceparent.append("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  sample.body.append("{\"error\":\"" + secret + "\",\"token\":\"plain-two\",\"jwt\":\"" + token +
                     "\",\"header\":\"Authorization: Basic plain-three\","
                     "\"cookie\":\"sid=plain-four\"}");
  return sample;
}

}  // namespace

TEST_CASE("flows: the share that was asked for stands beside the one that ran") {
  const FlowRun run;
  const Json summary = summary_json(run.result);
  REQUIRE(summary["picks"].size() == 1);
  const Json& flows = summary["picks"][0]["flows"];
  CHECK(flows[0] == Json{{"flow", "buy"}, {"asked", 0.5}, {"share", 0.75}, {"count", 30}});
  CHECK(flows[1]["share"] == 0.25);
  const std::string text = summary_text(summary, {.width = 80});
  CHECK(has(text, "FLOWS"));
  CHECK(lines_with(text, "50.00%    75.00%        30") == 1);
}

TEST_CASE("groups have their durations, and one that was never entered has none") {
  const FlowRun run;
  const Json summary = summary_json(run.result);
  REQUIRE(summary["groups"].size() == 2);
  CHECK(summary["groups"][0]["group"] == "::checkout");
  CHECK(summary["groups"][0]["duration"]["count"] == 100);
  CHECK(summary["groups"][0]["duration"]["max"] == 1000);
  CHECK(summary["groups"][0]["duration"]["avg"] == 505);
  CHECK(summary["groups"][1]["duration"]["count"] == 0);
  const std::string text = summary_text(summary, {.width = 80});
  CHECK(has(text, "505ms"));
  CHECK(lines_with(text, "::never") == 1);
}

TEST_CASE("iterations that failed are counted by reason, captures that missed by name") {
  const FlowRun run;
  const Json summary = summary_json(run.result);
  REQUIRE(summary["failed_iterations"].size() == 1);
  CHECK(summary["failed_iterations"][0]["count"] == 7);
  CHECK(summary["captures_missed"] ==
        Json{{{"scenario", "crowd"}, {"name", "login"}, {"capture", "token"}, {"count", 3}}});
  CHECK(summary["http"][0]["retries"] == 2);
  CHECK(has(summary_text(summary, {.width = 80}), "tried again ×2"));
  const std::string text = summary_text(summary, {.width = 80});
  CHECK(has(text, "7  out of \\x1b[2Jstock"));
  CHECK(has(text, "3  token of login"));
  CHECK_FALSE(has(text, "\x1b"));
}

TEST_CASE("stages are told in their order, with the rate while they lasted") {
  const FlowRun run;
  const Json summary = summary_json(run.result);
  const Json& stage = summary["facets"][0];
  CHECK(stage["tag"] == "stage");
  REQUIRE(stage["values"].size() == 2);
  CHECK(stage["values"][0]["value"] == "up");
  CHECK(stage["values"][0]["rate"] == 20);
  CHECK(stage["values"][1]["count"] == 10);
  CHECK(stage["values"][1]["rate"] == 2);
  CHECK(stage["values"][1]["from_s"] == 5);
  const std::string text = summary_text(summary, {.width = 80});
  CHECK(text.find("BY STAGE") < text.find("BY VILLAGE"));
  CHECK(text.find("  up ") < text.find("  hold "));
}

TEST_CASE("of many values those that went worst are shown, and what was folded is said") {
  FlowRun run;
  const Json summary = summary_json(run.result);
  const Json& village = summary["facets"][1];
  CHECK(village["values"].size() == FlowRun::kVillages);
  CHECK(village["folded"] == 300);
  const std::string text = summary_text(summary, {.width = 100});
  CHECK(text.find("    v3 ") < text.find("    other (300 values folded)"));
  CHECK(has(text, "the 12 that went worst of 20"));
  CHECK(lines_with(text, "    v0 ") == 0);  // the fastest of those that did not fail
}

TEST_CASE("single requests: the slowest, and some that failed, with what finds them in a log") {
  FlowRun run;
  const stats::Sample sample = leaking_sample("x", "y");
  run.total->samples.offer_slow(sample);
  REQUIRE(run.total->samples.wants_failed(0, sample.outcome, sample.status));
  run.total->samples.offer_failed(sample);
  const Json summary = summary_json(run.result);
  const Json& samples = summary["samples"];
  CHECK(samples["failed_seen"] == 1);
  REQUIRE(samples["slow"].size() == 1);
  CHECK(samples["slow"] == samples["failed"]);
  const Json& slow = samples["slow"][0];
  CHECK(slow["scenario"] == "crowd");
  CHECK(slow["name"] == "login");
  CHECK(slow["method"] == "POST");
  CHECK(slow["status"] == 500);
  CHECK(slow["error"] == "status.5xx");
  CHECK(slow["failed_check"] == "fast");
  CHECK(slow["waiting_ms"] == 30);
  CHECK(slow["ranked_by"] == "service");
  CHECK(slow["traceparent"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  for (const std::size_t width : {72, 80, 120}) {
    const std::string text = summary_text(summary, {.width = width});
    CHECK(has(text, "REQUESTS WORTH LOOKING AT"));
    CHECK(has(text, "wait 30.0ms"));
    CHECK(has(text, "not: fast"));
    CHECK(has(text, "user 17"));
  }
}

TEST_CASE("of failures that are alike one is shown, so that each way to fail is seen") {
  FlowRun run;
  for (int i = 0; i < 3; ++i) {
    for (const int status : {500, 404}) {
      stats::Sample sample = leaking_sample("x", "y");
      sample.at = (status == 500 ? 1s : 2s) + std::chrono::milliseconds{i};
      sample.status = static_cast<std::uint16_t>(status);
      sample.outcome = status == 500 ? Outcome::kStatus5xx : Outcome::kStatus4xx;
      REQUIRE(run.total->samples.wants_failed(0, sample.outcome, sample.status));
      run.total->samples.offer_failed(sample);
    }
  }
  const Json summary = summary_json(run.result);
  CHECK(summary["samples"]["failed"].size() == 6);
  const std::string text = summary_text(summary, {.width = 100});
  CHECK(lines_with(text, "  500 not: fast") == 1);
  CHECK(lines_with(text, "  404 not: fast") == 1);
  CHECK(has(text, "failed: 6 in all"));
  CHECK(has(text, "4 more are in the JSON summary"));
}

TEST_CASE("no secret is in the text or the JSON of a report, however a server sends it back") {
  const std::string secret = "s3cr3t/ value\"1+", token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2ln";
  const std::vector<std::string> forms{secret, "s3cr3t%2F%20value%221%2B",
                                       "s3cr3t%2f%20value%221%2b", "s3cr3t%2F+value%221%2B",
                                       "s3cr3t/ value\\\"1+"};
  FlowRun run;
  run.result.secrets = forms_of({secret});
  run.result.notes = {"nothing secret"};
  for (const std::string& form : forms) {
    const stats::Sample sample = leaking_sample(form, token);
    run.total->samples.offer_slow(sample);
    if (run.total->samples.wants_failed(0, sample.outcome, sample.status))
      run.total->samples.offer_failed(sample);
  }
  const Json summary = summary_json(run.result);
  const std::string texts[]{json_text(summary), json_line(summary),
                            summary_text(summary, {.width = 120, .colour = Colour::kOn})};
  for (const std::string& text : texts) {
    CHECK(has(text, "***"));
    for (const char* part : {"s3cr3t", "value%22", "plain-one", "plain-two", "plain-three",
                             "plain-four", "eyJ", "c2ln"})
      CHECK_MESSAGE(!has(text, part), std::string{part});
  }
}

TEST_CASE("a run that did nothing of all this says nothing of it") {
  FlowRun run;
  run.result.picks.clear();
  run.total->clear();
  stats::Schema none;
  const stats::Snapshot empty{none};
  run.result.schema = &none;
  run.result.total = &empty;
  const std::string text = summary_text(summary_json(run.result), {.width = 80});
  for (const char* heading : {"FLOWS", "GROUPS", "FAILED ITERATIONS", "CAPTURES", "BY ",
                              "WORTH LOOKING", "METRICS OF THE PLAN", "note:"})
    CHECK_MESSAGE(!has(text, heading), std::string{heading});
}

TEST_CASE("what was decided for the user stands at the top") {
  FlowRun run;
  run.result.notes = {"maxVUs of peak is 50: what its rate needs at 1s an iteration"};
  const Json summary = summary_json(run.result);
  CHECK(summary["run"]["notes"][0] == run.result.notes[0]);
  CHECK(has(summary_text(summary, {.width = 80}), "note: maxVUs of peak is 50"));
}
