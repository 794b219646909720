#include "observe/prometheus_text.h"

#include <cmath>
#include <string>

#include <doctest/doctest.h>

using namespace gend::observe;

namespace {

std::vector<Sample> read(std::string_view text, const Names& wanted = {"x"}) {
  const auto samples = read_exposition(text, wanted);
  CAPTURE(text);
  REQUIRE(samples.has_value());
  return *samples;
}

TextError error_of(std::string_view text) {
  const auto samples = read_exposition(text, {"x"});
  CAPTURE(text);
  REQUIRE_FALSE(samples.has_value());
  return samples.error();
}

}  // namespace

TEST_CASE("the example of Prometheus' own documentation is read") {
  // prometheus.io/docs/instrumenting/exposition_formats, "Text format example".
  const std::string text =
      "# HELP http_requests_total The total number of HTTP requests.\n"
      "# TYPE http_requests_total counter\n"
      "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
      "http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n"
      "\n"
      "# Escaping in label values:\n"
      "msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find file:\\n"
      "\\\"FILE.TXT\\\"\"} 1.458255915e9\n"
      "\n"
      "# Minimalistic line:\n"
      "metric_without_timestamp_and_labels 12.47\n"
      "\n"
      "# A weird metric from before the epoch:\n"
      "something_weird{problem=\"division by zero\"} +Inf -3982045\n"
      "http_request_duration_seconds_bucket{le=\"+Inf\"} 144320\n";
  const auto requests = read(text, {"http_requests_total"});
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].value == 1027);
  CHECK(requests[0].labels == std::vector<Label>{{"code", "200"}, {"method", "post"}});
  CHECK(requests[1].value == 3);
  const auto files = read(text, {"msdos_file_access_time_seconds"});
  REQUIRE(files.size() == 1);
  CHECK(files[0].value == 1.458255915e9);
  CHECK(files[0].labels[0].value == "Cannot find file:\n\"FILE.TXT\"");
  CHECK(files[0].labels[1].value == "C:\\DIR\\FILE.TXT");
  CHECK(read(text, {"metric_without_timestamp_and_labels"})[0].value == 12.47);
  CHECK(std::isinf(read(text, {"something_weird"})[0].value));
  CHECK(read(text, {"http_request_duration_seconds_bucket"}).size() == 1);
}

TEST_CASE("OpenMetrics is read as well: exemplars and the end are passed over") {
  const auto samples = read(
      "# TYPE x counter\n# UNIT x seconds\nx{a=\"}\"} 17.5 1520879607.789 # {trace=\"K\"} 0.3 1\n"
      "# EOF\n");
  REQUIRE(samples.size() == 1);
  CHECK(samples[0].value == 17.5);
  CHECK(samples[0].labels[0].value == "}");
}

TEST_CASE("blanks may stand between all parts, lines may end with CR LF, and the last one open") {
  const auto samples = read("  x  {  a = \"1\" , }  5\r\n\tx\t6\nx 7");
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].labels == std::vector<Label>{{"a", "1"}});
  CHECK(samples[0].value == 5);
  CHECK(samples[1].value == 6);
  CHECK(samples[2].value == 7);
}

TEST_CASE("numbers are Go's") {
  const auto value = [](const std::string& text) { return read("x " + text).at(0).value; };
  CHECK(value("1e3") == 1000);
  CHECK(value("+4") == 4);
  CHECK(value("-0.25") == -0.25);
  CHECK(value("1.8446744073709552e+19") == 18446744073709551616.0);
  CHECK(std::isnan(value("NaN")));
  CHECK(value("-Inf") == -value("+inf"));
  CHECK(std::isinf(value("1e999")));
  CHECK(value("1e-999") == 0);
}

TEST_CASE("samples of other names are not looked into, but nothing else is taken for an answer") {
  CHECK(read("y{broken 1\ny 12 34 56\n").empty());
  CHECK(read("").empty());
  CHECK(read("\n\n# nothing\n").empty());
  CHECK(error_of("<html><body>It works</body></html>\n").line == 1);
  CHECK(error_of("{\"x\": 1}").what == "this is no metric");
  CHECK(error_of("y 1\n404 page not found\n").line == 2);
  CHECK(error_of("lonely\n").what == "a metric has no value");
}

TEST_CASE("a broken sample of a wanted name is said with its line") {
  CHECK(error_of("\n# x\nx{a=\"1\" 5\n").line == 3);
  CHECK(error_of("x{a=\"1} 5").what == "the value of a label has no end");
  CHECK(error_of("x{a=1} 5").what == "the value of a label is not in quotes");
  CHECK(error_of("x{a} 5").what == "a label has no value");
  CHECK(error_of("x{=\"\"} 5").what == "a label has no name");
  CHECK(error_of("x{a=\"1\"").what == "labels do not end");
  CHECK(error_of("x{a=\"1\"}").what == "the value is no number");
  CHECK(error_of("x twelve").what == "the value is no number");
  CHECK(error_of("x 0x").what == "the value is no number");
}
