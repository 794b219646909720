#include "plan/picture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "plan/units.h"

namespace gend::plan {

namespace {

constexpr int kLines = 8;
constexpr std::array<std::string_view, 9> kBlocks{
    " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// The block of a column in a line, line 0 at the bottom. What is not nothing shows at least an
// eighth.
std::string_view block(double value, double top, int line) {
  if (value <= 0) return kBlocks[0];
  const double eighths = std::max(1.0, std::round(value / top * kLines * 8));
  return kBlocks[static_cast<std::size_t>(std::clamp(eighths - line * 8, 0.0, 8.0))];
}

// Times under the axis: the left edge, the middle, the right edge.
std::string time_axis(std::size_t columns, Duration length) {
  const auto whole = [&](Duration t) {
    return show_duration(length > std::chrono::seconds{100}
                             ? Duration{std::chrono::round<std::chrono::seconds>(t)}
                             : Duration{std::chrono::round<std::chrono::milliseconds>(t)});
  };
  const std::string middle = whole(length / 2), right = whole(length);
  std::string axis = "0s";
  const std::size_t middle_at = columns / 2 - std::min(columns / 2, middle.size() / 2);
  if (axis.size() + 1 < middle_at) axis.resize(middle_at, ' ');
  axis += middle;
  const std::size_t right_at = columns - std::min(columns, right.size());
  if (axis.size() + 1 < right_at) axis.resize(right_at, ' ');
  return axis + (axis.back() == ' ' ? "" : " ") + right;
}

}  // namespace

std::string show_number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  const std::size_t dot = std::min(text.find('.'), text.size());
  for (std::size_t at = dot; at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string draw(const std::vector<double>& columns, Duration length, std::string_view unit) {
  const double top = columns.empty() ? 0 : *std::ranges::max_element(columns);
  const std::string top_label = show_number(top), half_label = show_number(top / 2);
  const std::size_t width = std::max({top_label.size(), half_label.size(), std::size_t{1}});
  std::string out = fmt::format("{}\n", unit);
  for (int line = kLines - 1; line >= 0 && top > 0; --line) {
    const std::string label = line == kLines - 1       ? top_label
                              : line == kLines / 2 - 1 ? half_label
                                                       : "";
    std::string row = fmt::format("{:>{}} {}", label, width, label.empty() ? "│" : "┤");
    for (const double value : columns) row += block(value, top, line);
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  }
  out += fmt::format("{:>{}} └", "0", width);
  for (std::size_t i = 0; i < columns.size(); ++i) out += "─";
  out += fmt::format("\n{:>{}}  {}\n", "", width, time_axis(columns.size(), length));
  return out;
}

}  // namespace gend::plan
