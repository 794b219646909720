#include "engine/rows.h"

#include "base/assert.h"
#include "base/rng.h"

namespace gend::engine {

namespace {

std::uint64_t in_turn(std::uint64_t rows, const plan::Scenario& scenario, std::uint64_t user,
                      std::uint64_t iteration, std::uint64_t arrival) {
  if (scenario.open_model) return arrival % rows;
  // Every round is `max_vus` rows, with those of users that are not wanted at the moment.
  return static_cast<std::uint64_t>(
      (static_cast<Uint128>(iteration) * scenario.max_vus + user) % rows);
}

std::uint64_t by_chance(std::uint64_t rows, std::size_t set_index, std::uint64_t first,
                        std::uint64_t second, std::uint64_t seed) {
  std::uint64_t state = seed;
  for (const std::uint64_t part : {std::uint64_t{set_index}, first, second})
    state = splitmix64(state) ^ part;
  // The upper half of the product: even over the rows but for rows / 2^64.
  return static_cast<std::uint64_t>((static_cast<Uint128>(splitmix64(state)) * rows) >> 64);
}

}  // namespace

std::uint64_t row_of(const plan::DataSet& set, std::size_t set_index,
                     const plan::Scenario& scenario, std::uint64_t user, std::uint64_t iteration,
                     std::uint64_t arrival, std::uint64_t seed) {
  const std::uint64_t rows = set.table->rows();
  switch (set.order) {
    case plan::Order::kUnique: {
      const std::uint64_t row = scenario.first_rows[set_index] + user;
      GEND_ASSERT(row < rows);  // plan/ refuses more users than rows
      return row;
    }
    case plan::Order::kSequential: return in_turn(rows, scenario, user, iteration, arrival);
    case plan::Order::kShuffle:
      return set.shuffled[in_turn(rows, scenario, user, iteration, arrival)];
    case plan::Order::kRandom:
      // Which user takes an arrival depends on who was free; the arrival's own row does not.
      return scenario.open_model ? by_chance(rows, set_index, arrival, 0, seed)
                                 : by_chance(rows, set_index, user, iteration, seed);
  }
  return 0;
}

}  // namespace gend::engine
