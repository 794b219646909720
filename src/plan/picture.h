#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace gend::plan {

// A curve for the terminal: one value a column, from the left edge of the run to its right one,
// drawn in blocks of an eighth of a line, with the scale on the left and the time below. Eight
// lines and the axis. All values are >= 0; with nothing above 0 only the axis is drawn.
std::string draw(const std::vector<double>& columns, Duration length, std::string_view unit);

// "1,000", "0.5", "12.25": grouped, with at most two decimals.
std::string show_number(double value);

inline constexpr std::size_t kPictureColumns = 64;

}  // namespace gend::plan
