#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/host_capacity.h"
#include "doctor/judge_parts.h"
#include "stats/words.h"

namespace gend::doctor {
namespace {

using stats::grouped;

constexpr const char* kGroup = "memory";
constexpr std::uint64_t kPage = 4096;

// What is left of a cgroup's limit; what it uses already may be caches, which go when needed.
Count left_in_cgroup(const Facts& facts) {
  if (!facts.cgroup_memory_max) return std::nullopt;
  const std::uint64_t used = facts.cgroup_memory_used.value_or(0);
  return *facts.cgroup_memory_max > used ? *facts.cgroup_memory_max - used : 0;
}

Finding available(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "available"};
  const std::uint64_t bytes = facts.limits.memory_available;
  if (bytes == 0) {
    finding.state = State::kNote;
    finding.found = "/proc/meminfo cannot be read";
    finding.means = "how many connections fit is not known";
    return finding;
  }
  finding.connections = bytes / kBytesPerConnection;
  finding.state = state_of(*finding.connections, wish.connections);
  finding.found = fmt::format("{} of {} are available", mib(bytes),
                              mib(facts.limits.memory_bytes));
  finding.means = fmt::format("about {} connections at {} KiB each, ours and the kernel's; users "
                              "with data, cookies and bodies take more",
                              grouped(*finding.connections), kBytesPerConnection / 1024);
  if (finding.state == State::kProblem) finding.means += "; lower the users, or use a larger host";
  return finding;
}

Finding container(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "cgroup"};
  const Count left = left_in_cgroup(facts);
  if (!left) {
    finding.found = "no memory limit of a container or service";
    finding.means = "all of the host's memory may be used";
    return finding;
  }
  finding.connections = *left / kBytesPerConnection;
  // What is in use may be page cache, which gives way: not yet a reason to refuse.
  finding.state = std::min(state_of(*finding.connections, wish.connections),
                           *facts.cgroup_memory_max / kBytesPerConnection < wish.connections
                               ? State::kProblem : State::kLimit);
  finding.found = fmt::format("memory.max of the cgroup is {}, {} are left",
                              mib(*facts.cgroup_memory_max), mib(*left));
  finding.means = fmt::format("about {} connections; beyond it the kernel kills gend",
                              grouped(*finding.connections));
  if (finding.state == State::kOk) return finding;
  const std::uint64_t enough = std::bit_ceil(wish.connections * kBytesPerConnection * 2) >> 20;
  if (!facts.unit.empty())
    finding.fix = {fmt::format("sudo systemctl set-property {} MemoryMax={}M", facts.unit,
                               std::max<std::uint64_t>(enough, 512))};
  return finding;
}

// tcp_mem bounds what all sockets of the host hold in their buffers; idle ones hold nothing.
Finding socket_buffers(const Facts& facts, const Wish& wish) {
  Finding finding{.group = kGroup, .name = "socket_buffers"};
  const std::uint64_t most = facts.tcp_mem[2];
  finding.found = fmt::format("net.ipv4.tcp_mem = {} pages: {} at most", most,
                              mib(most * kPage));
  finding.connections = most / 2;
  finding.means = fmt::format("{} connections with a page under way in each direction",
                              grouped(most / 2));
  if (facts.tcp_rmem.size() == 3 && facts.tcp_wmem.size() == 3) {
    finding.found += fmt::format("; tcp_rmem up to {} KiB, tcp_wmem up to {} KiB a connection",
                                 facts.tcp_rmem[2] / 1024, facts.tcp_wmem[2] / 1024);
    const std::uint64_t full = facts.tcp_rmem[2] + facts.tcp_wmem[2];
    if (full > 0)
      finding.means += fmt::format(", {} with both buffers full",
                                   grouped(most * kPage / full));
  }
  // Beyond the limit the kernel shrinks windows and drops: slower, and no refusal.
  if (state_of(most / 2, wish.connections) == State::kOk) return finding;
  finding.state = State::kNote;
  const std::uint64_t high = std::bit_ceil(wish.connections * 8);
  finding.fix = sysctl_fix("net.ipv4.tcp_mem",
                           fmt::format("{} {} {}", high / 2, high / 4 * 3, high), "tcp-mem");
  return finding;
}

Finding swap(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "swap"};
  const std::uint64_t total = facts.swap_total.value_or(0), free = facts.swap_free.value_or(0);
  if (total == 0) {
    finding.found = "no swap";
    finding.means = "nothing of gend can be swapped out";
    return finding;
  }
  const std::uint64_t used = total > free ? total - free : 0;
  finding.found = fmt::format("{} of swap, {} in use", mib(total), mib(used));
  if (facts.swappiness) finding.found += fmt::format(", vm.swappiness = {}", *facts.swappiness);
  constexpr std::uint64_t kLittle = 64 << 20;
  if (used < kLittle) {
    finding.means = "hardly used";
    return finding;
  }
  finding.state = State::kNote;
  finding.means = "a page that has to be read back stops a shard for milliseconds, which then "
                  "looks like a slow target";
  finding.fix = {"sudo swapoff -a && sudo swapon -a"};
  std::ranges::move(sysctl_fix("vm.swappiness", "1", "swap"), std::back_inserter(finding.fix));
  return finding;
}

Finding huge_pages(const Facts& facts) {
  Finding finding{.group = kGroup, .name = "huge_pages"};
  finding.found = "transparent huge pages: " + facts.huge_pages;
  finding.means = facts.huge_pages == "never"
                      ? "gend does not need them; large tables of users then cost more TLB misses"
                      : "fine for gend";
  return finding;
}

}  // namespace

void judge_memory(const Facts& facts, const Wish& wish, std::vector<Finding>& into) {
  into.push_back(available(facts, wish));
  into.push_back(container(facts, wish));
  if (facts.tcp_mem.size() == 3) into.push_back(socket_buffers(facts, wish));
  into.push_back(swap(facts));
  if (!facts.huge_pages.empty()) into.push_back(huge_pages(facts));
}

}  // namespace gend::doctor
