// A real run against gentarget, in one process: counts agree to the unit, and a shard allocates
// nothing once it is under way.
#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "engine/fleet.h"
#include "engine/programs.h"
#include "net/listener.h"
#include "plan/support.h"
#include "stats/threshold.h"
#include "support/allocations.h"
#include "target/server.h"

using namespace gend;
using namespace gend::test;
using namespace std::chrono_literals;
using plan::Executor;

namespace {

// gentarget in a thread of the test.
struct LocalTarget {
  target::Truth truth{1};
  target::App app{{}, truth};
  std::unique_ptr<target::Server> server;
  net::Address address = net::parse_endpoint("127.0.0.1:0").value();
  std::thread thread;
  int listening = -1;

  LocalTarget() {
    listening = net::listen_on(address).value();
    auto made = target::Server::create({.features = ring::probe().value(),
                                        .connections = 1024,
                                        .listening_fd = listening,
                                        .index = 0,
                                        .app = &app},
                                       truth);
    REQUIRE(made.has_value());
    server = std::move(*made);
    thread = std::thread{[this] { (void)server->run(); }};
  }
  ~LocalTarget() {
    server->stop();
    thread.join();
    ::close(listening);
  }
};

plan::Program program_to(const LocalTarget& target, ProgramOptions options) {
  plan::Program program = make_program(options);
  program.endpoints[0].port = target.address.port();
  program.requests[0].wire = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  return program;
}

struct Result {
  stats::Snapshot total;
  std::vector<std::uint64_t> per_interval;
};

Result run(const plan::Program& program, engine::FleetOptions options) {
  options.allow = {"127.0.0.0/8"};
  auto fleet = engine::Fleet::create(program, options);
  REQUIRE_MESSAGE(fleet.has_value(), (fleet ? "" : fleet.error().message));
  Result result{stats::Snapshot{program.schema}, {}};
  stats::Snapshot interval{program.schema};
  (*fleet)->start();
  for (;;) {
    const auto collected = (*fleet)->collect(interval, 5s);
    REQUIRE(collected != engine::Fleet::Collected::kNothing);
    if (collected == engine::Fleet::Collected::kFinished) return result;
    result.total.recorder.merge(interval.recorder, stats::Recorder::Over::kIntervals);
    result.total.health.merge(interval.health);
    result.per_interval.push_back(interval.health.completed);
  }
}

// The fewest allocations of the one shard within a second of the run: buffers grow to what they have
// to hold, on a slow machine for some seconds; then nothing is asked for any more.
std::uint64_t fewest_allocations_within_a_second(const plan::Program& program) {
  engine::FleetOptions options{.shards = 1, .pin = false};
  options.allow = {"127.0.0.0/8"};
  auto fleet = engine::Fleet::create(program, options);
  REQUIRE(fleet.has_value());
  stats::Snapshot interval{program.schema};
  (*fleet)->start();
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max(), before = 0;
  for (int second = 0;; ++second) {
    const auto collected = (*fleet)->collect(interval, 5s);
    REQUIRE(collected != engine::Fleet::Collected::kNothing);
    if (collected == engine::Fleet::Collected::kFinished) break;
    const std::uint64_t now = shard_allocations();
    const auto failed = stats::select(program.schema, interval.recorder, {"http_req_failed", {}});
    const auto checks = stats::select(program.schema, interval.recorder, {"checks", {}}).rate;
    CHECK(failed.rate.hits == 0);
    CHECK(checks.hits == checks.total);
    // It really worked in that second.
    if (second > 0 && interval.health.completed > 20) fewest = std::min(fewest, now - before);
    before = now;
  }
  CHECK(shard_allocations() > 0);  // the counter itself counts
  return fewest;
}

std::uint64_t requests(const plan::Program& program, const stats::Snapshot& total) {
  return stats::select(program.schema, total.recorder, {"http_reqs", {}}).count;
}

}  // namespace

TEST_CASE("what gend says it did is what the target served, for every executor and profile") {
  struct Case {
    Executor executor;
    double start;
    std::vector<plan::Stage> stages;
  };
  const std::vector<Case> cases{
      {Executor::kConstantVus, 8, {{1s, 8}}},
      {Executor::kRampingVus, 0, {{500ms, 20}, {500ms, 0}}},
      {Executor::kConstantArrivalRate, 500, {{1s, 500}}},
      {Executor::kRampingArrivalRate, 0, {{500ms, 800}, {500ms, 0}}},
  };
  for (const Case& c : cases)
    for (const char profile : {'A', 'E'}) {
      if (!ring::probe(profile)) continue;
      LocalTarget target;
      // A user for each arrival: a host that stands still runs short of none.
      const auto program = program_to(
          target, {.executor = c.executor, .start = c.start, .stages = c.stages, .max_vus = 500});
      const Result result = run(program, {.shards = 2, .pin = false, .uring_profile = profile});
      CAPTURE(static_cast<int>(c.executor));
      CAPTURE(profile);
      CHECK(requests(program, result.total) > 0);
      CHECK(requests(program, result.total) == target.truth.of_thread(0).responses.load());
      CHECK(result.total.health.planned == result.total.health.started);
      CHECK(result.total.health.completed == result.total.health.started);
      if (c.executor == Executor::kConstantArrivalRate)
        CHECK(requests(program, result.total) == 500);
      if (c.executor == Executor::kRampingArrivalRate)
        CHECK(requests(program, result.total) == 400);
    }
}

TEST_CASE("once under way a shard allocates nothing") {
  LocalTarget target;
  const auto program = program_to(
      target,
      {.executor = Executor::kConstantVus, .start = 16, .stages = {{3s, 16}}, .max_vus = 16});
  CHECK(fewest_allocations_within_a_second(program) == 0);
}

TEST_CASE("nor does a flow that captures, checks, decodes, keeps cookies and decides") {
  LocalTarget target;
  const std::string text = "target: http://127.0.0.1:" + std::to_string(target.address.port()) +
                           R"yaml(
seed: 1
defaults: {cookies: perUser}
scenarios:
  main:
    executor: constant-vus
    vus: 8
    duration: 6s
    flow:
      - group:
          name: session
          flow:
            - post: /session
              name: begin
            - get: /session
              name: look
              check: {status: 200}
      - get: /encoded/gzip?bytes=2000
        name: coded
        headers: {accept-encoding: gzip}
        check: {status: 200, body: contains "a"}
      - loop:
          count: 3
          flow:
            - get: /api/products
              query: {limit: 5, page: "${random(1,10)}"}
              name: products
              capture: {product: "json $.items[2].id", number: "regex product-([0-9]+)"}
              check: {"json $.items.length()": 5, "header content-type": ~json}
      - set: {next: "${number} + 1"}
      - if: "${next} > 0"
        then: [{get: "/api/products/${product}", name: product, check: {status: 200}}]
      - pick: [{weight: 1, flow: [{get: /redirect/2, name: redirect}]},
               {weight: 1, flow: [{post: /api/orders, json: {product_id: "${product}"},
                                   expect: {status: [201, 409]}}]}]
      - metric: {name: numbers, trend: "${next}"}
      - think: 1ms
)yaml";
  CHECK(fewest_allocations_within_a_second(*plan::support::compiled(text)) == 0);
}

TEST_CASE("a graceful stop from outside ends a long run at once, with everything counted") {
  LocalTarget target;
  const auto program = program_to(
      target, {.executor = Executor::kConstantVus, .start = 4, .stages = {{1h, 4}}, .max_vus = 4});
  engine::FleetOptions options{.shards = 2, .pin = false};
  options.allow = {"127.0.0.0/8"};
  auto fleet = engine::Fleet::create(program, options);
  REQUIRE(fleet.has_value());
  stats::Snapshot interval{program.schema}, total{program.schema};
  (*fleet)->start();
  bool stopped = false;
  for (;;) {
    const auto collected = (*fleet)->collect(interval, 5s);
    REQUIRE(collected != engine::Fleet::Collected::kNothing);
    if (collected == engine::Fleet::Collected::kFinished) break;
    total.recorder.merge(interval.recorder, stats::Recorder::Over::kIntervals);
    total.health.merge(interval.health);
    if (!stopped) (*fleet)->stop(engine::Fleet::Stop::kGraceful);
    stopped = true;
  }
  CHECK(requests(program, total) == target.truth.of_thread(0).responses.load());
  CHECK(total.health.interrupted == 0);
}

TEST_CASE("a target that is not on the list is refused before any packet, with its address") {
  auto program = make_program({.start = 1, .stages = {{1s, 1}}});
  program.endpoints[0].host = "192.0.2.1";
  const auto fleet = engine::Fleet::create(program, {.allow = {"127.0.0.0/8", "10.0.0.0/8"}});
  REQUIRE_FALSE(fleet.has_value());
  CHECK(fleet.error().code == ExitCode::kTargetNotAllowed);
  CHECK(fleet.error().message.find("192.0.2.1") != std::string::npos);
}

TEST_CASE("more users than ports or table slots are refused with what to change") {
  auto program = make_program(
      {.executor = Executor::kConstantVus, .start = 1, .stages = {{1s, 1}}, .max_vus = 3'000'000});
  const auto fleet = engine::Fleet::create(program, {.shards = 1, .allow = {"127.0.0.0/8"}});
  REQUIRE_FALSE(fleet.has_value());
  CHECK(fleet.error().code == ExitCode::kHostCannotCarry);
  CHECK(fleet.error().message.find("3,000,000 connections") != std::string::npos);
  CHECK_FALSE(fleet.error().remedy.empty());
}
