// The meter family: simulated targets whose answers are known, in virtual time. What is measured
// must be what a closed form says, never what a first run happened to print.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>

#include "engine/programs.h"
#include "sim/driver.h"
#include "sim/targets.h"
#include "stats/threshold.h"

using namespace gend;
using namespace gend::test;
using namespace std::chrono_literals;
using plan::Executor;

namespace {

TimePoint at(Duration d) {
  return TimePoint{d};
}

stats::Histogram whole(const plan::Program& program, const stats::Snapshot& total,
                       const char* metric) {
  return stats::select(program.schema, total.recorder, {metric, {}}).trend;
}

double ms(const stats::Histogram& h, double percent) {
  return h.percentile(percent) / 1e6;
}

// Percentiles are within the histogram's error of 0.4 %, and one arrival's spacing on the ramp.
doctest::Approx about(double expected) {
  return doctest::Approx(expected).epsilon(0.005);
}

void print(const char* name, const stats::Histogram& response, const stats::Histogram& service) {
  std::printf(
      "%-34s response p50 %9.3f p90 %9.3f p99 %9.3f max %9.3f | service p50 %8.3f p99 %8.3f"
      " ms, n %llu\n",
      name, ms(response, 50), ms(response, 90), ms(response, 99),
      static_cast<double>(response.max()) / 1e6, ms(service, 50), ms(service, 99),
      static_cast<unsigned long long>(response.count()));
}

}  // namespace

TEST_CASE("meter: a constant server is measured to the nanosecond, at every percentile") {
  const auto program = make_program({.start = 1000, .stages = {{10s, 1000}}, .max_vus = 50});
  sim::ConstantTarget target{7ms};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  const auto service = whole(program, total, "http_req_duration");
  print("constant 7 ms, 1000/s", response, service);
  CHECK(response.count() == 10'000);
  CHECK(response.min() == 7'000'000);
  CHECK(response.max() == 7'000'000);
  CHECK(service.mean() == doctest::Approx(7e6).epsilon(1e-12));
  CHECK(total.health.planned == 10'000);
  CHECK(total.health.started == 10'000);
  CHECK(total.health.completed == 10'000);
  CHECK(whole(program, total, "gen_lag").max() == 0);
}

TEST_CASE("meter: one stall is felt by every arrival due during it and while it drains") {
  // 500 arrivals/s, 1 ms of work each, a stall from 5 s to 6 s. An arrival at 5 s + x waits for the
  // end of the stall and for the x/2 ms that are queued before it: 1 s - x + x/2 + 1 ms, down to
  // 1 ms at x = 2 s. So 1000 requests fall linearly from 1001 ms, and of those 990 exceed 11 ms.
  const auto program = make_program({.start = 500, .stages = {{10s, 500}}, .max_vus = 5000});
  sim::QueueTarget target{1ms, {{at(5s), at(6s)}}};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  print("one stall of 1 s", response, whole(program, total, "http_req_duration"));
  REQUIRE(response.count() == 5000);
  CHECK(response.max() == 1'001'000'000);
  const auto above = response.count() - response.count_at_or_below(11'000'000);
  CHECK(static_cast<double>(above) == doctest::Approx(990).epsilon(0.005));
  CHECK(ms(response, 50) == about(1.0));
  // 20 % of all are on the ramp: p90 is its middle, p99 its upper twentieth.
  CHECK(ms(response, 90) == about(501.0));
  CHECK(ms(response, 99) == about(951.0));
}

TEST_CASE("meter: response time does not depend on how many users the generator has") {
  for (const std::uint64_t users : {5000U, 100U, 10U, 1U}) {
    const auto program = make_program({.start = 500, .stages = {{10s, 500}}, .max_vus = users});
    sim::QueueTarget target{1ms, {{at(5s), at(6s)}}};
    sim::Driver driver{program, target, 1};
    const auto& total = driver.run();
    const auto response = whole(program, total, "http_req_duration_corrected");
    const auto service = whole(program, total, "http_req_duration");
    print(("too few users: " + std::to_string(users)).c_str(), response, service);
    CHECK(response.count() == 5000);
    CHECK(ms(response, 50) == about(1.0));
    CHECK(ms(response, 90) == about(501.0));
    CHECK(ms(response, 99) == about(951.0));
    // What stamping at the send would say instead: with one user only one request met the stall.
    if (users == 1) CHECK(ms(service, 99) == about(1.0));
    if (users == 10) CHECK(ms(service, 99) == about(10.0));
    CHECK(total.health.dropped_no_user == 0);
    // Waiting for a user is not our lateness.
    CHECK(whole(program, total, "gen_lag").max() == 0);
  }
}

TEST_CASE("meter: a server that freezes 1 s in every 10 s shows in p95 and p99 as it should") {
  // 1000/s, immediate service: a tenth of the arrivals wait 0..1 s, uniformly.
  const auto program = make_program({.start = 1000, .stages = {{60s, 1000}}, .max_vus = 2000});
  std::vector<sim::Stall> stalls;
  for (int i = 0; i < 6; ++i) stalls.push_back({at(10s * i + 4s), at(10s * i + 5s)});
  sim::QueueTarget target{1us, stalls};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  print("periodic stall, 1 s in 10 s", response, whole(program, total, "http_req_duration"));
  CHECK(response.count() == 60'000);
  CHECK(ms(response, 89) == doctest::Approx(0.001).epsilon(0.01));
  CHECK(ms(response, 95) == doctest::Approx(500).epsilon(0.01));
  CHECK(ms(response, 99) == doctest::Approx(900).epsilon(0.01));
  CHECK(static_cast<double>(response.max()) / 1e6 == doctest::Approx(1000).epsilon(0.01));
}

TEST_CASE("meter: a ramp past the server's capacity builds the queue that the integral says") {
  // 0 -> 200/s over 10 s against 100/s: the queue starts at t = 5 s, when 250 have come and gone.
  // Arrival n at t_n = sqrt(n/10) is done at 5 s + (n - 250 + 1) / 100 s, for n >= 250; the last
  // one, n = 999 at 9.99500 s, at 12.5 s.
  const auto program = make_program(
      {.executor = Executor::kRampingArrivalRate, .stages = {{10s, 200}}, .max_vus = 2000});
  sim::QueueTarget target{10ms, {}};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  print("ramp to twice the capacity", response, whole(program, total, "http_req_duration"));
  CHECK(response.count() == 1000);
  const double last = 12.5 - std::sqrt(999.0 / 10.0);
  CHECK(to_seconds(Duration{response.max()}) == doctest::Approx(last).epsilon(0.01));
}

TEST_CASE("meter: lost requests end at their timeout, and are in the numbers, flagged") {
  const auto program =
      make_program({.start = 100, .stages = {{10s, 100}}, .max_vus = 1000, .timeout = 2s});
  sim::LossyTarget target{5ms, 10, sim::Reply::Kind::kNever};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  print("every tenth request lost", response, whole(program, total, "http_req_duration"));
  CHECK(target.requests() == 1000);
  CHECK(response.count() == 1000);
  CHECK(ms(response, 90) == about(5.0));
  CHECK(ms(response, 91) == about(2000.0));
  CHECK(response.max() == 2'000'000'000);
  const auto failed = stats::select(program.schema, total.recorder, {"http_req_failed", {}}).rate;
  CHECK(failed.hits == 100);
  CHECK(failed.total == 1000);
  const auto& tally = total.recorder.tally_at(program.requests[0].series.reqs);
  CHECK(tally.counts[static_cast<std::size_t>(Outcome::kTimeoutTotal)] == 100);
  CHECK(tally.counts[200] == 900);
}

TEST_CASE("meter: resets, closes and error statuses are told apart and counted exactly") {
  using Kind = sim::Reply::Kind;
  struct Case {
    Kind kind;
    int status;
    std::size_t key;
  };
  for (const Case& c : {Case{Kind::kReset, 0, std::size_t(Outcome::kResetBeforeResponse)},
                        Case{Kind::kClose, 0, std::size_t(Outcome::kClosedBeforeResponse)},
                        Case{Kind::kAnswer, 503, stats::Tally::key(Outcome::kStatus5xx, 503)},
                        Case{Kind::kAnswer, 404, stats::Tally::key(Outcome::kStatus4xx, 404)}}) {
    const auto program = make_program({.start = 100, .stages = {{10s, 100}}, .max_vus = 10});
    sim::LossyTarget target{1ms, 4, c.kind, c.status};
    sim::Driver driver{program, target, 1};
    const auto& total = driver.run();
    const auto& tally = total.recorder.tally_at(program.requests[0].series.reqs);
    CHECK(tally.counts[c.key] == 250);
    CHECK(tally.counts[200] == 750);
  }
}

TEST_CASE("meter: a closed loop of u users against a server of s seconds makes u / s requests/s") {
  // Ten users, 20 ms each: 500/s for 10 s, every response 20 ms, nothing hidden and nothing added.
  const auto program = make_program(
      {.executor = Executor::kConstantVus, .start = 10, .stages = {{10s, 10}}, .max_vus = 10});
  sim::ConstantTarget target{20ms};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  print("closed loop, 10 users, 20 ms", response, whole(program, total, "http_req_duration"));
  CHECK(response.count() == 5000);
  CHECK(response.min() == 20'000'000);
  CHECK(response.max() == 20'000'000);
}

TEST_CASE("meter: think time is not response time, and is kept to the nanosecond") {
  // 20 ms of service and 80 ms of thinking: ten users make 100 iterations/s.
  const auto program = make_program({.executor = Executor::kConstantVus,
                                     .start = 10,
                                     .stages = {{10s, 10}},
                                     .max_vus = 10,
                                     .think = 80ms});
  sim::ConstantTarget target{20ms};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  CHECK(total.health.completed == 1000);
  CHECK(whole(program, total, "iteration_duration").min() == 100'000'000);
  CHECK(whole(program, total, "iteration_duration").max() == 100'000'000);
  CHECK(whole(program, total, "http_req_duration_corrected").max() == 20'000'000);
}

TEST_CASE("meter: a shard that stood still is our lateness, and no arrival is forgotten") {
  // Paused from 4 s to 4.3 s at 1000/s: 300 arrivals are late by 300 ms .. 0, all of them are sent,
  // the corrected latency holds the wait, the service time does not, and gen_lag says whose it was.
  const auto program = make_program({.start = 1000, .stages = {{10s, 1000}}, .max_vus = 1000});
  sim::ConstantTarget target{1ms};
  sim::Driver driver{program, target, 1, {{0, at(4s), at(4300ms)}}};
  const auto& total = driver.run();
  const auto response = whole(program, total, "http_req_duration_corrected");
  const auto service = whole(program, total, "http_req_duration");
  const auto lag = whole(program, total, "gen_lag");
  print("shard paused for 300 ms", response, service);
  CHECK(response.count() == 10'000);
  CHECK(lag.max() == doctest::Approx(300e6).epsilon(0.004));
  const auto late = lag.count() - lag.count_at_or_below(0);
  CHECK(late >= 299);
  CHECK(late <= 300);
  // One answer came while we were away: sent at 3.999 s, seen at 4.3 s. All others took 1 ms.
  CHECK(service.max() == 301'000'000);
  CHECK(service.count() - service.count_at_or_below(1'100'000) == 1);
  CHECK(total.health.longest_stall >= 299ms);
  CHECK(total.health.planned == total.health.started);
}

TEST_CASE("meter: n shards together do exactly what one does") {
  for (const auto executor : {Executor::kRampingArrivalRate, Executor::kRampingVus}) {
    stats::Histogram one;
    for (const std::uint32_t shards : {1U, 2U, 3U, 7U}) {
      const auto program = make_program({.executor = executor,
                                         .start = 0,
                                         .stages = {{5s, 70}, {5s, 70}, {5s, 0}},
                                         .max_vus = 70});
      sim::ConstantTarget target{13ms};
      sim::Driver driver{program, target, shards};
      const auto& total = driver.run();
      const auto response = whole(program, total, "http_req_duration_corrected");
      if (shards == 1) {
        one.merge(response);
        CHECK(one.count() > 0);
        continue;
      }
      CHECK(response.count() == one.count());
      CHECK(response.min() == one.min());
      CHECK(response.max() == one.max());
      for (std::size_t b = 0; b < stats::Histogram::kBuckets; ++b)
        if (response.buckets()[b] != one.buckets()[b]) FAIL("bucket differs");
    }
  }
}

TEST_CASE("meter: with too few users to the very end, what never started is dropped and said") {
  // One user, 100 ms of service: 10/s of the asked 100/s. 100 begin within 10 s, 900 never do.
  const auto program = make_program({.start = 100, .stages = {{10s, 100}}, .max_vus = 1});
  sim::ConstantTarget target{100ms};
  sim::Driver driver{program, target, 1};
  const auto& total = driver.run();
  CHECK(total.health.planned == 1000);
  CHECK(total.health.started == 100);
  CHECK(total.health.completed == 100);
  CHECK(total.health.dropped_no_user == 900);
  CHECK(total.recorder.counter_at(program.scenarios[0].series.dropped_iterations) == 900);
}
