#pragma once

#include <cstddef>
#include <expected>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "observe/prometheus_selector.h"

namespace gend::observe {

struct Sample {
  std::string name;
  std::vector<Label> labels;  // sorted by name
  double value = 0;           // may be NaN or infinite, as the server said
};

struct TextError {
  std::string what;
  std::size_t line = 0;  // from 1
};

using Names = std::set<std::string, std::less<>>;

// Reads an exposition: Prometheus' text format 0.0.4 or OpenMetrics 1.0 (time stamps, exemplars and
// "# EOF" are passed over). Samples of other names are not looked into, but every line must begin
// as one of the format does: an error page is not taken for an answer without metrics.
std::expected<std::vector<Sample>, TextError> read_exposition(std::string_view text,
                                                              const Names& wanted);

}  // namespace gend::observe
