#pragma once

#include <cstddef>
#include <cstdint>

#include "plan/program.h"

namespace gend::engine {

// The row that an iteration reads, a pure function: whoever carries out the iteration, on any shard
// or host, finds the same one.
//   unique      the user's own, for as long as it lives
//   sequential  one after the other: by arrivals, or in a closed model by rounds of all users
//   shuffle     as sequential, in the order of `shuffled`
//   random      by chance, decided by the plan's seed and the arrival (closed model: by the user
//               and its iteration)
// `set_index` is the data set's place in Program::data. Users, a user's own iterations and arrivals
// (of an open model; else 0) are numbered from 0, over all shards and segments.
std::uint64_t row_of(const plan::DataSet& set, std::size_t set_index,
                     const plan::Scenario& scenario, std::uint64_t user, std::uint64_t iteration,
                     std::uint64_t arrival, std::uint64_t seed);

}  // namespace gend::engine
