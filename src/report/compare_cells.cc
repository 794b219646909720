#include "report/compare_cells.h"

#include <algorithm>
#include <map>

namespace gend::report {
namespace {

using stats::Kind;
using stats::Part;

constexpr std::int64_t kStretchesMost = 512;  // more would cost time and say nothing more
constexpr Duration kSecond = std::chrono::seconds{1};

Duration end_of(const History& history) {
  Duration end{};
  for (const stats::Frame& frame : history.frames) end = std::max(end, frame.to);
  return end;
}

template <typename BySlot>
void put(BySlot& into, std::uint32_t slot, std::uint32_t cell,
         typename BySlot::value_type::value_type::second_type value) {
  if (slot < into.size()) into[slot].emplace_back(cell, std::move(value));
}

}  // namespace

CellGrid::CellGrid(const History& before, const History& after) {
  length_ = std::min(end_of(before), end_of(after));
  const std::int64_t seconds = (length_ + kSecond / 2) / kSecond;
  width_ = kSecond * std::max<std::int64_t>(1, (seconds + kStretchesMost - 1) / kStretchesMost);
  const auto stretches = static_cast<std::size_t>((length_ + width_ - Duration{1}) / width_);
  std::vector<int> seen(stretches);
  const auto see = [&](const History& history, int bit) {
    for (const stats::Frame& frame : history.frames)
      if (const auto stretch = stretch_of(frame); stretch && *stretch < stretches)
        seen[*stretch] |= bit;
  };
  see(before, 1);
  see(after, 2);
  for (const int by : seen) {
    cell_of_stretch_.emplace_back();
    if (by == 3) cell_of_stretch_.back() = cells_++;
  }
}

std::optional<std::size_t> CellGrid::stretch_of(const stats::Frame& frame) const {
  const Duration middle = frame.from + (frame.to - frame.from) / 2;
  if (frame.to <= frame.from || middle < Duration{} || middle >= length_) return std::nullopt;
  return static_cast<std::size_t>(middle / width_);
}

std::optional<std::size_t> CellGrid::cell_of(const stats::Frame& frame) const {
  const auto stretch = stretch_of(frame);
  if (!stretch || *stretch >= cell_of_stretch_.size()) return std::nullopt;
  return cell_of_stretch_[*stretch];
}

CellRun::CellRun(const History& history, const CellGrid& grid)
    : history_{history},
      cells_{grid.cells()},
      seconds_(grid.cells()),
      trends_(history.schema->slots(Kind::kTrend)),
      counts_(history.schema->slots(Kind::kCounter)),
      rates_(history.schema->slots(Kind::kRate)),
      gauges_(history.schema->slots(Kind::kGauge)),
      tallies_(history.schema->slots(Kind::kTally)) {
  for (const stats::Frame& frame : history.frames)
    if (const auto cell = grid.cell_of(frame)) take(static_cast<std::uint32_t>(*cell), frame);
}

void CellRun::take(std::uint32_t cell, const stats::Frame& frame) {
  seconds_[cell] += to_seconds(frame.to - frame.from);
  for (const auto& each : frame.trends) put(trends_, each.slot, cell, &each.slice);
  for (const auto& each : frame.counts) put(counts_, each.slot, cell, each.n);
  for (const auto& each : frame.rates) put(rates_, each.slot, cell, each.rate);
  for (const auto& each : frame.gauges)
    put(gauges_, each.slot, cell, {&frame, each.gauge.value});
  for (const auto& each : frame.tallies) put(tallies_, each.slot, cell, &each);
}

std::vector<stats::Histogram::Slice> CellRun::trend(const stats::Selector& selector) const {
  std::vector<std::vector<const stats::Histogram::Slice*>> slices(cells_);
  for (const stats::Series* series : stats::series_of(schema(), selector))
    if (series->kind == Kind::kTrend)
      for (const auto& [cell, slice] : trends_[series->slot]) slices[cell].push_back(slice);
  std::vector<stats::Histogram::Slice> merged;
  stats::Histogram sum;
  for (const auto& each : slices) {
    if (each.size() == 1) {
      merged.push_back(*each.front());
      continue;
    }
    for (const auto* slice : each) sum.merge(*slice);
    merged.push_back(sum.slice());
    sum.clear();
  }
  return merged;
}

// The level of the whole metric in each interval: its series add up there, or the latest holds.
std::vector<Part> CellRun::gauge_parts(const std::vector<const stats::Series*>& series) const {
  std::map<const stats::Frame*, std::pair<std::uint32_t, double>> levels;
  for (const stats::Series* each : series) {
    const bool adds = schema().gauge_levels()[each->slot] == stats::Levels::kAdd;
    for (const auto& [cell, sample] : gauges_[each->slot]) {
      auto& level = levels[sample.first];
      level.first = cell;
      level.second = (adds ? level.second : 0) + static_cast<double>(sample.second);
    }
  }
  std::vector<Part> parts(cells_);
  for (const auto& [frame, level] : levels) {
    parts[level.first].sum += level.second;
    parts[level.first].weight += 1;
  }
  return parts;
}

std::uint64_t CellRun::samples(const stats::Selector& selector) const {
  std::uint64_t n = 0;
  for (const stats::Series* series : stats::series_of(schema(), selector)) {
    const std::uint32_t slot = series->slot;
    switch (series->kind) {
      case Kind::kTrend:
        for (const auto& [cell, slice] : trends_[slot]) n += slice->count;
        break;
      case Kind::kCounter:
        for (const auto& [cell, count] : counts_[slot]) n += count;
        break;
      case Kind::kRate:
        for (const auto& [cell, rate] : rates_[slot]) n += rate.total;
        break;
      case Kind::kGauge: n += gauges_[slot].size(); break;
      case Kind::kTally:
        for (const auto& [cell, tally] : tallies_[slot])
          for (const auto& [key, count] : tally->keys)
            n += stats::names_key(selector, key) ? count : 0;
        break;
    }
  }
  return n;
}

std::vector<Part> CellRun::parts(const stats::Selector& selector) const {
  const auto series = stats::series_of(schema(), selector);
  if (series.empty()) return std::vector<Part>(cells_);
  const double units = stats::units_of(*schema().find(selector.metric));
  const Kind kind = series.front()->kind;
  std::vector<Part> parts(cells_);
  if (kind == Kind::kGauge) parts = gauge_parts(series);
  for (const stats::Series* each : series) {
    if (kind == Kind::kCounter)
      for (const auto& [cell, n] : counts_[each->slot]) parts[cell].sum += static_cast<double>(n);
    if (kind == Kind::kTally)
      for (const auto& [cell, tally] : tallies_[each->slot])
        for (const auto& [key, n] : tally->keys)
          if (stats::names_key(selector, key)) parts[cell].sum += static_cast<double>(n);
    if (kind != Kind::kRate) continue;
    for (const auto& [cell, rate] : rates_[each->slot]) {
      parts[cell].sum += static_cast<double>(rate.hits);
      parts[cell].weight += static_cast<double>(rate.total);
    }
  }
  const bool per_second = kind == Kind::kCounter || kind == Kind::kTally;
  for (std::size_t cell = 0; cell < cells_; ++cell) {
    if (per_second) parts[cell].weight = seconds_[cell];
    if (kind != Kind::kRate) parts[cell].sum /= units;
  }
  return parts;
}

}  // namespace gend::report
