#include "engine/rows.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include <doctest/doctest.h>

#include "support/seed.h"

using gend::data::Table;
using gend::engine::row_of;
using gend::plan::DataSet;
using gend::plan::Order;
using gend::plan::Scenario;

namespace {

DataSet set_of(std::int64_t rows, Order order) {
  DataSet set;
  set.table = Table::range(0, rows - 1);
  set.order = order;
  return set;
}

Scenario closed_model(std::uint64_t users) {
  Scenario scenario;
  scenario.max_vus = users;
  return scenario;
}

}  // namespace

TEST_CASE("a unique row belongs to one user of one scenario, in every iteration") {
  const DataSet set = set_of(100, Order::kUnique);
  Scenario scenario = closed_model(10);
  scenario.first_rows = {0, 40};
  for (const std::uint64_t iteration : {0ULL, 1ULL, 1'000'000ULL}) {
    CHECK(row_of(set, 1, scenario, 0, iteration, 7, 1) == 40);
    CHECK(row_of(set, 1, scenario, 9, iteration, 7, 1) == 49);
  }
}

TEST_CASE("in turn, an open model gives arrival n the row n") {
  const DataSet set = set_of(3, Order::kSequential);
  Scenario scenario = closed_model(10);
  scenario.open_model = true;
  std::vector<std::uint64_t> rows;
  for (std::uint64_t arrival = 0; arrival < 7; ++arrival)
    rows.push_back(row_of(set, 0, scenario, arrival % 2, arrival / 2, arrival, 1));
  CHECK(rows == std::vector<std::uint64_t>{0, 1, 2, 0, 1, 2, 0});
}

TEST_CASE("in turn, a closed model gives each round of its users the next rows") {
  const DataSet set = set_of(8, Order::kSequential);
  const Scenario scenario = closed_model(3);
  std::vector<std::uint64_t> rows;
  for (std::uint64_t iteration = 0; iteration < 3; ++iteration)
    for (std::uint64_t user = 0; user < 3; ++user)
      rows.push_back(row_of(set, 0, scenario, user, iteration, 0, 1));
  CHECK(rows == std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7, 0});
}

TEST_CASE("numbers of any size stay within the table") {
  const DataSet set = set_of(1'000'003, Order::kSequential);
  const Scenario scenario = closed_model(4'000'000);
  const std::uint64_t user = 3'999'999, iteration = 1ULL << 50;
  // (2^50 mod p) * (4,000,000 mod p) + user, mod p, by hand in steps that fit 64 bits.
  const std::uint64_t p = 1'000'003;
  CHECK(row_of(set, 0, scenario, user, iteration, 0, 1) ==
        ((iteration % p) * (4'000'000 % p) % p + user) % p);
}

TEST_CASE("shuffled, every row comes once before one comes again") {
  DataSet set = set_of(5, Order::kShuffle);
  set.shuffled = {3, 1, 4, 0, 2};
  const Scenario scenario = closed_model(2);
  std::vector<std::uint64_t> rows;
  for (std::uint64_t n = 0; n < 6; ++n)
    rows.push_back(row_of(set, 0, scenario, n % 2, n / 2, 0, 1));
  CHECK(rows == std::vector<std::uint64_t>{3, 1, 4, 0, 2, 3});
}

TEST_CASE("by chance, rows are as frequent as each other and the seed decides them") {
  constexpr std::uint64_t kRows = 10, kDraws = 100'000;
  const DataSet set = set_of(kRows, Order::kRandom);
  const Scenario scenario = closed_model(100);
  const std::uint64_t seed = gend::test::seed();
  std::vector<double> seen(kRows);
  std::uint64_t same_in_other_set = 0, same_with_other_seed = 0, same_as_neighbour = 0;
  for (std::uint64_t n = 0; n < kDraws; ++n) {
    const std::uint64_t user = n % 100, iteration = n / 100;
    const std::uint64_t row = row_of(set, 0, scenario, user, iteration, 0, seed);
    REQUIRE(row < kRows);
    REQUIRE(row == row_of(set, 0, scenario, user, iteration, 99, seed));
    ++seen[row];
    same_in_other_set += row == row_of(set, 1, scenario, user, iteration, 0, seed);
    same_with_other_seed += row == row_of(set, 0, scenario, user, iteration, 0, seed + 1);
    same_as_neighbour += row == row_of(set, 0, scenario, user + 1, iteration, 0, seed);
  }
  double chi_squared = 0;
  for (const double n : seen) chi_squared += (n - 10'000) * (n - 10'000) / 10'000;
  CHECK(chi_squared < 50.0);  // 9 degrees of freedom: p < 1e-7
  // A tenth of all by chance, six standard deviations (95) either side.
  for (const std::uint64_t same : {same_in_other_set, same_with_other_seed, same_as_neighbour}) {
    CHECK(same > 9'430);
    CHECK(same < 10'570);
  }
}

TEST_CASE("by chance, an arrival has its row whoever takes it") {
  const DataSet set = set_of(1'000, Order::kRandom);
  Scenario scenario = closed_model(10);
  scenario.open_model = true;
  const std::uint64_t seed = gend::test::seed();
  std::set<std::uint64_t> rows;
  for (std::uint64_t arrival = 0; arrival < 100; ++arrival) {
    rows.insert(row_of(set, 0, scenario, 3, 9, arrival, seed));
    CHECK(row_of(set, 0, scenario, 3, 9, arrival, seed) ==
          row_of(set, 0, scenario, 5, 0, arrival, seed));
  }
  CHECK(rows.size() > 80);  // 95 expected; 80 or fewer: p < 1e-9
}
