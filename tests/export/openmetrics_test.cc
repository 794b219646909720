#include "export/openmetrics.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "export/lines.h"
#include "report/sample_run.h"

using namespace gend;
using test::lines_of;
using exporter::label_name;
using exporter::openmetrics;

namespace {

bool has_line(const std::string& text, std::string_view line) {
  for (const auto& each : lines_of(text))
    if (each == line) return true;
  return false;
}

std::string row_of(const stats::Metric& metric) {
  const auto contains = stats::name_of(metric.contains);
  return fmt::format("| `{}` | {} | {} | `{}` | {} |", metric.name, stats::name_of(metric.kind),
                     contains == "time" ? "ms" : contains == "data" ? "bytes" : "",
                     exporter::exported_names(metric), metric.help);
}

}  // namespace

TEST_CASE("an idle daemon says that it is up and what it is, and nothing else") {
  CHECK(openmetrics(nullptr) ==
        "# TYPE gend_up gauge\n# HELP gend_up gend is running\ngend_up 1\n"
        "# TYPE gend_build info\n# HELP gend_build The program that answers\n"
        "gend_build_info{version=\"" GEND_VERSION "\"} 1\n# EOF\n");
}

TEST_CASE("requests are counted once each, by status and error") {
  const test::SampleRun run;
  const std::string text = openmetrics(&run.result);
  const std::string login = R"(gend_http_reqs_total{method="POST",name="login",scenario="peak")";
  CHECK(has_line(text, login + R"(,status="200"} 900)"));
  CHECK(has_line(text, login + R"(,error="status_5xx",outcome="status.5xx",status="503"} 60)"));
  CHECK(has_line(text, login + R"(,error="timeout",outcome="timeout.total"} 30)"));
  CHECK(has_line(text, login + R"(,error="reset",outcome="reset.in_response"} 10)"));
  CHECK(has_line(text, R"(gend_http_reqs_total{method="GET",name="home",scenario="browse",)"
                       R"(status="404"} 20)"));
  std::uint64_t all = 0;
  for (const auto& line : lines_of(text))
    if (line.starts_with("gend_http_reqs_total{"))
      all += std::strtoull(line.c_str() + line.rfind(' '), nullptr, 10);
  CHECK(all == 2000);
}

TEST_CASE("a trend is a cumulative histogram in seconds with exact sum and count") {
  const test::SampleRun run;
  const std::string text = openmetrics(&run.result);
  const std::string cart =
      R"(expected_response="true",method="GET",name="cart",scenario="peak")";
  const std::string family = "gend_http_req_duration_seconds";
  CHECK(has_line(text, "# TYPE " + family + " histogram"));
  CHECK(has_line(text, "# UNIT " + family + " seconds"));
  CHECK(has_line(text, family + "_bucket{" + cart + R"(,le="0.015625"} 0)"));
  CHECK(has_line(text, family + "_bucket{" + cart + R"(,le="0.03125"} 500)"));
  CHECK(has_line(text, family + "_bucket{" + cart + R"(,le="64.0"} 500)"));
  CHECK(has_line(text, family + "_bucket{" + cart + R"(,le="+Inf"} 500)"));
  CHECK(has_line(text, family + "_sum{" + cart + "} 10"));
  CHECK(has_line(text, family + "_count{" + cart + "} 500"));
  // Nothing of `home` failed, so that series has no histogram.
  CHECK(text.find(R"(_count{expected_response="false",method="GET",name="home")") ==
        std::string::npos);
}

TEST_CASE("rates are two counters, data is bytes, gauges are levels") {
  const test::SampleRun run;
  const std::string text = openmetrics(&run.result);
  const std::string login = R"({method="POST",name="login",scenario="peak"})";
  CHECK(has_line(text, "gend_http_req_failed_hits_total" + login + " 100"));
  CHECK(has_line(text, "gend_http_req_failed_samples_total" + login + " 1000"));
  CHECK(has_line(text, R"(gend_data_received_bytes_total{scenario="peak"} 1500000)"));
  CHECK(has_line(text, R"(gend_vus{scenario="browse"} 20)"));
  CHECK(has_line(text, R"(gend_gen_planned_total{scenario="peak"} 1010)"));
}

TEST_CASE("a plan's own metrics carry their kind in their name") {
  const test::SampleRun run;
  const std::string text = openmetrics(&run.result);
  CHECK(has_line(text, R"(gend_counter_orders_total{scenario="peak"} 12.5)"));
  const std::string family = "gend_trend_basket_size";
  CHECK(has_line(text, "# TYPE " + family + " histogram"));
  CHECK(text.find("# UNIT " + family) == std::string::npos);
  CHECK(has_line(text, family + R"(_bucket{scenario="peak",le="0.5"} 0)"));
  CHECK(has_line(text, family + R"(_bucket{scenario="peak",le="2.0"} 2)"));
  CHECK(has_line(text, family + R"(_bucket{scenario="peak",le="524288.0"} 10)"));
  CHECK(has_line(text, family + R"(_sum{scenario="peak"} 55)"));
  CHECK(has_line(text, family + R"(_count{scenario="peak"} 10)"));
}

TEST_CASE("facets stand in a family of their own, so that sums of the whole stay right") {
  const test::SampleRun run;
  const std::string text = openmetrics(&run.result);
  CHECK(has_line(text, "# TYPE gend_http_reqs_by_village counter"));
  const std::string browse = R"(gend_http_reqs_by_village_total{scenario="browse",village=)";
  CHECK(has_line(text, browse + R"("7",status="200"} 300)"));
  CHECK(has_line(text, browse + R"("8",status="200"} 180)"));
  CHECK(has_line(text, browse + R"("8",status="404"} 20)"));
  CHECK(text.find("gend_http_reqs_total{scenario") == std::string::npos);
}

TEST_CASE("the generator's own state and the thresholds are exported") {
  test::SampleRun run;
  std::string text = openmetrics(&run.result);
  CHECK(has_line(text, R"(gend_generator_verdict{gend_generator_verdict="SUSPECT"} 1)"));
  CHECK(has_line(text, R"(gend_generator_verdict{gend_generator_verdict="CLEAN"} 0)"));
  CHECK(has_line(text, "gend_gen_cpu_ratio 0.42"));
  CHECK(has_line(text, "gend_gen_memory_bytes 48000000"));
  CHECK(has_line(text, R"(gend_iterations_dropped_by_reason_total{reason="no_user"} 8)"));
  CHECK(has_line(text, R"(gend_threshold_ok{metric="http_req_failed",threshold="rate<0.01"} 0)"));
  CHECK(has_line(text, R"(gend_threshold_ok{metric="group_duration",threshold="avg<10"} 1)"));
  run.latest->health.busiest = 0.25;
  run.result.interval = run.latest.get();
  text = openmetrics(&run.result);
  CHECK(has_line(text, "gend_gen_cpu_ratio 0.25"));
}

TEST_CASE("no name can break out of its label") {
  test::SampleRun run;
  run.result.name = "a\"} 7\nb\\c\xff";
  const std::string text = openmetrics(&run.result);
  CHECK(text.find(R"(name="a\"} 7\nb\\c)" "\xef\xbf\xbd" R"(")") != std::string::npos);
}

TEST_CASE("every tag becomes a valid label, and no two the same") {
  CHECK(label_name("endpoint") == "endpoint");
  CHECK(label_name("a_b") == "a_b");
  CHECK(label_name("a-b") == "tag_a_2db");
  CHECK(label_name("1st") == "tag_1st");
  CHECK(label_name("é") == "tag__c3_a9");
  for (const char* ours : {"le", "status", "error", "outcome", "__name__", "tag_x", ""})
    CHECK(label_name(ours).starts_with("tag_"));
  const std::vector<std::string> keys{"a-b", "a_b", "a.b", "tag_a_2db", "le", "tag_le", "_", "__",
                                      "", "tag_", "a b", "a_2db", "tag_a_5f2db"};
  std::set<std::string> labels;
  for (const auto& key : keys) labels.insert(label_name(key));
  CHECK(labels.size() == keys.size());
}

TEST_CASE("docs/metrics.md lists every metric as the program knows it, and no other") {
  const char* path = std::getenv("GEND_METRICS_DOC");
  REQUIRE(path != nullptr);
  std::ifstream file{path};
  REQUIRE(file.is_open());
  std::set<std::string> rows, expected;
  bool in_table = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| metric | kind |")) in_table = true;
    if (line.empty()) in_table = false;
    if (in_table && line.starts_with("| `")) rows.insert(line);
  }
  for (const auto& metric : stats::builtin_metrics()) expected.insert(row_of(metric));
  for (const auto& row : expected) {
    CAPTURE(row);
    CHECK(rows.contains(row));
  }
  CHECK(rows.size() == expected.size());
}

TEST_CASE("every builtin trend is a time, as its histogram in seconds assumes") {
  for (const auto& metric : stats::builtin_metrics())
    if (metric.kind == stats::Kind::kTrend) CHECK(metric.contains == stats::Contains::kTime);
}

TEST_CASE("each room has its counters, and its name cannot break the page") {
  test::SampleRun run;
  CHECK(openmetrics(&run.result).find("gend_delivery_expected") == std::string::npos);
  run.result.secrets = {"s3cret"};
  run.result.rooms = {
      {.name = "v7", .sent = 10, .delivered = 38, .lost = 2, .duplicated = 3, .reordered = 4,
       .late = 5},
      {.name = "a\"b\\c\nd", .delivered = 1},
      {.name = "room-s3cret", .delivered = 1}};
  const std::string text = openmetrics(&run.result);
  CHECK(has_line(text, "# TYPE gend_delivery_expected counter"));
  CHECK(has_line(text, R"(gend_delivery_sent_total{room="v7"} 10)"));
  CHECK(has_line(text, R"(gend_delivery_expected_total{room="v7"} 40)"));
  CHECK(has_line(text, R"(gend_delivery_delivered_total{room="v7"} 38)"));
  CHECK(has_line(text, R"(gend_delivery_lost_total{room="v7"} 2)"));
  CHECK(has_line(text, R"(gend_delivery_duplicated_total{room="v7"} 3)"));
  CHECK(has_line(text, R"(gend_delivery_reordered_total{room="v7"} 4)"));
  CHECK(has_line(text, R"(gend_delivery_late_total{room="v7"} 5)"));
  CHECK(has_line(text, R"(gend_delivery_delivered_total{room="a\"b\\c\nd"} 1)"));
  CHECK(has_line(text, R"(gend_delivery_delivered_total{room="room-***"} 1)"));
  CHECK(text.find("s3cret") == std::string::npos);
}

TEST_CASE("rooms beyond a thousand are summed up as one, and none is counted twice") {
  test::SampleRun run;
  for (int i = 0; i < 1500; ++i)
    run.result.rooms.push_back({.name = fmt::format("r{}", i), .delivered = 2});
  const std::string text = openmetrics(&run.result);
  CHECK(has_line(text, R"(gend_delivery_delivered_total{room="r999"} 2)"));
  CHECK(has_line(text, R"(gend_delivery_delivered_total{room="other"} 1000)"));
  CHECK(text.find("r1000") == std::string::npos);
}
