#pragma once

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
  std::uint64_t buffer_starved = 0;   // ENOBUFS: no receive buffer was free
  std::uint64_t cq_overflows = 0;
  std::uint64_t host_descriptors = 0, host_ports = 0, host_memory = 0, host_other = 0;  // requests
  std::uint64_t loops = 0;         // turns of the event loop
  std::uint64_t syscalls = 0;      // io_uring_enter and every other system call of the hot loop
  Duration longest_stall{};        // longest time between two turns while work was due
  std::int64_t memory_bytes = 0;   // resident set of the process, latest

  void merge(const GeneratorHealth& other);
};

enum class Verdict : std::uint8_t { kClean, kSuspect, kSaturated };
std::string_view name_of(Verdict verdict);  // CLEAN | SUSPECT | SATURATED

enum class Resource : std::uint8_t {
  kNone, kCpu, kLag, kStall, kDescriptors, kPorts, kMemory, kBuffers, kCompletionQueue, kUsers, kHost
};
std::string_view name_of(Resource resource);  // cpu, lag, stall, descriptors, ports, …

struct Finding {
  Verdict severity;
  Resource resource;
  std::string words;  // "shard 1 was 97 % busy: its timing cannot be trusted; add shards or hosts"
};

// The verdict on the generator itself. `response_p50` scales what lag is tolerable: p99.9 of the lag
// must stay below max(200 us, 10 % of the median response).
struct GeneratorVerdict {
  Verdict verdict = Verdict::kClean;
  Resource limiting = Resource::kNone;
  std::vector<Finding> findings;  // worst first
};
// `lag` is the merged gen_lag (intended -> sent, our own lateness only, in ns).
GeneratorVerdict judge(const GeneratorHealth& health, const Histogram& lag, Duration response_p50);

}  // namespace gend::stats
