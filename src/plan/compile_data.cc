#include "plan/compile_data.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "base/rng.h"

namespace gend::plan {

namespace {

// Streams of the plan's seed that no user and no schedule draws from.
constexpr std::uint64_t kShuffleStream = std::uint64_t{3} << 62;

// Fisher-Yates.
std::vector<std::uint32_t> shuffled(std::uint64_t rows, Rng rng) {
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
  return order;
}

bool reads(const Profile& profile, std::size_t scenario, std::size_t data) {
  return profile.data_of_all.contains(data) || profile.scenarios[scenario].data.contains(data);
}

void share_out(const Profile& profile, const Options& options, std::size_t index, Program& program,
               Reporter& reporter) {
  const DataSet& set = program.data[index];
  const DataName& name = profile.names->data[index];
  std::uint64_t users = 0;
  std::string shares;
  for (std::size_t i = 0; i < program.scenarios.size(); ++i) {
    Scenario& scenario = program.scenarios[i];
    if (!reads(profile, i, index)) continue;
    scenario.first_rows[index] = set.order == Order::kUnique ? users : 0;
    users += scenario.max_vus;
    shares += fmt::format("{}{} {}", shares.empty() ? "" : ", ", scenario.name, scenario.max_vus);
  }
  if (set.order != Order::kUnique || users <= set.table->rows()) return;
  const std::uint64_t rows = set.table->rows();
  const std::string scale =
      options.load_scale == 1 ? "" : fmt::format("; --load-scale is {}", options.load_scale);
  reporter.complain(
      name.place,
      fmt::format("data {} has {} row{}, and {} users need one each ({}{})", quote(name.name), rows,
                  rows == 1 ? "" : "s", users, shares, scale),
      "add rows, take fewer users (`vus`, `stages`, `maxVUs`), or write order: sequential");
}

}  // namespace

void hand_out_rows(const Profile& profile, const Options& options, Program& program,
                   Reporter& reporter) {
  for (Scenario& scenario : program.scenarios) {
    scenario.first_rows.assign(program.data.size(), Scenario::kNoRow);
  }
  for (std::size_t i = 0; i < program.data.size(); ++i) {
    DataSet& set = program.data[i];
    const DataName& name = profile.names->data[i];
    if (!name.used) {
      program.notes.push_back(fmt::format("data {} is declared, and nothing reads it",
                                          quote(name.name)));
    }
    share_out(profile, options, i, program, reporter);
    if (set.order == Order::kShuffle) {
      set.shuffled =
          shuffled(set.table->rows(), Rng::for_stream(program.seed, kShuffleStream + i));
    }
  }
}

}  // namespace gend::plan
