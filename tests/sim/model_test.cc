// The model against the closed forms of queueing theory (Kleinrock, Queueing Systems, vol. 1).
#include <doctest/doctest.h>

#include <cmath>

#include "sim/model.h"
#include "support/seed.h"

using namespace gend;
using namespace std::chrono_literals;
using sim::ModelSpec;
using sim::ModelTarget;

namespace {

ModelSpec spec_of(const char* latency, std::uint32_t workers) {
  return {.latency = *sim::parse_latency(latency), .workers = workers, .bytes = 0};
}

struct Served {
  ModelTarget::Counts counts;
  double mean_wait_s = 0, utilisation = 0;
};

// Poisson arrivals at `rate` a second.
Served serve(const ModelSpec& spec, double rate, std::size_t requests) {
  ModelTarget target{spec, test::seed(), {false}};
  Rng rng{test::seed() + 1};
  double at = 0;
  for (std::size_t i = 0; i < requests; ++i) {
    at += -std::log(1.0 - rng.unit()) / rate;
    target.on_request(TimePoint{Duration{static_cast<std::int64_t>(at * 1e9)}});
  }
  const auto& counts = target.counts();
  return {.counts = counts,
          .mean_wait_s = to_seconds(counts.waiting) / static_cast<double>(requests),
          .utilisation = to_seconds(counts.busy) / (at * spec.workers)};
}

double erlang_c(double offered, int servers) {
  double term = 1, sum = 1;  // offered^k / k!
  for (int k = 1; k < servers; ++k) sum += term *= offered / k;
  const double last = term * offered / servers / (1 - offered / servers);
  return last / (sum + last);
}

}  // namespace

TEST_CASE("M/M/1 and M/M/c wait as Erlang says") {
  // Load 0.7: the mean of a million waits has a standard deviation of about 1 % (M/M/1).
  for (const int servers : {1, 3, 10}) {
    CAPTURE(servers);
    constexpr double kService = 0.1, kLoad = 0.7;
    const double rate = kLoad * servers / kService;
    const Served served =
        serve(spec_of("exponential:100ms", static_cast<std::uint32_t>(servers)), rate, 1'000'000);
    const double wait = erlang_c(kLoad * servers, servers) /
                        (static_cast<double>(servers) / kService - rate);
    CHECK(served.mean_wait_s == doctest::Approx(wait).epsilon(0.06));
    CHECK(served.utilisation == doctest::Approx(kLoad).epsilon(0.01));
  }
}

TEST_CASE("M/D/1 waits half as long as M/M/1") {
  const Served served = serve(spec_of("100ms", 1), 8, 1'000'000);
  constexpr double kLoad = 0.8;
  CHECK(served.mean_wait_s == doctest::Approx(kLoad / (2 * (1 - kLoad)) * 0.1).epsilon(0.06));
}

TEST_CASE("M/M/1/K turns away what the queue cannot hold") {
  ModelSpec spec = spec_of("exponential:100ms", 1);
  spec.queue = 2;  // three in the system
  const Served served = serve(spec, 8, 500'000);
  const double load = 0.8, blocked = (1 - load) * std::pow(load, 3) / (1 - std::pow(load, 4));
  CHECK(static_cast<double>(served.counts.refused) / 500'000 ==
        doctest::Approx(blocked).epsilon(0.03));
  CHECK(served.counts.longest_queue == 2);
}

TEST_CASE("without a limit on workers nobody waits, and the answer takes the round trip on top") {
  ModelTarget target{{.latency = *sim::parse_latency("20ms"), .rtt = 3ms}, 1, {false, true}};
  for (int i = 0; i < 100; ++i) {
    const sim::Reply reply = target.on_request(TimePoint{1s});
    CHECK(reply.at == TimePoint{1s + 23ms});
    CHECK(reply.status == 200);
    CHECK(reply.body == 2048);
  }
  CHECK(target.counts().waited == 0);
  CHECK(target.on_connect(TimePoint{1s}) == TimePoint{1s + 3ms});
  CHECK(target.on_handshake(TimePoint{1s}, 0) == kNever);
  CHECK(target.on_handshake(TimePoint{1s}, 1) == TimePoint{1s + 3ms});
}

TEST_CASE("a queue of none answers 503 at once, without a body, and serves nothing for it") {
  ModelTarget target{{.latency = *sim::parse_latency("1s"), .workers = 2, .queue = 0}, 1, {false}};
  CHECK(target.on_request(TimePoint{}).status == 200);
  CHECK(target.on_request(TimePoint{}).status == 200);
  const sim::Reply refused = target.on_request(TimePoint{500ms});
  CHECK(refused.status == 503);
  CHECK(refused.at == TimePoint{500ms});
  CHECK(refused.body == 0);
  CHECK(target.on_request(TimePoint{1s}).status == 200);
  CHECK(target.counts().refused == 1);
  CHECK(target.counts().busy == 3s);
}

TEST_CASE("the share that fails is the share that was asked for") {
  ModelTarget target{{.latency = {}, .fail = 0.1}, test::seed(), {false}};
  int failed = 0;
  for (int i = 0; i < 100'000; ++i) failed += target.on_request(TimePoint{}).status == 500 ? 1 : 0;
  CHECK(failed == doctest::Approx(10'000).epsilon(0.06));  // sd: 95
  CHECK(target.counts().failed == static_cast<std::uint64_t>(failed));
}

TEST_CASE("the same seed draws the same answers") {
  const ModelSpec spec{.latency = *sim::parse_latency("exponential:1s"), .workers = 3, .fail = 0.5};
  ModelTarget a{spec, 7, {false}}, b{spec, 7, {false}}, other{spec, 8, {false}};
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const sim::Reply one = a.on_request(TimePoint{}), two = b.on_request(TimePoint{});
    CHECK(one.at == two.at);
    CHECK(one.status == two.status);
    differs |= other.on_request(TimePoint{}).at != one.at;
  }
  CHECK(differs);
}
