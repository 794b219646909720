#include "plan/explain.h"

#include <string>

#include <doctest/doctest.h>

#include "plan/demand.h"
#include "plan/support.h"

using namespace gend;
using namespace gend::plan;
using gend::plan::support::compiled;
using gend::plan::support::holds;

namespace {

const HostFacts kLargeHost{.kernel = "6.1.0",
                           .cpus = 4,
                           .memory_bytes = 16'000'000'000,
                           .memory_available = 8'000'000'000,
                           .nofile_soft = 1024,
                           .nofile_hard = 1'000'000,
                           .memlock_soft = 0,
                           .port_first = 32768,
                           .port_last = 60999};

// 10 arrivals/s for 100 s of 2 requests each; and from 50 s on 4 users for 50 s, each with one
// request and 900 ms of pause.
const char* const kTwoScenarios =
    "target: http://h:1\n"
    "scenarios:\n"
    "  open: {executor: constant-arrival-rate, rate: 10, duration: 100s, maxVUs: 30, flow: [{get: "
    "/}, {get: /}]}\n"
    "  closed: {executor: constant-vus, vus: 4, startTime: 50s, duration: 50s, flow: [{get: /}, "
    "{think: 900ms}]}\n";

}  // namespace

TEST_CASE("the demand of a plan is the sum of its scenarios") {
  const auto program = compiled(kTwoScenarios);
  const Demand demand = demand_of(*program);
  // The closed scenario: 4 users, an iteration of 900 ms + 100 ms each.
  CHECK(demand.requests == doctest::Approx(10 * 100 * 2 + 4 * 50));
  CHECK(demand.requests_per_second == doctest::Approx(20 + 4));
  const auto size = static_cast<double>(program->requests[0].wire.size());
  CHECK(demand.bytes_up_per_second == doctest::Approx(24 * size));
  CHECK(demand.users == 34);
  CHECK(demand.connections == 34);
  CHECK(to_seconds(demand.length) == 100);
  CHECK(demand.assumes_response);
}

TEST_CASE("the columns of a picture never miss a spike that is narrower than a column") {
  const auto program = compiled(
      "target: http://h\nscenarios:\n  s: {executor: ramping-vus, startVUs: 0, flow: [{get: /}], "
      "stages: "
      "[{duration: 50s, target: 0}, {duration: 1ms, target: 500}, {duration: 1ms, target: 0}, "
      "{duration: 50s, target: 0}]}\n");
  const auto columns = columns_of(*program, Model::kClosed, 10);
  double most = 0;
  for (const double value : columns) most = std::max(most, value);
  CHECK(most == doctest::Approx(500));
  CHECK(columns[0] == 0);
}

TEST_CASE("a plan is explained with its steps, its load, its demand and the host") {
  const std::string text = explain(*compiled(kTwoScenarios), kLargeHost);
  CHECK(holds(text, "scenario open: constant-arrival-rate, 10 arrivals/s at the peak, 1m40s\n"));
  CHECK(holds(text, "1,000 iterations in all, by at most 30 users\n"));
  CHECK(holds(text, "scenario closed: constant-vus, 4 users at the peak, 50s, begins at 50s\n"));
  CHECK(holds(text, "    2  think 900ms\n"));
  CHECK(holds(text, "users over time\n"));
  CHECK(holds(text, "arrivals/s over time\n"));
  CHECK(holds(text, "about 24/s at the peak, about 2,200 in all, over 1m40s\n"));
  CHECK(holds(text, "connections  34 at most\n"));
  CHECK(holds(text, "it can carry this plan\n"));
}

TEST_CASE("an open model alone needs no assumption about responses") {
  const auto program = compiled(
      "target: http://h\nscenarios: {s: {executor: constant-arrival-rate, rate: 5, duration: 10s, "
      "flow: [{get: /}]}}\n");
  CHECK_FALSE(demand_of(*program).assumes_response);
  CHECK(
      holds(explain(*program, kLargeHost), "requests     5/s at the peak, 50 in all, over 10s\n"));
}

TEST_CASE("a host that cannot carry the plan is told why and what to change") {
  const auto program = compiled(
      "target: http://h\nscenarios: {s: {executor: constant-vus, vus: 50000, duration: 10s, flow: "
      "[{get: /}]}}\n");
  HostFacts host = kLargeHost;
  host.nofile_hard = 4096;
  const auto objections = host_objections(*program, host);
  REQUIRE(objections.size() == 2);
  // 60999 - 32768 + 1 ports; four shards of 12,500 connections and a quarter more.
  CHECK(objections[0] ==
        "50,000 users need as many local ports to one server, and this host has 28,232; add "
        "defaults.connection.sourceAddresses, widen net.ipv4.ip_local_port_range, or lower the "
        "users");
  CHECK(objections[1] ==
        "50,000 connections over 4 shards need RLIMIT_NOFILE >= 13,500, have 4,096; raise "
        "LimitNOFILE= (or ulimit -Hn), or lower the users");
  CHECK(holds(explain(*program, host), "it CANNOT carry this plan:\n"));
}

TEST_CASE("source addresses multiply the ports") {
  const std::string plan =
      "target: http://h\nscenarios: {s: {executor: constant-vus, vus: 50000, duration: 10s, flow: "
      "[{get: /}]}}\n";
  const auto with = [&](const std::string& addresses) {
    return host_objections(
        *compiled("defaults: {connection: {sourceAddresses: [" + addresses + "]}}\n" + plan),
        kLargeHost);
  };
  CHECK(with("127.0.0.1, 127.0.0.2").empty());
  CHECK(with("127.0.0.0/28").empty());
  CHECK(with("127.0.0.1").size() == 1);
}

TEST_CASE("switched-off io_uring is an objection, an unknown state is none") {
  const auto program = compiled(kTwoScenarios);
  HostFacts host = kLargeHost;
  host.io_uring_disabled = 2;
  CHECK(host_objections(*program, host).size() == 1);
  host.io_uring_disabled = -1;
  CHECK(host_objections(*program, host).empty());
}

TEST_CASE("no secret is in an explanation") {
  const auto program = compiled(
      "target: http://h\nvars: {KEY: {secret: true, default: hunter2}}\nscenarios: {s: {executor: "
      "constant-vus, "
      "duration: 1s, flow: [{get: \"/${KEY}\", headers: {a: \"${KEY}\"}, query: {k: \"${KEY}\"}, "
      "check: {body: "
      "\"contains ${KEY}\"}}]}}\n");
  const std::string text = explain(*program, kLargeHost);
  CHECK_FALSE(holds(text, "hunter2"));
  CHECK(holds(text, "KEY = ***"));
}
