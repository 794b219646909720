// `observe`: what is watched beside the load, and how thresholds name it.
#include <algorithm>
#include <chrono>
#include <string>

#include "base/limits.h"
#include "plan/explain.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using namespace std::chrono_literals;
using support::complaints;
using support::compiled;
using support::Lines;
using support::with_top;

namespace {

const std::string kApp =
    "observe:\n"
    "  app:\n"
    "    prometheus: ${BASE}/metrics\n"
    "    every: 2s\n"
    "    timeout: 500ms\n"
    "    headers: {authorization: \"Bearer ${TOKEN}\"}\n"
    "    series: {memory: process_resident_memory_bytes, cpu: \"rate(cpu_total{mode='user'})\"}\n"
    "  heap: {json: \"http://h/stats\", series: {mb: $.process.memory_mb, n: rate($.n)}}\n";
const std::string kVars =
    "vars: {BASE: \"http://app:9100\", TOKEN: {secret: true, default: s3cr3t}}\n";

// The complaints about a source with these keys, which begins at column 17 of line 1.
Lines of_source(const std::string& keys) {
  return complaints(with_top("observe: {app: {" + keys + "}}\n"));
}

Options on_cpus(unsigned cpus) {
  Options options;
  options.host_cpus = cpus;
  return options;
}

std::uint32_t slot_of(const Program& program, std::string_view metric) {
  for (const stats::Series& series : program.schema.series())
    if (series.metric == metric) return series.slot;
  FAIL("no series " << metric);
  return 0;
}

}  // namespace

TEST_CASE("sources of a plan are compiled with a gauge for each of their series") {
  const auto program = compiled(with_top(kVars + kApp));
  REQUIRE(program->observe.size() == 2);
  const observe::Source& app = program->observe[0];
  CHECK(app.name == "app");
  CHECK(app.kind == observe::Kind::kPrometheus);
  CHECK(app.url == "http://app:9100/metrics");
  CHECK(app.every == 2s);
  CHECK(app.timeout == 500ms);
  CHECK(app.headers == Lines{"authorization: Bearer s3cr3t"});
  REQUIRE(app.series.size() == 2);
  CHECK(app.series[0].metric == "observe_app_memory");
  CHECK(app.series[0].slot == slot_of(*program, "observe_app_memory"));
  CHECK(app.series[1].slot == slot_of(*program, "observe_app_cpu"));
  const auto& cpu = std::get<observe::Selector>(app.series[1].what);
  CHECK(cpu.name == "cpu_total");
  CHECK(cpu.reading == observe::Selector::Reading::kRate);
  const observe::Source& heap = program->observe[1];
  CHECK(heap.kind == observe::Kind::kJson);
  CHECK(heap.every == 5s);
  CHECK(heap.timeout == 5s);
  CHECK(std::get<observe::JsonNumber>(heap.series[0].what).path.source == "$.process.memory_mb");
  CHECK(std::get<observe::JsonNumber>(heap.series[1].what).reading ==
        observe::Selector::Reading::kRate);
}

TEST_CASE("how often a source is asked does not shrink with the run") {
  Options shorter;
  shorter.time_scale = 0.1;
  const auto program = compiled(with_top(kVars + kApp), shorter);
  CHECK(program->observe[0].every == 2s);
}

TEST_CASE("what is observed is explained, without its credentials") {
  const auto program = compiled(with_top(kVars + kApp));
  const std::string text = explain(*program, {.kernel = "6.1", .cpus = 2});
  CHECK(support::holds(text, "observe app: prometheus http://app:9100/metrics every 2s\n"
                             "  observe_app_memory = process_resident_memory_bytes\n"));
  CHECK(support::holds(text, "observe heap: json http://h/stats every 5s\n"));
  CHECK_FALSE(support::holds(text, "s3cr3t"));
  CHECK_FALSE(support::holds(program->source_text, "s3cr3t"));
}

TEST_CASE("thresholds may name what is observed, and this host") {
  const auto with = [](const std::string& thresholds, const Options& options = {}) {
    return complaints(with_top(kVars + kApp + "thresholds: {" + thresholds + "}\n"), options);
  };
  for (const char* metric : {"observe_app_memory", "observe_heap_n", "host_cpu", "host_load",
                             "host_tcp_listen_drops", "host_clock_synchronized", "gen_cpu",
                             "gen_memory", "\"host_cpu_core{cpu:0}\""}) {
    CAPTURE(metric);
    CHECK(with(std::string{metric} + ": \"value<1\"") == Lines{});
  }
  CHECK(with("\"host_cpu_core{cpu:3}\": \"value<1\"", on_cpus(4)) == Lines{});
  CHECK(with("\"host_cpu_core{cpu:4}\": \"value<1\"", on_cpus(4)).size() == 1);
  CHECK(with("host_cpu_core: \"value<1\"", on_cpus(4)) ==
        Lines{"p.yaml:10:14: host_cpu_core is of one processor; write host_cpu_core{cpu:0}, or "
              "host_cpu_busiest"});
  CHECK(with("observe_app_memry: \"value<1\"") ==
        Lines{"p.yaml:10:14: unknown metric \"observe_app_memry\"; did you mean "
              "\"observe_app_memory\"?"});
  CHECK(with("observe_database_connections_in_use: \"value<1\"") ==
        Lines{"p.yaml:10:14: unknown metric \"observe_database_connections_in_use\"; make it a "
              "series of `observe`: observe_SOURCE_SERIES"});
  CHECK(with("observe_app_memory: \"p(95)<1\"") ==
        Lines{"p.yaml:10:35: p(95) does not fit a gauge metric, expected one of: value"});
}

TEST_CASE("each processor of the host has a series, as far as there is room") {
  const auto cores = [](unsigned cpus) {
    const auto program = compiled(with_top(""), on_cpus(cpus));
    return std::ranges::count(program->schema.series(), "host_cpu_core", &stats::Series::metric);
  };
  CHECK(cores(0) == 0);
  CHECK(cores(3) == 3);
  CHECK(cores(5000) == limits::kHostCpus);
}

TEST_CASE("a source is refused with place, cause and remedy") {
  const std::string series = "series: {a: b}";
  CHECK(of_source(series) ==
        Lines{"p.yaml:1:16: the source has neither `prometheus` nor `json`; write {prometheus: "
              "\"http://host/metrics\", series: {memory: process_resident_memory_bytes}}"});
  CHECK(of_source("prometheus: \"http://h/\", json: \"http://h/\", " + series) ==
        Lines{"p.yaml:1:48: a source is one of `prometheus` and `json`; make two sources of it"});
  CHECK(of_source("prometheus: /metrics, " + series).size() == 1);
  CHECK(of_source("prometheus: \"ftp://h/\", " + series).size() == 1);
  CHECK(of_source("prometheus: \"http://u:p@h/\", " + series).size() == 1);
  CHECK(of_source("prometheus: \"http://h/${vu}\", " + series).size() == 1);
  CHECK(of_source("prometheus: \"http://h/\"").size() == 1);
  CHECK(of_source("prometheus: \"http://h/\", series: {}") ==
        Lines{"p.yaml:1:50: `series` is empty: nothing would be read"});
  CHECK(of_source("prometheus: \"http://h/\", series: [a]").size() == 1);
  CHECK(of_source("prometheus: \"http://h/\", evry: 1s, " + series) ==
        Lines{"p.yaml:1:42: unknown key \"evry\"; did you mean \"every\"?"});
  CHECK(of_source("prometheus: \"http://h/\", every: 100ms, " + series) ==
        Lines{"p.yaml:1:49: \"100ms\" is not between 1s and 1h; series have one value a second at "
              "most"});
  CHECK(of_source("prometheus: \"http://h/\", every: 2h, " + series).size() == 1);
  CHECK(of_source("prometheus: \"http://h/\", timeout: 6s, " + series) ==
        Lines{"p.yaml:1:51: `timeout` is not between 0 and `every` (5s); an answer must be there "
              "before the next one is asked for"});
  CHECK(of_source("prometheus: \"http://h/\", timeout: 0s, " + series).size() == 1);
  CHECK(of_source("prometheus: \"http://h/\", headers: {x: \"${vu}\"}, " + series).size() == 1);
  CHECK(of_source("prometheus: \"http://h/\", headers: {\"a b\": x}, " + series).size() == 1);
  CHECK(complaints(with_top("observe: []\n")).size() == 1);
  CHECK(complaints(with_top("observe: {app: 1}\n")).size() >= 1);
}

TEST_CASE("what a series reads is held against the language of its kind") {
  const auto prometheus = [](const std::string& what) {
    return of_source("prometheus: \"http://h/\", series: {a: '" + what + "'}");
  };
  CHECK(prometheus("rate(x[5m])") ==
        Lines{"p.yaml:1:61: \"rate(x[5m])\" reads nothing: a range has no meaning here; leave "
              "[...] away: a rate is that between two polls"});
  CHECK(prometheus("").size() == 1);
  CHECK(prometheus("x{a=~\"(\"}").size() == 1);
  const auto json = [](const std::string& what) {
    return of_source("json: \"http://h/\", series: {a: \"" + what + "\"}");
  };
  CHECK(json("process.memory").size() == 1);
  CHECK(json("rate(process)").size() == 1);
  CHECK(json("$.a").empty());
}

TEST_CASE("names of sources and series make names of metrics") {
  const std::string rest = "prometheus: \"http://h/\", series: ";
  CHECK(complaints(with_top("observe: {my-app: {" + rest + "{a: b}}}\n")) ==
        Lines{"p.yaml:1:11: \"my-app\" is not a name of a source; use letters, digits and _, not "
              "beginning with a digit"});
  CHECK(of_source(rest + "{a-b: c}").size() == 1);
  CHECK(of_source(rest + "{" + std::string(130, 'x') + ": c}").size() == 1);
  CHECK(complaints(with_top("observe: {a: {" + rest + "{b_c: x}}, a_b: {" + rest +
                            "{c: x}}}\n")) ==
        Lines{"p.yaml:1:99: two series would be called observe_a_b_c; rename one of them, or its "
              "source"});
}

TEST_CASE("an sql source is refused by name, with what can be done meanwhile") {
  CHECK(of_source("sql: \"postgres://h/\", series: {active: \"SELECT 1\"}") ==
        Lines{"p.yaml:1:17: `sql` sources are part of the plan language, but this version of gend "
              "does not run them yet; until SQL steps run, read the number through an exporter "
              "(postgres_exporter) as `prometheus`, or through an endpoint of the application as "
              "`json`"});
}

TEST_CASE("a metric of the plan cannot be taken for one that is observed") {
  const auto with = [](const std::string& name) {
    return complaints(support::with_flow("      - metric: {name: " + name + ", gauge: 1}\n      - get: /\n"));
  };
  CHECK(with("observe_x_y") ==
        Lines{"p.yaml:7:24: \"observe_x_y\" would be a metric of `observe`; choose a name that "
              "does not begin with observe_"});
  CHECK(with("host_of_mine") == Lines{});
  CHECK(with("host_cpu").size() == 1);
}

TEST_CASE("there are limits to sources and series") {
  std::string sources, series;
  for (std::size_t i = 0; i <= limits::kObserveSources; ++i)
    sources += "  s" + std::to_string(i) + ": {prometheus: \"http://h/\", series: {a: b}}\n";
  CHECK(complaints(with_top("observe:\n" + sources)).size() == 1);
  for (std::size_t i = 0; i <= limits::kObserveSeries; ++i)
    series += "      a" + std::to_string(i) + ": b\n";
  CHECK(complaints(with_top("observe:\n  s:\n    prometheus: http://h/\n    series:\n" + series)) ==
        Lines{"p.yaml:2:3: 257 series, at most 256; each of them is kept every second"});
}

TEST_CASE("all that is wrong with a source is said at once") {
  CHECK(of_source("prometheus: nowhere, every: 1ms, timeout: 0s, series: {\"a b\": c, d: \"(\"}")
            .size() == 5);
}
