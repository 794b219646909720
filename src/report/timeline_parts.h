#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "stats/frame.h"
#include "stats/schema.h"

// The parts that timeline_json() is made of.
namespace gend::report {

// The frames [first, last) that make one point.
struct Stretch {
  std::size_t first = 0, last = 0;
};

// Whether frames[i] is what was left over when the run ended: the last of them, where the one
// before ends, and less than a tenth as long. One answer in a microsecond is no million a second,
// so such a rest belongs to the point before it.
bool is_rest(std::span<const stats::Frame> frames, std::size_t i);

// As few frames to a point as `points` allow, in round numbers: an hour of seconds becomes points
// of 5 s each. A gap between two frames ends a point; with so many gaps that there would be more
// than twice as many points, it does not.
std::vector<Stretch> stretches_of(std::span<const stats::Frame> frames, std::size_t points);
bool is_gap(const stats::Frame& before, const stats::Frame& after);

// Four significant digits: histograms hold no more.
double four_digits(double value);

// Counts by moment and size, the sizes on a logarithmic scale.
class HeatMap {
 public:
  static constexpr std::size_t kRows = 200;      // 20 a decade, from 1 µs to 10,000 s
  static constexpr std::size_t kRowsShown = 48;  // at most; else neighbours are put together

  void add(const stats::Histogram::Slice& slice, std::size_t column);
  nlohmann::ordered_json json(std::size_t every) const;  // {} without a sample

  static double lower_ms(std::size_t row);  // of row kRows: its upper end

 private:
  std::vector<std::vector<std::uint64_t>> columns_;
};

// One number for each point. `zero` is what makes it say nothing when it is that all the time.
class Curve {
 public:
  explicit Curve(std::string_view name) : name_{name} {}
  std::uint64_t now = 0;
  void end_point() {
    values_.push_back(now);
    any_ = any_ || now != 0;
    now = 0;
  }
  bool any() const { return any_; }
  const std::string& name() const { return name_; }
  const std::vector<std::uint64_t>& values() const { return values_; }

 private:
  std::string name_;
  std::vector<std::uint64_t> values_;
  bool any_ = false;
};

// Stretches of points in which at least 1 % failed: from the first such point to the last one
// before three points in a row that were better. Points without anything tried count for nothing.
nlohmann::ordered_json troubles_json(std::span<const double> from_s, std::span<const double> to_s,
                                     const Curve& tried, const Curve& failed);

}  // namespace gend::report
