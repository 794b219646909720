#include "stats/verdict.h"

#include <doctest/doctest.h>

#include "stats/message_verdict.h"

using namespace gend;
using namespace gend::stats;
using namespace std::chrono_literals;

namespace {

Histogram lags(std::uint64_t punctual, std::uint64_t late, Duration lateness) {
  Histogram lag;
  lag.add_n(Duration{10us}.count(), punctual);
  lag.add_n(lateness.count(), late);
  return lag;
}

const Histogram kNoLag = lags(100'000, 0, 0ns);

void judged(const GeneratorVerdict& got, Verdict verdict, Resource limiting) {
  CHECK(name_of(got.verdict) == name_of(verdict));
  CHECK(name_of(got.limiting) == name_of(limiting));
  CHECK(got.findings.empty() == (verdict == Verdict::kClean));
}

}  // namespace

TEST_CASE("an idle, punctual generator is clean") {
  judged(judge({}, Histogram{}, 0ns), Verdict::kClean, Resource::kNone);
  judged(judge({.busiest = 0.84}, kNoLag, 5ms), Verdict::kClean, Resource::kNone);
}

TEST_CASE("a busy shard makes a run suspect at 85 % and saturated at 95 %") {
  const auto suspect = judge({.busiest = 0.85, .busiest_shard = 3}, kNoLag, 5ms);
  judged(suspect, Verdict::kSuspect, Resource::kCpu);
  CHECK(suspect.findings[0].words.starts_with("shard 3 was 85 % busy"));
  judged(judge({.busiest = 0.949}, kNoLag, 5ms), Verdict::kSuspect, Resource::kCpu);
  const auto saturated = judge({.busiest = 0.97, .busiest_shard = 1}, kNoLag, 5ms);
  judged(saturated, Verdict::kSaturated, Resource::kCpu);
  CHECK(saturated.findings[0].words ==
        "shard 1 was 97 % busy: its timing cannot be trusted; add shards or hosts");
}

TEST_CASE("lag is tolerable up to 1 ms or a tenth of the median response, whichever is more") {
  // 2 % of 10,000 starts are late, so p99 is the lateness.
  judged(judge({}, lags(9800, 200, 1100us), 2ms), Verdict::kSaturated, Resource::kLag);
  judged(judge({}, lags(9800, 200, 1100us), 20ms), Verdict::kClean, Resource::kNone);
  judged(judge({}, lags(9800, 200, 2100us), 20ms), Verdict::kSaturated, Resource::kLag);
  judged(judge({}, lags(9800, 200, 900us), 2ms), Verdict::kSuspect, Resource::kLag);
  judged(judge({}, lags(9800, 200, 1100us), 0ns), Verdict::kSaturated, Resource::kLag);
}

TEST_CASE("a late schedule is told with its figure") {
  const auto late = judge({}, lags(0, 20'000, 840ms), 10ms);
  judged(late, Verdict::kSaturated, Resource::kLag);
  CHECK(late.findings[0].words.starts_with("schedule behind by p99 840ms"));
}

TEST_CASE("the far tail of the lag makes a run suspect, from 10,000 starts on") {
  // 0.2 % late: p99 is fine, p99.9 is not.
  judged(judge({}, lags(9980, 20, 500us), 1ms), Verdict::kSuspect, Resource::kLag);
  judged(judge({}, lags(9980, 20, 500us), 10ms), Verdict::kClean, Resource::kNone);
  judged(judge({}, lags(9980, 20, 150us), 1ms), Verdict::kClean, Resource::kNone);
  // The same share of fewer starts is a handful of samples, which prove nothing.
  judged(judge({}, lags(4990, 10, 500us), 1ms), Verdict::kClean, Resource::kNone);
}

TEST_CASE("one unlucky start in a short run does not condemn it, but a tenth of them does") {
  judged(judge({}, lags(99, 1, 50ms), 1ms), Verdict::kClean, Resource::kNone);
  judged(judge({}, lags(199, 1, 50ms), 1ms), Verdict::kClean, Resource::kNone);
  judged(judge({}, lags(170, 30, 50ms), 1ms), Verdict::kSaturated, Resource::kLag);
  judged(judge({}, lags(5, 15, 50ms), 1ms), Verdict::kSaturated, Resource::kLag);
  judged(judge({}, lags(0, 19, 50ms), 1ms), Verdict::kClean, Resource::kNone);
}

TEST_CASE("every limit of the host saturates, is named, and is not charged to the server") {
  const auto named = [](const GeneratorHealth& health, Resource resource, std::string_view word) {
    const auto got = judge(health, kNoLag, 5ms);
    judged(got, Verdict::kSaturated, resource);
    CHECK(got.findings[0].words.find(word) != std::string::npos);
    CHECK(got.findings[0].words.find("not charged to the server") != std::string::npos);
  };
  named({.host_descriptors = 1}, Resource::kDescriptors, "1 request failed");
  named({.host_ports = 2500}, Resource::kPorts, "2,500 requests failed");
  named({.host_memory = 2}, Resource::kMemory, "memory");
  named({.host_other = 2}, Resource::kHost, "refused");
}

TEST_CASE("overflowing completions saturate, starving buffers make suspect") {
  judged(judge({.cq_overflows = 1}, kNoLag, 5ms), Verdict::kSaturated, Resource::kCompletionQueue);
  const auto starved = judge({.buffer_starved = 4}, kNoLag, 5ms);
  judged(starved, Verdict::kSuspect, Resource::kBuffers);
  CHECK(starved.findings[0].words.find("4 times (ENOBUFS)") != std::string::npos);
}

TEST_CASE("a pause of the generator is reported with the starts that it made late") {
  const auto stalled = judge({.longest_stall = 5s}, lags(5'000'000, 2500, 3s), 10ms);
  judged(stalled, Verdict::kSuspect, Resource::kStall);
  CHECK(stalled.findings[0].words ==
        "generator stalled 5.00s: 2,500 starts more than 100ms late in the run; not charged to the "
        "server");
  judged(judge({.longest_stall = 100ms}, kNoLag, 10ms), Verdict::kClean, Resource::kNone);
}

TEST_CASE("too few users in the plan make suspect and name maxVUs") {
  const auto short_of_users = judge({.dropped_no_user = 12}, kNoLag, 5ms);
  judged(short_of_users, Verdict::kSuspect, Resource::kUsers);
  CHECK(short_of_users.findings[0].words.find("maxVUs") != std::string::npos);
  judged(judge({.dropped_stopped = 12}, kNoLag, 5ms), Verdict::kClean, Resource::kNone);
}

TEST_CASE("the worst finding comes first, and causes come before their symptoms") {
  const auto got = judge({.busiest = 0.99, .dropped_no_user = 1, .longest_stall = 1s},
                         lags(0, 20'000, 500ms), 5ms);
  judged(got, Verdict::kSaturated, Resource::kCpu);
  REQUIRE(got.findings.size() == 4);
  CHECK(got.findings[0].resource == Resource::kCpu);
  CHECK(got.findings[1].resource == Resource::kLag);
  CHECK(got.findings[2].resource == Resource::kStall);
  CHECK(got.findings[3].resource == Resource::kUsers);
}

TEST_CASE("merged health adds counts and keeps the worst moment and the latest memory") {
  GeneratorHealth total{.busy = 1s, .wall = 2s, .busiest = 0.5, .busiest_shard = 0, .planned = 3,
                        .longest_stall = 7ms, .memory_bytes = 100};
  total.merge({.busy = 3s, .wall = 6s, .busiest = 0.9, .busiest_shard = 4, .planned = 5,
               .started = 2, .dropped_no_user = 1, .host_ports = 2, .loops = 9,
               .longest_stall = 2ms, .memory_bytes = 80});
  CHECK(total.busy_share() == 0.5);
  CHECK(total.busiest == 0.9);
  CHECK(total.busiest_shard == 4);
  CHECK(total.planned == 8);
  CHECK(total.started == 2);
  CHECK(total.dropped_no_user == 1);
  CHECK(total.host_limits() == 2);
  CHECK(total.loops == 9);
  CHECK(total.longest_stall == 7ms);
  CHECK(total.memory_bytes == 80);
  total.merge({.busiest = 0.4, .busiest_shard = 7});
  CHECK(total.busiest_shard == 4);
  CHECK(total.memory_bytes == 80);
  CHECK(GeneratorHealth{}.busy_share() == 0);
}

TEST_CASE("first messages of users who come at one moment make a run suspect, not saturated") {
  // 100 of 2,100 messages, each user's first one, are late.
  const auto herd = lags(2000, 100, 3500us);
  judged(judge_messages({}, herd, 4ms), Verdict::kSuspect, Resource::kLag);
  judged(judge({}, herd, 4ms), Verdict::kSaturated, Resource::kLag);
  // More than a tenth is no herd.
  judged(judge_messages({}, lags(1800, 300, 3500us), 4ms), Verdict::kSaturated, Resource::kLag);
  judged(judge_messages({}, lags(2000, 100, 3500us), 50ms), Verdict::kClean, Resource::kNone);
}
