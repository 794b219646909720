// Influx line protocol and StatsD as values; remote write's pieces. What whole remote writes say is
// read back by check_remote_write.py, with the decoders of others.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <snappy-c.h>

#include "base/export_limits.h"
#include "export/encoder.h"
#include "export/influx.h"
#include "export/lines.h"
#include "export/protobuf.h"
#include "export/remote_write.h"
#include "export/statsd.h"
#include "export/transport.h"
#include "export/seconds.h"

using namespace gend;
using test::lines_of;
using namespace std::chrono_literals;
using exporter::Destination;
using exporter::FixedLabels;
using exporter::Message;
using exporter::StatsdStyle;

namespace {

bool has(const std::vector<std::string>& lines, const std::string& wanted) {
  for (const std::string& line : lines)
    if (line == wanted) return true;
  return false;
}

std::vector<std::string> statsd_lines(const test::SampleRun& run, const StatsdStyle& style = {},
                                      const FixedLabels& labels = {}) {
  const exporter::Slots slots{run.schema};
  std::vector<std::string> all;
  for (const Message& packet :
       exporter::statsd_packets(slots, test::sample_second(run), style, labels)) {
    CHECK(packet.bytes.size() <= limits::kStatsdPacket);
    const auto lines = lines_of(packet.bytes);
    CHECK(lines.size() == packet.samples);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  return all;
}

std::string uncompressed(const std::string& bytes) {
  std::size_t size = 0;
  REQUIRE(snappy_uncompressed_length(bytes.data(), bytes.size(), &size) == SNAPPY_OK);
  std::string text(size, '\0');
  REQUIRE(snappy_uncompress(bytes.data(), bytes.size(), text.data(), &size) == SNAPPY_OK);
  return text;
}

Destination destination(Destination::Kind kind, Duration every) {
  Destination to;
  to.kind = kind;
  to.every = every;
  return to;
}

}  // namespace

TEST_CASE("a line has its series' tags, the labels, and a time in milliseconds") {
  const test::SampleRun run;
  const exporter::Slots slots{run.schema};
  const Message message =
      exporter::influx_lines(slots, test::sample_second(run), {{"env", "stage 1"}});
  const auto lines = lines_of(message.bytes);
  CHECK(lines.size() == message.samples);
  CHECK(has(lines, "http_req_failed,env=stage\\ 1,method=POST,name=login,scenario=peak "
                   "value=0.1,hits=100i,samples=1000i 1700000001000"));
  CHECK(has(lines, "data_received,env=stage\\ 1,scenario=peak value=1500000 1700000001000"));
  CHECK(has(lines, "http_reqs,env=stage\\ 1,error=status_5xx,expected_response=false,method=POST,"
                   "name=login,outcome=status.5xx,scenario=peak,status=503 "
                   "value=60 1700000001000"));
  // A plan's own counter, which is kept in millionths.
  CHECK(has(lines, "orders,env=stage\\ 1,scenario=peak value=12.5 1700000001000"));
}

TEST_CASE("a trend's line has its mean and percentiles in milliseconds") {
  const test::SampleRun run;
  const exporter::Slots slots{run.schema};
  const auto lines =
      lines_of(exporter::influx_lines(slots, test::sample_second(run), {}).bytes);
  std::string found;
  for (const std::string& line : lines)
    if (line.starts_with("http_req_duration,") && line.find("name=cart") != line.npos)
      found = line;
  // 500 samples of exactly 20 ms: every statistic is one of their extremes, which are exact.
  CHECK(found == "http_req_duration,expected_response=true,method=GET,name=cart,scenario=peak "
                 "value=20,count=500i,sum=10000,min=20,max=20,p50=20,p90=20,p95=20,p99=20 "
                 "1700000001000");
}

TEST_CASE("facets are measurements of their own") {
  const test::SampleRun run;
  const exporter::Slots slots{run.schema};
  const std::string text = exporter::influx_lines(slots, test::sample_second(run), {}).bytes;
  CHECK(text.find("http_reqs_by_village,expected_response=true,scenario=browse,status=200,"
                  "village=7 value=300 ") != std::string::npos);
  CHECK(text.find("http_reqs,expected_response=true,scenario=browse") == std::string::npos);
}

TEST_CASE("what the line protocol would take for its own is escaped or replaced") {
  CHECK(exporter::influx_escaped("a b,c=d") == "a\\ b\\,c\\=d");
  CHECK(exporter::influx_escaped("a\nb") == "a\\ b");
  CHECK(exporter::influx_escaped("C:\\temp\\") == "C:/temp/");
  CHECK(exporter::influx_escaped("\"x\"") == "\"x\"");
  CHECK(exporter::influx_escaped("\xff") == "\xef\xbf\xbd");
}

TEST_CASE("an InfluxDB address means its write URL, as k6's does") {
  using exporter::influx_urls;
  CHECK(influx_urls("http://h:8086/k6").write == "http://h:8086/write?precision=ms&db=k6");
  CHECK(influx_urls("http://h:8086/k6").create ==
        "http://h:8086/query?q=CREATE%20DATABASE%20%22k6%22");
  CHECK(influx_urls("http://h:8086").write == "http://h:8086/write?precision=ms&db=k6");
  CHECK(influx_urls("http://h:8086/load/").write == "http://h:8086/write?precision=ms&db=load");
  const auto v2 = influx_urls("https://h/api/v2/write?org=o&bucket=b");
  CHECK(v2.write == "https://h/api/v2/write?org=o&bucket=b&precision=ms");
  CHECK(v2.create.empty());
  CHECK(influx_urls("http://h/write?db=x&precision=ms").write == "http://h/write?db=x&precision=ms");
}

TEST_CASE("StatsD without tags counts whole metrics, and facets not at all") {
  const test::SampleRun run;
  const auto lines = statsd_lines(run);
  std::map<std::string, double> counts;
  for (const std::string& line : lines) {
    CHECK(line.find("_by_") == std::string::npos);
    CHECK(line.find('#') == std::string::npos);
    if (line.ends_with("|c"))
      counts[line.substr(0, line.find(':'))] += std::stod(line.substr(line.find(':') + 1));
  }
  CHECK(counts["gend.http_reqs"] == 2000);
  CHECK(counts["gend.http_reqs.status.200"] == 900 + 500 + 480);
  CHECK(counts["gend.http_reqs.status.503"] == 60);
  CHECK(counts["gend.http_reqs.error.timeout"] == 30);
  CHECK(counts["gend.http_req_failed.hits"] == 100);
  CHECK(counts["gend.http_req_failed.samples"] == 2000);
  CHECK(counts["gend.orders"] == 12.5);
}

TEST_CASE("StatsD's trends stand for all samples: rates and values of equal weight") {
  const test::SampleRun run;
  double samples = 0, low = 1e9, high = 0;
  std::size_t values = 0;
  for (const std::string& line : statsd_lines(run)) {
    if (!line.starts_with("gend.http_req_duration:")) continue;
    const std::size_t rate = line.find("|@");
    REQUIRE(rate != std::string::npos);
    samples += 1 / std::stod(line.substr(rate + 2));
    const double value = std::stod(line.substr(line.find(':') + 1));
    low = std::min(low, value);
    high = std::max(high, value);
    ++values;
  }
  CHECK(values == 20);
  // login 900 (0.1 to 90 ms), cart 500, home 500 that were answered.
  const auto& total = *run.total;
  const auto all = stats::select(run.schema, total.recorder, {"http_req_duration", {}});
  CHECK(samples == doctest::Approx(static_cast<double>(all.trend.count())));
  CHECK(low == doctest::Approx(all.trend.percentile(2.5) / 1e6));
  CHECK(high == doctest::Approx(all.trend.percentile(97.5) / 1e6));
}

TEST_CASE("StatsD's levels add up without tags, and are told apart with them") {
  const test::SampleRun run;
  const auto plain = statsd_lines(run);
  CHECK(has(plain, "gend.vus_max:80|g"));
  const auto tagged =
      statsd_lines(run, {.prefix = "k6.", .tags = StatsdStyle::Tags::kAppend}, {{"env", "a|b c"}});
  CHECK(has(tagged, "k6.vus_max:60|g|#env:a_b_c,scenario:peak"));
  CHECK(has(tagged, "k6.vus_max:20|g|#env:a_b_c,scenario:browse"));
  CHECK(has(tagged, "k6.http_reqs_by_village:300|c|#env:a_b_c,scenario:browse,status:200,village:7"));
}

TEST_CASE("what would end a StatsD name or tag is an underscore") {
  CHECK(exporter::statsd_word("a:b|c@d#e,f g\nh") == "a_b_c_d_e_f_g_h");
  CHECK(exporter::statsd_word("/cart/1.json") == "/cart/1.json");
}

TEST_CASE("protobuf numbers are as the encoding guide writes them") {
  exporter::ProtoWriter out;
  out.varint(1, 150);
  CHECK(out.bytes() == std::string("\x08\x96\x01"));
  out.clear();
  out.text(2, "testing");
  CHECK(out.bytes() == std::string("\x12\x07testing"));
  out.clear();
  out.varint(1, 0);
  out.number(1, 0);
  CHECK(out.bytes().empty());
  CHECK(exporter::ProtoWriter::zigzag(-1) == 1);
  CHECK(exporter::ProtoWriter::zigzag(2147483647) == 4294967294);
  CHECK(exporter::ProtoWriter::zigzag(-2147483648LL) == 4294967295);
  out.int64(1, -2);
  CHECK(out.bytes() == std::string("\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
}

TEST_CASE("compressed bodies are what snappy reads back") {
  const std::string text(100'000, 'x');
  const std::string packed = exporter::snappy_compressed(text);
  CHECK(packed.size() < text.size() / 10);
  CHECK(uncompressed(packed) == text);
  CHECK(uncompressed(exporter::snappy_compressed("")).empty());
}

TEST_CASE("remote write is pushed every so often and once more at the end, never twice the same") {
  const test::SampleRun run;
  const auto encoder =
      exporter::make_encoder(destination(Destination::Kind::kPrometheus, 3s), run.schema);
  std::vector<std::size_t> pushed;
  for (int i = 0; i < 7; ++i) {
    std::vector<Message> out;
    encoder->add(test::sample_second(run, 1'700'000'000'000 + 1000 * (i + 1),
                                     std::chrono::seconds{i}), out);
    pushed.push_back(out.size());
  }
  CHECK(pushed == std::vector<std::size_t>{0, 0, 1, 0, 0, 1, 0});
  std::vector<Message> rest;
  encoder->finish(rest);
  CHECK(rest.size() == 1);
  rest.clear();
  encoder->finish(rest);
  CHECK(rest.empty());
}

TEST_CASE("a wall clock that is set back makes no sample older than the one before") {
  const test::SampleRun run;
  const auto encoder =
      exporter::make_encoder(destination(Destination::Kind::kPrometheus, 1s), run.schema);
  std::vector<Message> out;
  encoder->add(test::sample_second(run, 1'700'000'001'000), out);
  encoder->add(test::sample_second(run, 1'600'000'000'000, 1s), out);
  REQUIRE(out.size() == 2);
  // The time stamp of the second push, field 2 of a sample, a varint.
  exporter::ProtoWriter stamp;
  stamp.int64(2, 1'700'000'001'001);
  CHECK(uncompressed(out[1].bytes).find(stamp.bytes()) != std::string::npos);
  stamp.clear();
  stamp.int64(2, 1'600'000'000'000);
  CHECK(uncompressed(out[1].bytes).find(stamp.bytes()) == std::string::npos);
}

TEST_CASE("many series are several requests") {
  stats::Schema schema;
  for (int i = 0; i < 2500; ++i)
    schema.add("http_req_retries", {{"name", std::to_string(i)}});
  stats::Snapshot second{schema};
  for (std::uint32_t i = 0; i < 2500; ++i) second.recorder.count(i);
  const auto encoder =
      exporter::make_encoder(destination(Destination::Kind::kPrometheus, 1s), schema);
  std::vector<Message> out;
  encoder->add({.frame = stats::frame_of(schema, second, 0s, 1s), .wall_ms = 1000, .standing = {}},
               out);
  REQUIRE(out.size() == 2);
  CHECK(out[0].samples == limits::kExportSeriesAtOnce);
  CHECK(out[0].samples + out[1].samples > 2500);
}

TEST_CASE("InfluxDB's lines wait for their turn, together") {
  const test::SampleRun run;
  const auto encoder =
      exporter::make_encoder(destination(Destination::Kind::kInfluxdb, 2s), run.schema);
  std::vector<Message> out;
  encoder->add(test::sample_second(run, 1000), out);
  CHECK(out.empty());
  encoder->add(test::sample_second(run, 2000, 1s), out);
  REQUIRE(out.size() == 1);
  CHECK(out[0].bytes.find(" 1000\n") != std::string::npos);
  CHECK(out[0].bytes.find(" 2000\n") != std::string::npos);
  out.clear();
  encoder->finish(out);
  CHECK(out.empty());
}
