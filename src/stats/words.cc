#include "stats/words.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace gend::stats {
namespace {

// Three significant digits for 0 < n < 1000; the thresholds lie where the next form would round up
// to four digits ("9.995" prints as 10.0, not as 10.00).
std::string three_digits(double n) {
  if (n < 9.995) return fmt::format("{:.2f}", n);
  if (n < 99.95) return fmt::format("{:.1f}", n);
  return fmt::format("{:.0f}", n);
}

struct Scale {
  double size;
  std::string_view suffix;
};

// The largest scale at which n prints as at least 1; 999.7k prints as 1.00M.
template <std::size_t n_scales>
const Scale& fitting(double n, const std::array<Scale, n_scales>& scales) {
  std::size_t i = 0;
  while (i + 1 < scales.size() && n / scales[i].size >= 999.5) ++i;
  return scales[i];
}

std::string clock_text(std::int64_t seconds) {
  const auto hours = seconds / 3600, minutes = seconds / 60 % 60, rest = seconds % 60;
  return hours > 0 ? fmt::format("{}h{:02}m{:02}s", hours, minutes, rest)
                   : fmt::format("{}m{:02}s", minutes, rest);
}

}  // namespace

std::string grouped(std::uint64_t n) {
  std::string text = fmt::format("{}", n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string counted(std::uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(n), noun, n == 1 ? "" : "s");
}

std::string times(std::uint64_t n) {
  if (n == 1) return "once";
  if (n == 2) return "twice";
  return grouped(n) + " times";
}

std::string milliseconds_text(double ms) {
  if (ms <= 0) return "0s";
  const double ns = ms * 1e6;
  if (ns < 999.5) return fmt::format("{:.0f}ns", ns);
  if (ns < 999.5e3) return three_digits(ns / 1e3) + "µs";
  if (ns < 999.5e6) return three_digits(ns / 1e6) + "ms";
  if (ns < 59.95e9) return three_digits(ns / 1e9) + "s";
  return clock_text(std::llround(ns / 1e9));
}

std::string duration_text(Duration d) { return milliseconds_text(to_ms(d)); }

std::string count_text(double n) {
  static constexpr std::array<Scale, 5> kScales{
      {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}}};
  if (n < 999.5 && n == std::floor(n)) return fmt::format("{:.0f}", n);
  const Scale& scale = fitting(n, kScales);
  return fmt::format("{}{}", three_digits(n / scale.size), scale.suffix);
}

std::string bytes_text(double n) {
  static constexpr std::array<Scale, 5> kScales{
      {{1, " B"}, {1e3, " kB"}, {1e6, " MB"}, {1e9, " GB"}, {1e12, " TB"}}};
  const Scale& scale = fitting(n, kScales);
  if (scale.size == 1) return fmt::format("{:.0f} B", n);
  return fmt::format("{}{}", three_digits(n / scale.size), scale.suffix);
}

}  // namespace gend::stats
