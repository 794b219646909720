#include "observe/host.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <doctest/doctest.h>

using namespace gend;
using namespace gend::observe;

namespace {

constexpr TimePoint at(int seconds) { return TimePoint{std::chrono::seconds{seconds}}; }

HostSnapshot before() {
  HostSnapshot seen;
  seen.at = at(100);
  seen.stat = ProcStat{{.user = 1000, .idle = 9000}, {{0, {.user = 500}}, {1, {.idle = 9000}}}};
  seen.memory = Meminfo{1000, 400};
  seen.net = NetDev{5000, 6000, 7};
  seen.softnet = Softnet{1, 2};
  seen.load = 0.5;
  seen.retransmits = 10;
  seen.listen_drops = 20;
  seen.established = 3;
  seen.clock = Clock{true, 1.5};
  return seen;
}

// Five seconds later: of 1000 ticks 300 were busy, all of them on processor 0.
HostSnapshot after() {
  HostSnapshot seen = before();
  seen.at = at(105);
  seen.stat->all = {.user = 1200, .idle = 9600, .iowait = 100, .softirq = 60, .steal = 40};
  seen.stat->cores = {{0, {.user = 700, .idle = 200, .softirq = 60, .steal = 40}},
                      {1, {.idle = 9500}}};
  seen.net = NetDev{15000, 26000, 12};
  seen.softnet = Softnet{11, 52};
  seen.retransmits = 15;
  seen.listen_drops = 120;
  seen.established = 30;
  return seen;
}

std::map<std::string, double> named(const std::vector<HostValue>& values) {
  std::map<std::string, double> all;
  for (const HostValue& value : values) {
    std::string name{name_of(value.metric)};
    if (value.metric == HostMetric::kCpuCore) name += std::to_string(value.core);
    CHECK(all.try_emplace(name, value.value).second);
  }
  return all;
}

// A folder that looks like /proc.
struct FakeProc {
  FakeProc() {
    std::string name = (std::filesystem::temp_directory_path() / "gend-proc-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    std::filesystem::create_directory(path / "net");
  }
  ~FakeProc() { std::filesystem::remove_all(path); }
  void write(const char* file, const std::string& text) const {
    std::ofstream{path / file} << text;
  }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("shares are of the time between two looks, rates per second of it") {
  auto values = named(host_values(before(), after()));
  CHECK(values["host_cpu"] == doctest::Approx(30));
  CHECK(values["host_cpu_busiest"] == doctest::Approx(60));
  CHECK(values["host_cpu_core0"] == doctest::Approx(60));
  CHECK(values["host_cpu_core1"] == 0);
  CHECK(values["host_cpu_softirq"] == doctest::Approx(6));
  CHECK(values["host_cpu_softirq_busiest"] == doctest::Approx(12));
  CHECK(values["host_cpu_steal"] == doctest::Approx(4));
  CHECK(values["host_load"] == 0.5);
  CHECK(values["host_memory_used"] == 600);
  CHECK(values["host_memory_available"] == 400);
  CHECK(values["host_net_received"] == 2000);
  CHECK(values["host_net_sent"] == 4000);
  CHECK(values["host_net_drops"] == 3);  // five of interfaces, ten of the backlog
  CHECK(values["host_net_squeezed"] == 10);
  CHECK(values["host_tcp_retransmits"] == 1);
  CHECK(values["host_tcp_listen_drops"] == 20);
  CHECK(values["host_tcp_established"] == 30);
  CHECK(values["host_clock_synchronized"] == 1);
  CHECK(values["host_clock_error"] == 1.5);
  CHECK(values.size() == kHostMetrics + 1);
}

TEST_CASE("a first look knows levels only") {
  auto values = named(host_values(HostSnapshot{}, before()));
  CHECK(values.contains("host_load"));
  CHECK(values.contains("host_memory_used"));
  CHECK_FALSE(values.contains("host_cpu"));
  CHECK_FALSE(values.contains("host_net_received"));
}

TEST_CASE("what went back or cannot be read has no value, and nothing else suffers") {
  HostSnapshot now = after();
  now.net->received = 10;
  now.stat->cores[0].second.user = 10;
  now.retransmits.reset();
  now.clock.reset();
  auto values = named(host_values(before(), now));
  CHECK_FALSE(values.contains("host_net_received"));
  CHECK(values.contains("host_net_sent"));
  CHECK_FALSE(values.contains("host_cpu_core0"));
  CHECK(values["host_cpu_busiest"] == 0);
  CHECK_FALSE(values.contains("host_tcp_retransmits"));
  CHECK_FALSE(values.contains("host_clock_synchronized"));
  CHECK(values["host_cpu"] == doctest::Approx(30));
}

TEST_CASE("two looks at the same moment, or without a tick between them, make no shares") {
  HostSnapshot now = after();
  now.at = before().at;
  CHECK_FALSE(named(host_values(before(), now)).contains("host_cpu"));
  HostSnapshot same = before();
  same.at = at(105);
  CHECK_FALSE(named(host_values(before(), same)).contains("host_cpu"));
}

TEST_CASE("a clock is synchronised when the kernel says so in both ways") {
  timex told{};
  told.maxerror = 2500;
  CHECK(clock_of(TIME_OK, told).synchronized);
  CHECK(clock_of(TIME_OK, told).error_ms == 2.5);
  CHECK(clock_of(TIME_INS, told).synchronized);
  CHECK_FALSE(clock_of(TIME_ERROR, told).synchronized);
  told.status = STA_UNSYNC;
  CHECK_FALSE(clock_of(TIME_OK, told).synchronized);
}

TEST_CASE("every metric is a gauge that gend knows, and has a series to go to") {
  stats::Schema schema;
  for (std::size_t i = 0; i < kHostMetrics; ++i) {
    const std::string name{name_of(static_cast<HostMetric>(i))};
    CAPTURE(name);
    const stats::Metric* metric = stats::find_metric(name);
    REQUIRE(metric != nullptr);
    CHECK(metric->kind == stats::Kind::kGauge);
    CHECK(stats::units_of(*metric) == 1e6);
  }
}

TEST_CASE("a meter gives values to the series that the schema has, and to no others") {
  const FakeProc proc;
  stats::Schema schema;
  schema.add("gen_memory", {});
  const std::uint32_t load = schema.add("host_load", {});
  const std::uint32_t core = schema.add("host_cpu_core", {{"cpu", "1"}});
  HostMeter meter{schema, proc.path};
  proc.write("loadavg", "1.5 1 1 1/2 3\n");
  proc.write("stat", "cpu 0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n");
  const auto first = meter.read(at(1));
  REQUIRE(first.size() == 1);
  CHECK(first[0].slot == load);
  CHECK(first[0].value == 1.5);
  proc.write("stat", "cpu 50 0 0 150\ncpu0 0 0 0 100\ncpu1 50 0 0 50\n");
  const auto second = meter.read(at(2));
  REQUIRE(second.size() == 2);
  CHECK(second[1].slot == core);
  CHECK(second[1].value == 50);
}

TEST_CASE("a host without these files has no values, and this one has some") {
  const FakeProc proc;
  stats::Schema schema;
  for (std::size_t i = 0; i < kHostMetrics; ++i)
    schema.add(name_of(static_cast<HostMetric>(i)), {});
  // The clock does not come from a file.
  CHECK(HostMeter{schema, proc.path}.read(at(1)).size() <= 2);
  CHECK(HostMeter{schema}.read(at(1)).size() >= 4);
}
