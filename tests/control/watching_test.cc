// Watching beside a run: what of it reaches the run's interval, its events and its report.
#include "control/watching.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "plan/load.h"
#include "stats/threshold.h"

using namespace gend;
using namespace gend::control;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<const plan::Program> program_of(const std::string& observe) {
  plan::Options options;
  options.host_cpus = 2;
  auto program = plan::compile("p.yaml",
                               "target: http://127.0.0.1:1\nobserve:\n" + observe +
                                   "scenarios: {s: {executor: constant-vus, duration: 1s, flow: "
                                   "[{get: /}]}}\n",
                               options);
  REQUIRE(program.has_value());
  return std::move(*program);
}

// A port that nobody listens on, and that nobody else can take meanwhile.
struct DeadPort {
  DeadPort() : fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t length = sizeof address;
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/metrics";
  }
  ~DeadPort() { ::close(fd); }
  int fd;
  std::string url;
};

}  // namespace

TEST_CASE("this host's gauges are sampled, and a dead source is an event and a warning") {
  const DeadPort dead;
  const auto program =
      program_of("  app: {prometheus: \"" + dead.url + "\", every: 1s, series: {a: b}}\n");
  Watching watching{*program, {"127.0.0.0/8"}};
  const TimePoint began = MonotonicClock::now();
  watching.begin();
  stats::Recorder interval{program->schema};
  std::vector<report::RunEvent> events;
  while (events.empty()) {
    watching.sample(interval, MonotonicClock::now() + 1s);
    events = watching.news(began);
    std::this_thread::yield();
  }
  CHECK(events[0].what == "observe app: no values from " + dead.url + ": Connection refused");
  CHECK(events[0].by == "gend");
  CHECK(events[0].at >= Duration{});
  const auto facts = watching.facts(began);
  REQUIRE(facts.size() == 1);
  CHECK(facts[0].failed >= 1);
  CHECK_FALSE(facts[0].answers);
  CHECK(facts[0].series[0].metric == "observe_app_a");
  const auto warnings = warnings_on(facts);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("Connection refused") != std::string::npos);
  const auto sampled = [&](const char* metric) {
    return stats::has_samples(stats::select(program->schema, interval, {metric, {}}));
  };
  CHECK(sampled("host_load"));
  CHECK(sampled("host_memory_used"));
  CHECK_FALSE(sampled("observe_app_a"));
}

TEST_CASE("an address that is not on the list is not asked") {
  const DeadPort dead;
  const auto program =
      program_of("  app: {json: \"" + dead.url + "\", every: 1s, series: {a: $.b}}\n");
  Watching watching{*program, {"10.0.0.0/8", "::1"}};
  watching.begin();
  stats::Recorder interval{program->schema};
  while (watching.facts({}).at(0).polls == 0) std::this_thread::yield();
  CHECK(watching.facts({}).at(0).last_fault ==
        "its address 127.0.0.1 is not on this host's list of allowed targets");
}

TEST_CASE("a plan that observes nothing has nothing to warn of") {
  const auto program = plan::compile(
      "p.yaml",
      "scenarios: {s: {executor: constant-vus, duration: 1s, flow: [{get: \"http://h/\"}]}}\n", {});
  REQUIRE(program.has_value());
  Watching watching{**program, {}};
  watching.begin();
  stats::Recorder interval{(*program)->schema};
  watching.sample(interval, MonotonicClock::now());
  CHECK(watching.news({}).empty());
  CHECK(warnings_on(watching.facts({})).empty());
}
