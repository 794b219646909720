#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

// Charts of block elements: a column a value, an eighth of a line the smallest step.
namespace gend::report {

// The least of 1, 2, 5, 10, 20, 50, … that is not below `most`: a scale that does not change every
// second. 1 when there is nothing above 0.
double nice_top(double most);

// `rows` lines of `columns` columns, the topmost first, the newest value at the right; what does not
// fit on the left is left out. No value (NaN) is blank, 0 is "_", and what is above 0 is always
// seen; what is above `top` is as high as the chart.
std::vector<std::string> bars(std::span<const double> values, std::size_t columns,
                              std::size_t rows, double top);

}  // namespace gend::report
