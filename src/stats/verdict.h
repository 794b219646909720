#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "stats/histogram.h"

namespace gend::stats {

// What the generator observed of itself: one per shard and interval, also merged over both.
struct GeneratorHealth {
  Duration busy{};     // time not spent waiting in the kernel
  Duration wall{};     // length of the interval, times shards when merged
  double busiest = 0;  // largest busy/wall of any one shard and interval of at least 0.5 s, 0..1
  std::uint32_t busiest_shard = 0;
  std::uint64_t planned = 0;         // arrivals that were due (open) or iterations begun (closed)
  std::uint64_t started = 0;
  std::uint64_t completed = 0;
  std::uint64_t interrupted = 0;     // started, cut off by the end of the run
  std::uint64_t dropped_no_user = 0;  // due, but every user was busy until the scenario ended
  std::uint64_t dropped_stopped = 0;  // due before a stop, not begun any more
  std::uint64_t dropped_no_time = 0;  // iterations counted by the plan that maxDuration cut off
  std::uint64_t buffer_starved = 0;   // ENOBUFS: no receive buffer was free
  std::uint64_t cq_overflows = 0;
  std::uint64_t host_descriptors = 0, host_ports = 0, host_memory = 0, host_other = 0;  // requests
  std::uint64_t loops = 0;         // turns of the event loop
  std::uint64_t syscalls = 0;      // io_uring_enter and every other system call of the hot loop
  Duration longest_stall{};        // longest time between two turns while work was due
  std::int64_t memory_bytes = 0;   // resident set of the process, latest

  // Adds other shards or later intervals. The memory is the process's, so the latest one holds.
  void merge(const GeneratorHealth& other);
  std::uint64_t host_limits() const {
    return host_descriptors + host_ports + host_memory + host_other;
  }
  std::uint64_t dropped() const { return dropped_no_user + dropped_stopped + dropped_no_time; }
  double busy_share() const;  // busy / wall over everything merged, 0..1; 0 without time
};

enum class Verdict : std::uint8_t { kClean, kSuspect, kSaturated };
std::string_view name_of(Verdict verdict);  // CLEAN | SUSPECT | SATURATED

enum class Resource : std::uint8_t {
  kNone, kCpu, kLag, kStall, kDescriptors, kPorts, kMemory, kBuffers, kCompletionQueue, kUsers,
  kHost
};
std::string_view name_of(Resource resource);  // cpu, lag, stall, descriptors, ports, …

struct Finding {
  Verdict severity;
  Resource resource;
  std::string words;  // "shard 1 was 97 % busy: its timing cannot be trusted; add shards or hosts"
};

// The verdict on the generator itself: can the numbers of the run be trusted?
struct GeneratorVerdict {
  Verdict verdict = Verdict::kClean;
  Resource limiting = Resource::kNone;  // of the worst finding
  std::vector<Finding> findings;        // worst first
};

// What makes a run SATURATED (its numbers describe the generator) or SUSPECT (some of them might).
namespace rules {
// A shard that is 95 % busy queues its own work: at that utilisation an M/M/1 queue is 20 long.
inline constexpr double kBusySaturated = 0.95, kBusySuspect = 0.85;
// Lag is tolerable up to a tenth of what is measured, and never a matter below what a kernel timer
// and one turn of the loop cost anyway.
inline constexpr double kLagShare = 0.1;
inline constexpr Duration kLagSaturated = std::chrono::milliseconds{1};
inline constexpr Duration kLagSuspect = std::chrono::microseconds{200};
inline constexpr Duration kStallSuspect = std::chrono::milliseconds{100};
// A percentile means something only when several samples lie above it: p99.9 of 500 samples is
// their maximum, and one unlucky wake-up would condemn a run. So each rule looks at the highest
// percentile that has at least ten samples above it: p99.9 from 10,000 samples (SUSPECT only), p99
// from 1,000, p90 from 100, the median from 20. With fewer than 20 starts lag says nothing about
// the generator, except through the longest stall, which needs no statistics.
inline constexpr std::uint64_t kSamplesAbove = 10;
}  // namespace rules

// `lag` is the merged gen_lag (intended -> sent, our own lateness only, in ns). `response_p50`, the
// median response time, scales what lag is tolerable; 0 when nothing was answered.
GeneratorVerdict judge(const GeneratorHealth& health, const Histogram& lag, Duration response_p50);

}  // namespace gend::stats
