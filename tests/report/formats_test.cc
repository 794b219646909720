#include <doctest/doctest.h>

#include <string>

#include "report/format_run.h"
#include "report/intervals_csv.h"
#include "report/junit.h"
#include "report/k6_summary.h"
#include "report/markdown.h"
#include "report/markdown_text.h"
#include "report/sample_run.h"
#include "report/summary_json.h"
#include "report/windows.h"

using namespace gend;
using namespace gend::report;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

Json sample() {
  const test::SampleRun run;
  return summary_json(run.result);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Damaged summaries: every member replaced by something of another type, one after the other.
template <class Render>
void survives(const Render& render) {
  const Json whole = sample();
  for (const Json& wrong : {Json(), Json(7), Json("text"), Json::array({1, "x"}), Json(-1e300),
                            Json{{"a", 1}}}) {
    (void)render(wrong);
    for (const auto& [key, value] : whole.items()) {
      Json damaged = whole;
      damaged[key] = wrong;
      (void)render(damaged);
      if (!value.is_object()) continue;
      for (const auto& [inner, unused] : value.items()) {
        damaged = whole;
        damaged[key][inner] = wrong;
        (void)render(damaged);
      }
    }
  }
}

}  // namespace

// ---- Markdown -----------------------------------------------------------------------------------

TEST_CASE("names are code in Markdown, whatever they hold") {
  CHECK(code_span("GET /orders?id=1&x=2") == "`GET /orders?id=1&x=2`");
  CHECK(code_span("@alice <b> [x](y)") == "`@alice <b> [x](y)`");
  CHECK(code_span("a|b") == "<code>a&#124;b</code>");
  CHECK(code_span("`") == "<code>&#96;</code>");
  CHECK(code_span("\\") == "<code>&#92;</code>");
  CHECK(code_span("two\nlines") == "<code>two&#92;nlines</code>");
  CHECK(code_span(" x") == "<code> x</code>");
  CHECK(code_span("") == "-");
}

TEST_CASE("words stay words in Markdown; what could be markup becomes code") {
  CHECK(markdown_words("stopped by alice (uid 1000)") == "stopped by alice (uid 1000)");
  CHECK(markdown_words("über 5 %, 3.2 ms") == "über 5 %, 3.2 ms");
  CHECK(markdown_words("*bold*") == "`*bold*`");
  CHECK(markdown_words("see http://evil.example") == "`see http://evil.example`");
  CHECK(markdown_words("see www.evil.example") == "`see www.evil.example`");
  CHECK(markdown_words("@bob") == "`@bob`");
  CHECK(markdown_words("#12") == "`#12`");
}

TEST_CASE("the Markdown report begins with the verdict and has what failed first") {
  const std::string text = summary_markdown(sample());
  CHECK(text.starts_with("## ✗ FAILED `villages`\n\n1 of 5 thresholds failed · generator SUSPECT · "
                         "finished after 10.0s of 10.0s · 2,000 requests, 5.00% failed\n"));
  CHECK(has(text, "| ✗ | `http_req_failed` | `rate<0.01` | 5.00% |"));
  CHECK(text.find("| ✗ |") < text.find("| ✓ | `http_req_duration"));
  CHECK(has(text, "| `peak` | `POST login` | 1,000 | 100/s | 10.00% |"));
  CHECK(has(text, "| ✗ | `status is 200` | 1,380 | 120 |"));
  CHECK(has(text, "| - | `never reached` | 0 | 0 |"));
  CHECK(has(text, "| `timeout.total` | 30 | no complete response within the timeout |"));
  CHECK(has(text, "| `peak` | 1,010 | 1,000 | 997 | 10 | 3 |"));
  CHECK(has(text, "| `basket_size` | trend | 5.00 | 10 | 10 |"));
}

TEST_CASE("long tables are cut, and say so") {
  Json summary = sample();
  const Json check = summary["root_group"]["checks"][0];
  for (int i = 0; i < 60; ++i) summary["root_group"]["checks"].push_back(check);
  CHECK(has(summary_markdown(summary), "\n13 rows not shown; the JSON summary has them.\n"));
}

TEST_CASE("a damaged summary gives a report of what is there, in every format") {
  survives([](const Json& json) { return summary_markdown(json); });
  survives([](const Json& json) { return junit_xml(json); });
  survives([](const Json& json) { return k6_summary_json(json).dump(); });
}

// ---- JUnit --------------------------------------------------------------------------------------

TEST_CASE("JUnit has a case for the run, each threshold and each check") {
  const std::string xml = junit_xml(sample());
  CHECK(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"villages\" "
                        "tests=\"9\" failures=\"2\" errors=\"0\" time=\"10.000\">\n"));
  CHECK(has(xml, "<testsuite name=\"thresholds\" tests=\"5\" failures=\"1\" errors=\"0\" "
                 "skipped=\"0\""));
  CHECK(has(xml, "name=\"http_req_failed: rate&lt;0.01\" time=\"0.000\">\n      <failure "
                 "message=\"measured 5.00%\" type=\"threshold\">"));
  CHECK(has(xml, "<testsuite name=\"checks\" tests=\"3\" failures=\"1\" errors=\"0\" "
                 "skipped=\"1\""));
  CHECK(has(xml, "120 of 1,500 checks failed"));
}

TEST_CASE("a run that did not come to its end is an error in JUnit, and one under way is skipped") {
  Json summary = sample();
  summary["run"]["exit_code"] = 105;
  summary["run"]["end_reason"] = "stopped by alice";
  CHECK(has(junit_xml(summary), "<error message=\"exit code 105: stopped by alice\" type=\"run\">"));
  summary["run"]["exit_code"] = 90;
  CHECK(has(junit_xml(summary), "<error message=\"exit code 90"));
  summary["run"]["exit_code"] = 0;
  CHECK(!has(junit_xml(summary), "<error"));
  summary["run"]["state"] = "running";
  CHECK(has(junit_xml(summary), "<skipped message=\"the run is not over: running\">"));
  CHECK(has(junit_xml({}), "tests=\"1\""));
}

TEST_CASE("what XML cannot hold is replaced, and the rest is escaped") {
  CHECK(xml_escaped("<a b=\"c\">'&'</a>") ==
        "&lt;a b=&quot;c&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;");
  CHECK(xml_escaped("]]>") == "]]&gt;");
  CHECK(xml_escaped(std::string_view{"a\0b\x1b\n", 5}) == "a\\x00b\\x1b\\n");
  CHECK(xml_escaped("\xef\xbf\xbf\xef\xbf\xbe!") == "\xef\xbf\xbd\xef\xbf\xbd!");
  CHECK(xml_escaped("\xff") == "\\xff");
}

// ---- CSV ----------------------------------------------------------------------------------------

TEST_CASE("a name in a CSV file is quoted when it must be, and never a formula") {
  CHECK(csv_text("GET /") == "GET /");
  CHECK(csv_text("a,b") == "\"a,b\"");
  CHECK(csv_text("a\"b") == "\"a\"\"b\"");
  CHECK(csv_text("two\nlines") == "\"two\nlines\"");
  CHECK(csv_text("=1+1") == "'=1+1");
  CHECK(csv_text("@SUM(1)") == "'@SUM(1)");
  CHECK(csv_text("-1,2") == "\"'-1,2\"");
  CHECK(csv_text("\t=1") == "'\t=1");
  CHECK(csv_text("\xff") == "\xef\xbf\xbd");
  CHECK(csv_text("") == "");
}

TEST_CASE("windows begin at multiples of their length, and what is missing stays missing") {
  const test::FormatRun run;  // seconds 0, 1, 3 and 4
  std::vector<std::pair<Duration, Duration>> spans;
  std::uint64_t requests = 0;
  for (Windows windows{run.history, 2s}; windows.next();) {
    spans.emplace_back(windows.from(), windows.to());
    const auto found = stats::select(*run.history.schema, windows.recorder(), {"http_reqs", {}});
    requests += found.count;
  }
  CHECK(spans == std::vector<std::pair<Duration, Duration>>{{0s, 2s}, {3s, 4s}, {4s, 5s}});
  CHECK(requests == run.requests);
  CHECK(usual_window(1h) == 1s);
  CHECK(usual_window(1h + 1ns) == 10s);
  CHECK(usual_window(11h) == 60s);
}

TEST_CASE("what is left over when a run ends is no second of its own") {
  test::FormatRun run;
  const auto spans = [&] {
    std::vector<std::pair<Duration, Duration>> all;
    for (Windows windows{run.history, 1s}; windows.next();)
      all.emplace_back(windows.from(), windows.to());
    return all;
  };
  const auto before = spans();
  run.history.frames.push_back(run.history.frames.back());
  run.history.frames.back().from = 5s;
  run.history.frames.back().to = 5s + 1us;
  auto expected = before;
  expected.back().second = 5s + 1us;
  CHECK(spans() == expected);
  run.history.frames.back().to = 5s + 100ms;
  expected.back().second = 5s;
  expected.emplace_back(5s, 5s + 100ms);
  CHECK(spans() == expected);
}

TEST_CASE("a run of which nothing was kept is a table with a head") {
  History history;
  history.schema = std::make_unique<stats::Schema>();
  const std::string csv = intervals_csv(history, 1s);
  CHECK(csv.starts_with("time,from_s,"));
  CHECK(csv.find('\n') == csv.size() - 1);
}

// ---- k6 -----------------------------------------------------------------------------------------

TEST_CASE("k6's schema has k6's numbers, and leaves out what was never measured") {
  const Json k6 = k6_summary_json(sample());
  const auto metric = [&](std::string_view name) {
    for (const Json& each : k6["results"]["metrics"])
      if (each["name"] == name) return each["values"];
    return Json();
  };
  CHECK(metric("http_req_failed") == Json{{"rate", 0.05}, {"matches", 100}, {"total", 2000}});
  CHECK(metric("http_reqs") == Json{{"count", 2000.0}});
  CHECK(metric("vus") == Json{{"value", 20.0}, {"min", 20.0}, {"max", 50.0}});
  CHECK(metric("http_req_duration{name:cart}")["max"] == 20.0);
  CHECK(metric("group_duration").is_null());
  CHECK(metric("checks").is_null());
  const Json& checks = k6["results"]["checks"];
  CHECK(checks["metrics"][0]["values"]["count"] == 2000);
  CHECK(checks["metrics"][1]["values"]["matches"] == 120);
  CHECK(checks["metrics"][2]["values"]["rate"] == 0.94);
  CHECK(checks["results"][0] == Json{{"name", "status is 200"}, {"passes", 1380}, {"fails", 120}});
  CHECK(k6["metadata"]["generatedAt"] == "2026-11-21T01:43:19.042Z");
}
