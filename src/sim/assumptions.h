#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/program.h"

namespace gend::sim {

// What has to be assumed of a target that nobody asks, so that a plan can go its way. Pure.
struct Assumptions {
  std::vector<std::uint16_t> statuses;  // by request: of an answer without error
  std::vector<std::string> values;      // by slot: what captures give
  std::vector<std::uint64_t> rounds;    // by loop: taken in place of its `while`; 0: it is asked
  std::vector<std::vector<std::uint16_t>> data;  // by scenario: the data sets that it reads
  std::vector<std::string> words;  // for people, one sentence each
};
Assumptions assume(const plan::Program& program);

// Why a plan cannot be simulated; empty when it can.
std::optional<std::string> why_not(const plan::Program& program);

// Rounds of a `while` without a max of its own; and items of a list that an answer would give: what
// plan/demand.h assumes, too.
inline constexpr std::uint64_t kRounds = 10;

// The status that an answer to this request has when the plan gets what it wants.
std::uint16_t wanted_status(const plan::HttpRequest& request);
// Whether a model can tell what this part of an answer would be.
constexpr bool is_known(plan::Part part) {
  return part == plan::Part::kStatus || part == plan::Part::kLatency || part == plan::Part::kUrl;
}

}  // namespace gend::sim
