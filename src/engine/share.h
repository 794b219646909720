#pragma once

#include <algorithm>
#include <cstdint>

#include "plan/program.h"

namespace gend::engine {

// Which part of a run a shard has: users and arrivals are numbered globally, and whoever has index
// i of n owns those with number mod n = i. n shards together do exactly what one would, and so do
// the processes of a segmented run: segment i of n owns number mod n = i, and its shards divide
// that among themselves, however many there are.
struct Share {
  std::uint32_t index = 0, count = 1;

  // The share of shard `shard.index` of `shard.count` in a scenario. No more owners than users, or
  // an owner without users would have arrivals.
  static Share of_scenario(Share shard, plan::Segment segment, std::uint64_t max_vus) {
    const std::uint64_t users = std::max<std::uint64_t>(max_vus, 1);
    const auto hosts = static_cast<std::uint32_t>(std::min<std::uint64_t>(segment.count, users));
    const Share host{segment.index, hosts};
    if (host.idle()) return host;
    const auto lanes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(shard.count, host.how_many_of(users)));
    if (shard.index >= lanes) return {hosts * lanes, hosts * lanes};  // idle
    return {segment.index + hosts * shard.index, hosts * lanes};
  }

  bool idle() const { return index >= count; }
  bool owns(std::uint64_t number) const { return number % count == index; }
  std::uint64_t how_many_of(std::uint64_t total) const {
    return idle() || total <= index ? 0 : (total - index - 1) / count + 1;
  }
};

}  // namespace gend::engine
