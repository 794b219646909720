#include "stats/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"
#include "stats/message_verdict.h"
#include "stats/words.h"

namespace gend::stats {
namespace {

using Findings = std::vector<Finding>;

// Among findings of one severity the cause comes before its symptoms: a busy processor makes starts
// late, not the other way round.
int rank_of(Resource resource) {
  switch (resource) {
    case Resource::kDescriptors: return 0;
    case Resource::kPorts: return 1;
    case Resource::kMemory: return 2;
    case Resource::kHost: return 3;
    case Resource::kCpu: return 4;
    case Resource::kCompletionQueue: return 5;
    case Resource::kLag: return 6;
    case Resource::kBuffers: return 7;
    case Resource::kStall: return 8;
    case Resource::kUsers: return 9;
    case Resource::kNone: return 10;
  }
  GEND_ASSERT(!"a resource has a rank");
}

void judge_host(const GeneratorHealth& health, Findings& findings) {
  struct Row {
    std::uint64_t count;
    Resource resource;
    std::string_view cause, remedy;
  };
  const std::array<Row, 4> rows{{
      {health.host_descriptors, Resource::kDescriptors, "ran out of file descriptors",
       "raise LimitNOFILE= (RLIMIT_NOFILE)"},
      {health.host_ports, Resource::kPorts, "ran out of local ports",
       "add sourceAddresses or keep connections alive"},
      {health.host_memory, Resource::kMemory, "ran out of memory", "use fewer users or more hosts"},
      {health.host_other, Resource::kHost, "refused operations", "see the errors by name"},
  }};
  for (const Row& row : rows) {
    if (row.count == 0) continue;
    findings.push_back({Verdict::kSaturated, row.resource,
                        fmt::format("this host {}: {} failed for it, not charged to the server; {}",
                                    row.cause, counted(row.count, "request"), row.remedy)});
  }
}

void judge_cpu(const GeneratorHealth& health, Findings& findings) {
  const double percent = std::floor(health.busiest * 1000) / 10;
  if (health.busiest >= rules::kBusySaturated)
    findings.push_back({Verdict::kSaturated, Resource::kCpu,
                        fmt::format("shard {} was {} % busy: its timing cannot be trusted; add "
                                    "shards or hosts",
                                    health.busiest_shard, percent)});
  else if (health.busiest >= rules::kBusySuspect)
    findings.push_back({Verdict::kSuspect, Resource::kCpu,
                        fmt::format("shard {} was {} % busy: little is left before its timing "
                                    "suffers; add shards or hosts",
                                    health.busiest_shard, percent)});
}

// The highest of the percentiles that has kSamplesAbove samples above it; 0 when none has.
double tail_percentile(std::uint64_t samples, double highest) {
  struct Step {
    double percent;
    std::uint64_t one_in;  // one sample in so many lies above
  };
  constexpr std::array<Step, 4> kSteps{{{99.9, 1000}, {99, 100}, {90, 10}, {50, 2}}};
  for (const Step& step : kSteps)
    if (step.percent <= highest && samples >= step.one_in * rules::kSamplesAbove)
      return step.percent;
  return 0;
}

bool lag_exceeds(const Histogram& lag, double percent, Duration floor, Duration response_p50) {
  if (percent == 0) return false;
  const double tolerable = std::max(static_cast<double>(floor.count()),
                                    rules::kLagShare * static_cast<double>(response_p50.count()));
  return lag.percentile(percent) > tolerable;
}

std::string lag_text(const Histogram& lag, double percent) {
  const Duration value{static_cast<std::int64_t>(lag.percentile(percent))};
  return fmt::format("p{:g} {}", percent, duration_text(value));
}

// Up to which percentile lateness condemns a run.
constexpr double kRequestTail = 99, kMessageTail = 90;

void judge_lag(const Histogram& lag, Duration response_p50, double highest, Findings& findings) {
  const double tail = tail_percentile(lag.count(), highest);
  if (lag_exceeds(lag, tail, rules::kLagSaturated, response_p50)) {
    findings.push_back({Verdict::kSaturated, Resource::kLag,
                        fmt::format("schedule behind by {}: the numbers are not to be trusted; the "
                                    "generator began its work too late",
                                    lag_text(lag, tail))});
    return;
  }
  const double far_tail = tail_percentile(lag.count(), 99.9);
  if (lag_exceeds(lag, far_tail, rules::kLagSuspect, response_p50))
    findings.push_back({Verdict::kSuspect, Resource::kLag,
                        fmt::format("schedule behind by {}: high percentiles hold some lateness of "
                                    "the generator's own",
                                    lag_text(lag, far_tail))});
}

void judge_queues(const GeneratorHealth& health, Findings& findings) {
  if (health.cq_overflows > 0)
    findings.push_back({Verdict::kSaturated, Resource::kCompletionQueue,
                        fmt::format("the completion queue overflowed {}: completions were seen "
                                    "late; add shards",
                                    times(health.cq_overflows))});
  if (health.buffer_starved > 0)
    findings.push_back({Verdict::kSuspect, Resource::kBuffers,
                        fmt::format("no receive buffer was free {} (ENOBUFS): a limit of the "
                                    "generator, not an error of the server",
                                    times(health.buffer_starved))});
}

void judge_stall(const GeneratorHealth& health, const Histogram& lag, Findings& findings) {
  if (health.longest_stall <= rules::kStallSuspect) return;
  const std::uint64_t late =
      lag.count() - lag.count_at_or_below(rules::kStallSuspect.count());
  findings.push_back({Verdict::kSuspect, Resource::kStall,
                      fmt::format("generator stalled {}: {} more than {} late in the run; not "
                                  "charged to the server",
                                  duration_text(health.longest_stall), counted(late, "start"),
                                  duration_text(rules::kStallSuspect))});
}

void judge_users(const GeneratorHealth& health, Findings& findings) {
  if (health.dropped_no_user == 0) return;
  findings.push_back({Verdict::kSuspect, Resource::kUsers,
                      fmt::format("{} found no free user until the scenario ended: the plan's "
                                  "maxVUs was the limit, so less load was offered than planned; "
                                  "raise maxVUs if the server should have had it",
                                  counted(health.dropped_no_user, "arrival"))});
}

}  // namespace

void GeneratorHealth::merge(const GeneratorHealth& other) {
  busy += other.busy;
  wall += other.wall;
  if (other.busiest > busiest) {
    busiest = other.busiest;
    busiest_shard = other.busiest_shard;
  }
  planned += other.planned;
  started += other.started;
  completed += other.completed;
  interrupted += other.interrupted;
  dropped_no_user += other.dropped_no_user;
  dropped_stopped += other.dropped_stopped;
  dropped_no_time += other.dropped_no_time;
  buffer_starved += other.buffer_starved;
  cq_overflows += other.cq_overflows;
  host_descriptors += other.host_descriptors;
  host_ports += other.host_ports;
  host_memory += other.host_memory;
  host_other += other.host_other;
  loops += other.loops;
  syscalls += other.syscalls;
  longest_stall = std::max(longest_stall, other.longest_stall);
  if (other.memory_bytes != 0) memory_bytes = other.memory_bytes;
}

double GeneratorHealth::busy_share() const {
  return wall <= Duration::zero() ? 0 : to_seconds(busy) / to_seconds(wall);
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kClean: return "CLEAN";
    case Verdict::kSuspect: return "SUSPECT";
    case Verdict::kSaturated: return "SATURATED";
  }
  GEND_ASSERT(!"a verdict has a name");
}

std::string_view name_of(Resource resource) {
  switch (resource) {
    case Resource::kNone: return "none";
    case Resource::kCpu: return "cpu";
    case Resource::kLag: return "lag";
    case Resource::kStall: return "stall";
    case Resource::kDescriptors: return "descriptors";
    case Resource::kPorts: return "ports";
    case Resource::kMemory: return "memory";
    case Resource::kBuffers: return "buffers";
    case Resource::kCompletionQueue: return "completion_queue";
    case Resource::kUsers: return "users";
    case Resource::kHost: return "host";
  }
  GEND_ASSERT(!"a resource has a name");
}

namespace {

GeneratorVerdict judge_with(const GeneratorHealth& health, const Histogram& lag, Duration p50,
                            double lag_tail) {
  GeneratorVerdict result;
  judge_host(health, result.findings);
  judge_cpu(health, result.findings);
  judge_queues(health, result.findings);
  judge_lag(lag, p50, lag_tail, result.findings);
  judge_stall(health, lag, result.findings);
  judge_users(health, result.findings);
  std::ranges::stable_sort(result.findings, [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    return rank_of(a.resource) < rank_of(b.resource);
  });
  if (!result.findings.empty()) {
    result.verdict = result.findings.front().severity;
    result.limiting = result.findings.front().resource;
  }
  return result;
}

}  // namespace

GeneratorVerdict judge(const GeneratorHealth& health, const Histogram& lag, Duration response_p50) {
  return judge_with(health, lag, response_p50, kRequestTail);
}

GeneratorVerdict judge_messages(const GeneratorHealth& health, const Histogram& lag,
                                Duration message_p50) {
  return judge_with(health, lag, message_p50, kMessageTail);
}

}  // namespace gend::stats
