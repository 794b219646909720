#pragma once

#include <algorithm>
#include <cstdint>

#include "base/host_facts.h"

// What a host's limits mean as numbers of connections. One set of formulas: explaining a plan, the
// check before a run and `genctl doctor` must say the same.
namespace gend {

// Measured (docs/benchmarks.md): about 4 KiB of ours and 4.5 KiB of the kernel's a connection.
inline constexpr std::uint64_t kBytesPerConnection = 9 * 1024;

// That count against RLIMIT_NOFILE's soft limit: connections live in the rings' own tables.
inline constexpr std::uint64_t kOwnDescriptors = 64;

// Slots that a ring's table of descriptors needs for so many connections: beside the users' own it
// holds those that are still closing while their successors open. That is a quarter, at least 64,
// at most 1,000: a close takes two turns, and a turn hears of 32 ends (6.13 and later).
constexpr std::uint64_t ring_slots(std::uint64_t connections) {
  constexpr std::uint64_t kClosingShare = 4, kFewestSpare = 64, kMostSpare = 1000;
  return connections + std::clamp(connections / kClosingShare, kFewestSpare, kMostSpare);
}

// The other way round: the most connections whose ring_slots() are no more than `slots`. A ring's
// table may not be larger than RLIMIT_NOFILE's hard limit (kernel: io_uring/rsrc.c).
constexpr std::uint64_t connections_in_slots(std::uint64_t slots) {
  std::uint64_t low = 0, high = slots;
  while (low < high) {
    const std::uint64_t middle = high - (high - low) / 2;
    if (ring_slots(middle) <= slots) low = middle;
    else high = middle - 1;
  }
  return low;
}

// The fewest shards whose tables hold the connections between them; 0: no number of them does.
constexpr std::uint64_t shards_for(std::uint64_t connections, std::uint64_t nofile_hard) {
  const std::uint64_t each = connections_in_slots(nofile_hard);
  return each == 0 ? 0 : std::max<std::uint64_t>(connections / each + (connections % each != 0), 1);
}

// Local ports for one source address to one address and port of a target; 0: not known.
constexpr std::uint64_t local_ports(const HostFacts& host) {
  if (host.port_last < host.port_first || host.port_last == 0) return 0;
  return std::uint64_t{host.port_last} - host.port_first + 1;
}

}  // namespace gend
