#include "report/bars.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace gend::report {
namespace {

constexpr std::size_t kSteps = 8;  // of one line
constexpr std::array<std::string_view, kSteps + 1> kBlocks{" ", "▁", "▂", "▃", "▄",
                                                           "▅", "▆", "▇", "█"};

std::size_t height_of(double value, double top, std::size_t most) {
  if (!(value > 0)) return 0;
  const double share = top > 0 ? std::min(value / top, 1.0) : 1.0;
  const auto height = static_cast<std::size_t>(std::lround(share * static_cast<double>(most)));
  return std::clamp<std::size_t>(height, 1, most);
}

}  // namespace

double nice_top(double most) {
  if (!(most > 0) || !std::isfinite(most)) return 1;
  const double unit = std::pow(10.0, std::floor(std::log10(most)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (most <= factor * unit) return factor * unit;
  return 10 * unit;
}

std::vector<std::string> bars(std::span<const double> values, std::size_t columns,
                              std::size_t rows, double top) {
  const std::span<const double> shown = values.last(std::min(values.size(), columns));
  std::vector<std::string> lines(rows, std::string(columns - shown.size(), ' '));
  for (const double value : shown) {
    const std::size_t height = height_of(value, top, rows * kSteps);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t below = (rows - 1 - row) * kSteps;
      const std::size_t here = height > below ? std::min(height - below, kSteps) : 0;
      const bool zero = row + 1 == rows && value == 0;
      lines[row] += zero ? "_" : kBlocks[here];
    }
  }
  return lines;
}

}  // namespace gend::report
