#include <fmt/format.h>

#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {
namespace {

constexpr const char* kGroup = "io_uring";

// From D on a wait takes a deadline and collects completions for a bounded time.
constexpr char kBatchedWaits = 'D';

// Measured on 6.18 (ring/features.cc): the queues of one ring. Its receive buffers are not charged.
constexpr std::uint64_t kRingBytes = 1'400'000;
constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

Finding ring(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "ring"};
  if (facts.ring.empty()) {
    finding.state = State::kProblem;
    finding.found = facts.ring_trouble;
    finding.means = "gend cannot send anything on this host" +
                    (facts.ring_remedy.empty() ? "" : ": " + facts.ring_remedy);
    if (facts.limits.io_uring_disabled > 0)
      finding.fix = sysctl_fix("kernel.io_uring_disabled", "0", "io-uring");
    return finding;
  }
  finding.found = facts.ring;
  if (facts.profile >= kBatchedWaits) {
    finding.means = "completions are collected in batches, with absolute deadlines";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = "works; from Linux 6.12 on waits collect completions in batches, and a request "
                  "costs up to a third less CPU";
  return finding;
}

Finding seccomp(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "seccomp"};
  if (facts.limits.seccomp && facts.ring.empty()) {
    finding.state = State::kProblem;
    finding.found = "a seccomp filter is installed";
    finding.means = "it may be what forbids io_uring: a filter must allow io_uring_setup, "
                    "io_uring_enter and io_uring_register (Docker's default one does not)";
    return finding;
  }
  finding.found = facts.limits.seccomp ? "a seccomp filter is installed" : "no seccomp filter";
  finding.means = facts.limits.seccomp ? "it lets io_uring through" : "nothing is filtered";
  return finding;
}

Finding locked_memory(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "locked_memory"};
  const std::uint64_t limit = facts.limits.memlock_soft;
  if (limit == kUnlimited) {
    finding.found = "RLIMIT_MEMLOCK is unlimited";
    finding.means = "any number of rings";
    return finding;
  }
  const std::uint64_t rings = limit / kRingBytes;
  finding.found = fmt::format("RLIMIT_MEMLOCK is {} KiB", stats::grouped(limit >> 10));
  finding.means = fmt::format("room for {}, which are charged to all processes of the user "
                              "together (root is not charged); this load has {}",
                              stats::counted(rings, "ring"), stats::counted(facts.shards, "shard"));
  if (rings < facts.shards) {
    finding.state = State::kNote;  // what the kernel charges differs; the trial above has worked
    finding.fix = limit_fix(facts, "LimitMEMLOCK", "memlock", facts.unit.empty() ? "1073741824"
                                                                                 : "1G");
  }
  return finding;
}

}  // namespace

void judge_ring(const Facts& facts, const Wish&, std::vector<Finding>& into) {
  into.push_back(ring(facts));
  into.push_back(seccomp(facts));
  into.push_back(locked_memory(facts));
}

}  // namespace gend::doctor
