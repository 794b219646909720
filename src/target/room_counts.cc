#include "target/room_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "base/limits.h"
#include "target/text.h"

namespace gend::target {
namespace {

struct Field {
  const char* name;
  std::atomic<std::uint64_t> RoomCounts::* value;
};
constexpr Field kFields[] = {
    {"messages", &RoomCounts::messages},     {"owed", &RoomCounts::owed},
    {"sent", &RoomCounts::sent},             {"dropped", &RoomCounts::dropped},
    {"duplicated", &RoomCounts::duplicated}, {"reordered", &RoomCounts::reordered},
    {"delayed", &RoomCounts::delayed},       {"gone", &RoomCounts::gone},
};
using Sums = std::array<std::uint64_t, std::size(kFields)>;

std::string text_of(const Sums& sums) {
  std::string text;
  for (std::size_t i = 0; i < sums.size(); ++i)
    text += fmt::format("\"{}\":{},", kFields[i].name, sums[i]);
  // The threads count on while they are read: never less than nothing.
  const std::uint64_t settled = sums[2] + sums[3] + sums[7];
  return text + fmt::format("\"waiting\":{}", sums[1] > settled ? sums[1] - settled : 0);
}

}  // namespace

LatencyBins::LatencyBins() {
  bins.reset(static_cast<std::uint32_t*>(std::calloc(kBins, sizeof(std::uint32_t))));
  GEND_ASSERT(bins != nullptr);
}

void LatencyBins::add(Duration took) {
  const std::int64_t ns = std::max<std::int64_t>(took.count(), 0);
  const auto bin = std::min(static_cast<std::size_t>(ns / kBinNs), kBins - 1);
  const std::atomic_ref<std::uint32_t> at{bins[bin]};
  at.store(at.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (bin >= used.load(std::memory_order_relaxed)) used.store(bin + 1, std::memory_order_relaxed);
  if (ns > max_ns.load(std::memory_order_relaxed)) max_ns.store(ns, std::memory_order_relaxed);
}

void LatencyBins::clear() {
  for (std::size_t i = 0; i < used.load(); ++i) std::atomic_ref<std::uint32_t>{bins[i]}.store(0);
  used = 0;
  max_ns = 0;
}

RoomRegistry::RoomRegistry(unsigned threads)
    : threads_{threads}, latency_{std::make_unique<LatencyBins[]>(threads)} {}

Room* RoomRegistry::find_or_make(std::string_view name) {
  const std::lock_guard lock{mutex_};
  if (const auto found = rooms_.find(name); found != rooms_.end()) return found->second.get();
  if (rooms_.size() >= limits::kTargetRooms) return nullptr;
  auto made = std::make_unique<Room>();
  made->name = name;
  made->index = static_cast<std::uint32_t>(rooms_.size());
  made->of_thread = std::make_unique<RoomCounts[]>(threads_);
  return rooms_.emplace(made->name, std::move(made)).first->second.get();
}

std::string RoomRegistry::latency_json() const {
  std::vector<std::uint64_t> sums;
  std::int64_t max_ns = 0;
  for (unsigned t = 0; t < threads_; ++t) {
    const std::size_t used = latency_[t].used.load();
    if (sums.size() < used) sums.resize(used);
    for (std::size_t i = 0; i < used; ++i)
      sums[i] += std::atomic_ref<std::uint32_t>{latency_[t].bins[i]}.load();
    max_ns = std::max(max_ns, latency_[t].max_ns.load());
  }
  std::uint64_t count = 0;
  for (const std::uint64_t each : sums) count += each;
  // Nearest rank, as the middle of its bin.
  const auto percentile = [&](double percent) {
    const auto rank = static_cast<std::uint64_t>(
        std::ceil(percent / 100 * static_cast<double>(count)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < sums.size(); ++i)
      if ((seen += sums[i]) >= rank && count > 0)
        return std::min(static_cast<std::int64_t>(i) * LatencyBins::kBinNs +
                            LatencyBins::kBinNs / 2, max_ns) / 1000;
    return std::int64_t{0};
  };
  return fmt::format(
      R"("latency":{{"count":{},"p50_us":{},"p95_us":{},"p99_us":{},"max_us":{}}})", count,
      percentile(50), percentile(95), percentile(99), max_ns / 1000);
}

std::string RoomRegistry::json() const {
  const std::lock_guard lock{mutex_};
  Sums totals{};
  std::string each;
  for (const auto& [name, room] : rooms_) {
    Sums sums{};
    std::uint64_t members = 0, any = 0;
    for (unsigned t = 0; t < threads_; ++t) {
      const RoomCounts& counts = room->of_thread[t];
      members += counts.members.load();
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += (counts.*kFields[i].value).load();
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      totals[i] += sums[i];
      any += sums[i];
    }
    if (any + members == 0) continue;
    each += each.empty() ? "" : ",";
    append_json(each, name);
    each += fmt::format(":{{{},\"members\":{}}}", text_of(sums), members);
  }
  return fmt::format(",\"deliveries\":{{{},{}}},\"rooms\":{{{}}}", text_of(totals), latency_json(),
                     each);
}

void RoomRegistry::clear_counts() {
  const std::lock_guard lock{mutex_};
  for (const auto& [name, room] : rooms_)
    for (unsigned t = 0; t < threads_; ++t)
      for (const Field& field : kFields) (room->of_thread[t].*field.value).store(0);
  for (unsigned t = 0; t < threads_; ++t) latency_[t].clear();
}

}  // namespace gend::target
