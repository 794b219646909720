#include "report/timeline_parts.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gend::report {
namespace {

using Json = nlohmann::ordered_json;
using stats::Frame;

constexpr double kRowsPerDecade = 20;
constexpr double kLowestNs = 1e3;

// Seconds of a point that people can count in; frames are a second each.
constexpr std::array<std::size_t, 16> kRound{1,  2,   5,   10,  15,  20,  30,   60,
                                             120, 180, 300, 600, 900, 1200, 1800, 3600};

std::size_t frames_a_point(std::size_t frames, std::size_t points) {
  const std::size_t least = (frames + points - 1) / points;
  const auto round = std::ranges::find_if(kRound, [&](std::size_t n) { return n >= least; });
  return round == kRound.end() ? least : *round;
}

enum class AtGaps : std::uint8_t { kBreak, kGoOn };

std::vector<Stretch> cut(std::span<const Frame> frames, std::size_t each, AtGaps at_gaps) {
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const bool whole = !stretches.empty() && stretches.back().last - stretches.back().first == each;
    const bool full = stretches.empty() || (whole && !is_rest(frames, i));
    const bool broken = i > 0 && at_gaps == AtGaps::kBreak && is_gap(frames[i - 1], frames[i]);
    if (full || broken) stretches.push_back({i, i});
    stretches.back().last = i + 1;
  }
  return stretches;
}

std::size_t row_of_ns(double ns) {
  if (!(ns > kLowestNs)) return 0;
  const double row = std::floor(kRowsPerDecade * std::log10(ns / kLowestNs));
  return std::min(HeatMap::kRows - 1, static_cast<std::size_t>(row));
}

// By the middle of each bucket of a histogram.
const std::vector<std::uint8_t>& rows_of_buckets() {
  static const std::vector<std::uint8_t> rows = [] {
    std::vector<std::uint8_t> made(stats::Histogram::kBuckets);
    for (std::size_t i = 0; i < made.size(); ++i) {
      const auto low = static_cast<double>(stats::Histogram::lower_bound(i));
      const auto high = static_cast<double>(stats::Histogram::lower_bound(i + 1));
      made[i] = static_cast<std::uint8_t>(row_of_ns((low + high) / 2));
    }
    return made;
  }();
  return rows;
}

}  // namespace

bool is_gap(const Frame& before, const Frame& after) {
  return after.from - before.to > (before.to - before.from) * 3 / 4;
}

bool is_rest(std::span<const Frame> frames, std::size_t i) {
  if (i == 0 || i + 1 != frames.size()) return false;
  const Frame& before = frames[i - 1];
  const Frame& rest = frames[i];
  return !is_gap(before, rest) && rest.to - rest.from < (before.to - before.from) / 10;
}

std::vector<Stretch> stretches_of(std::span<const Frame> frames, std::size_t points) {
  if (frames.empty() || points == 0) return {};
  const std::size_t each = frames_a_point(frames.size(), points);
  auto stretches = cut(frames, each, AtGaps::kBreak);
  if (stretches.size() > 2 * points) stretches = cut(frames, each, AtGaps::kGoOn);
  return stretches;
}

double four_digits(double value) {
  if (value == 0 || !std::isfinite(value)) return 0;
  const int scale = 3 - static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (scale >= 0) {
    const double power = std::pow(10.0, scale);
    return std::round(value * power) / power;
  }
  const double power = std::pow(10.0, -scale);
  return std::round(value / power) * power;
}

double HeatMap::lower_ms(std::size_t row) {
  return four_digits(kLowestNs / 1e6 * std::pow(10.0, static_cast<double>(row) / kRowsPerDecade));
}

void HeatMap::add(const stats::Histogram::Slice& slice, std::size_t column) {
  if (columns_.size() <= column) columns_.resize(column + 1);
  auto& rows = columns_[column];
  if (rows.empty()) rows.resize(kRows);
  for (const auto& [bucket, n] : slice.buckets)
    if (bucket < stats::Histogram::kBuckets) rows[rows_of_buckets()[bucket]] += n;
}

Json HeatMap::json(std::size_t every) const {
  std::size_t first = kRows, last = 0;
  for (const auto& rows : columns_)
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i] != 0) {
        first = std::min(first, i);
        last = std::max(last, i + 1);
      }
  if (first >= last) return Json::object();
  std::size_t together = 1;
  while ((last - first + together - 1) / together > kRowsShown) together *= 2;
  Json bounds = Json::array(), counts = Json::array();
  for (std::size_t row = first; row < last; row += together) bounds.push_back(lower_ms(row));
  const std::size_t shown = bounds.size();
  bounds.push_back(lower_ms(first + shown * together));
  for (const auto& rows : columns_) {
    std::vector<std::uint64_t> column(shown);
    for (std::size_t i = first; i < std::min(last, rows.size()); ++i)
      column[(i - first) / together] += rows[i];
    counts.push_back(column);
  }
  return {{"every", every}, {"rows_ms", std::move(bounds)}, {"counts", std::move(counts)}};
}

Json troubles_json(std::span<const double> from_s, std::span<const double> to_s,
                   const Curve& tried, const Curve& failed) {
  constexpr std::size_t kMost = 200, kQuiet = 3;
  struct Trouble {
    std::size_t first, last;
    std::uint64_t tried, failed;
  };
  std::vector<Trouble> found;
  std::size_t quiet = kQuiet;
  for (std::size_t i = 0; i < from_s.size(); ++i) {
    const std::uint64_t all = tried.values()[i], bad = failed.values()[i];
    if (all == 0) continue;
    if (static_cast<double>(bad) * 100 < static_cast<double>(all) || bad == 0) {
      ++quiet;
      continue;
    }
    if (quiet >= kQuiet) found.push_back({i, i, 0, 0});
    Trouble& now = found.back();
    for (std::size_t j = now.tried == 0 ? i : now.last + 1; j <= i; ++j) {
      now.tried += tried.values()[j];
      now.failed += failed.values()[j];
    }
    now.last = i;
    quiet = 0;
  }
  Json troubles = Json::array();
  for (std::size_t i = 0; i < std::min(found.size(), kMost); ++i)
    troubles.push_back({{"from_s", from_s[found[i].first]},
                        {"to_s", to_s[found[i].last]},
                        {"tried", found[i].tried},
                        {"failed", found[i].failed},
                        {"recovered", i + 1 < found.size() || quiet >= 1}});
  return troubles;
}

}  // namespace gend::report
