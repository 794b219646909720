#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/compare.h"
#include "report/compare_cells.h"

namespace gend::report {

enum class Direction : std::uint8_t { kNone, kLower, kHigher };  // which way is better

// Whether the times from the intended moment say more than the service times: in open models.
enum class Leads : bool { kService, kCorrected };

// What is asked of both runs.
struct Question {
  stats::Selector selector;
  stats::Kind kind = stats::Kind::kTrend;
  stats::Contains contains = stats::Contains::kDefault;
  Direction better = Direction::kNone;
  Gate gate = Gate::kShown;
  std::vector<double> percentiles{};  // of trends
};

// Values of one tag that are asked about; the others are named in a note.
inline constexpr std::size_t kTagValuesCompared = 24;

// The metrics that both runs have, whole and by tag. A metric that has a tolerance of its own is
// judged, if it has a direction.
std::vector<Question> questions_for(const CellRun& before, const CellRun& after, Leads leads,
                                    const CompareOptions& options,
                                    std::vector<std::string>& notes);

}  // namespace gend::report
