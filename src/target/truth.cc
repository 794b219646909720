#include "target/truth.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace gend::target {
namespace {

template <class Get>
std::uint64_t sum(const std::vector<std::unique_ptr<Counts>>& all, Get get) {
  std::uint64_t total = 0;
  for (const auto& counts : all) total += get(*counts).load(std::memory_order_relaxed);
  return total;
}

constexpr std::int64_t kBinNs = 100'000'000;

template <class T>
T* zeros(std::size_t count) {
  auto* memory = static_cast<T*>(std::calloc(count, sizeof(T)));
  GEND_ASSERT(memory != nullptr);
  return memory;
}

template <class T>
T value_of(T& of) {
  return std::atomic_ref<T>{of}.load(std::memory_order_relaxed);
}

// One writer, as bump().
template <class T>
void bump_plain(T& count) {
  const std::atomic_ref<T> at{count};
  at.store(at.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

template <class T>
void clear(T* from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (value_of(from[i]) != 0) std::atomic_ref<T>{from[i]}.store(0, std::memory_order_relaxed);
}

std::string name_of(std::size_t route) {
  if (route == kPlainRoute) return "plain";
  if (route >= routes().size()) return "unknown";
  const RouteRow& row = routes()[route];
  return fmt::format("{}{}{}", row.method == "*" ? "" : row.method, row.method == "*" ? "" : " ",
                     row.pattern);
}

}  // namespace

Counts::Counts()
    : routes{zeros<std::uint64_t>(kMostRoutes * kStatuses)}, bins{zeros<std::uint32_t>(kBins)} {}

void Truth::received(Counts& counts, TimePoint now) {
  bump(counts.requests);
  const std::int64_t ns = now.time_since_epoch().count();
  std::int64_t start = start_.load(std::memory_order_relaxed);
  if (start == 0 && start_.compare_exchange_strong(start, ns)) start = ns;
  const std::int64_t bin = ns > start ? (ns - start) / kBinNs : 0;
  if (bin < static_cast<std::int64_t>(Counts::kBins)) bump_plain(counts.bins[std::size_t(bin)]);
}

void Truth::answered(Counts& counts, std::size_t route, int status, std::uint64_t body_bytes,
                     Duration took) {
  const auto index = static_cast<std::size_t>(status);
  bump(counts.responses);
  bump(counts.body_bytes, body_bytes);
  bump(counts.statuses[index]);
  bump_plain(counts.routes[route * Counts::kStatuses + index]);
  const double seconds = to_seconds(took);
  std::size_t bin = 0;
  while (bin < Counts::kBounds.size() && seconds > Counts::kBounds[bin]) ++bin;
  bump(counts.durations[bin]);
  bump(counts.duration_ns, static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)));
}

std::string Truth::routes_json() const {
  std::string text;
  for (std::size_t route = 0; route < kMostRoutes; ++route) {
    std::string statuses;
    for (std::size_t status = 0; status < Counts::kStatuses; ++status) {
      std::uint64_t count = 0;
      for (const auto& each : counts_)
        count += value_of(each->routes[route * Counts::kStatuses + status]);
      if (count == 0) continue;
      statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
    }
    if (statuses.empty()) continue;
    text += fmt::format("{}\"{}\":{{{}}}", text.empty() ? "" : ",", name_of(route), statuses);
  }
  return text;
}

std::string Truth::seconds_json(std::uint32_t bin_ms) const {
  const std::size_t per_bin = std::max<std::size_t>(bin_ms / 100, 1);
  std::vector<std::uint64_t> sums;
  for (std::size_t bin = 0; start_.load() != 0 && bin < Counts::kBins; ++bin) {
    std::uint64_t count = 0;
    for (const auto& each : counts_) count += value_of(each->bins[bin]);
    if (count == 0) continue;
    if (sums.size() <= bin / per_bin) sums.resize(bin / per_bin + 1);
    sums[bin / per_bin] += count;
  }
  return fmt::format("{{\"start\":{},\"bin_ms\":{},\"counts\":[{}]}}\n",
                     start_.load() / 1'000'000, per_bin * 100, fmt::join(sums, ","));
}

std::uint64_t Truth::status_count(int status) const {
  return sum(
      counts_, [&](Counts & c) -> auto& { return c.statuses[static_cast<std::size_t>(status)]; });
}

std::array<std::uint64_t, Counts::kBounds.size() + 2> Truth::durations() const {
  std::array<std::uint64_t, Counts::kBounds.size() + 2> all{};
  for (std::size_t bin = 0; bin <= Counts::kBounds.size(); ++bin) {
    all[0] += sum(
        counts_, [&](Counts & c) -> auto& { return c.durations[bin]; });
    if (bin < Counts::kBounds.size()) all[bin + 2] = all[0];
  }
  all[1] = sum(
      counts_, [](Counts & c) -> auto& { return c.duration_ns; });
  return all;
}

Truth::Truth(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) counts_.push_back(std::make_unique<Counts>());
}

std::string Truth::json(std::string_view more) const {
  const auto field = [&](const char* name, auto get) {
    return std::string{"\""} + name + "\":" + std::to_string(sum(counts_, get)) + ",";
  };
  std::string text = "{";
  text += field(
      "connections", [](Counts & c) -> auto& { return c.connections; });
  text += field(
      "closed", [](Counts & c) -> auto& { return c.closed; });
  text += field(
      "requests", [](Counts & c) -> auto& { return c.requests; });
  text += field(
      "responses", [](Counts & c) -> auto& { return c.responses; });
  text += field(
      "body_bytes", [](Counts & c) -> auto& { return c.body_bytes; });
  text += field(
      "malformed", [](Counts & c) -> auto& { return c.malformed; });
  text += field(
      "faults", [](Counts & c) -> auto& { return c.faults; });
  text += "\"statuses\":{";
  const char* separator = "";
  for (std::size_t status = 0; status < Counts::kStatuses; ++status) {
    const auto count = sum(
        counts_, [&](Counts & c) -> auto& { return c.statuses[status]; });
    if (count == 0) continue;
    text += separator + ("\"" + std::to_string(status)) + "\":" + std::to_string(count);
    separator = ",";
  }
  return (text += '}').append(more) + "}\n";
}

void Truth::reset() {
  for (auto& counts : counts_) {
    for (auto* value : {&counts->connections, &counts->closed, &counts->requests,
                        &counts->responses, &counts->body_bytes, &counts->malformed,
                        &counts->faults, &counts->duration_ns})
      value->store(0, std::memory_order_relaxed);
    for (auto& value : counts->statuses) value.store(0, std::memory_order_relaxed);
    for (auto& value : counts->durations) value.store(0, std::memory_order_relaxed);
    clear(counts->routes.get(), kMostRoutes * Counts::kStatuses);
    clear(counts->bins.get(), Counts::kBins);
  }
  start_ = 0;
}

void Truth::stall(const StallPlan& plan, TimePoint from) {
  times_.store(0);
  from_.store(from.time_since_epoch().count());
  length_.store(plan.length.count());
  every_.store(plan.every.count());
  times_.store(std::max(plan.times, 1U));
}

TimePoint Truth::thawed_at(TimePoint now) const {
  const std::uint32_t times = times_.load();
  if (times == 0) return now;
  const std::int64_t since = now.time_since_epoch().count() - from_.load();
  if (since < 0) return now;
  const std::int64_t every = every_.load(), length = length_.load();
  const std::int64_t which = times == 1 || every == 0 ? 0 : since / every;
  if (which >= times) return now;
  const std::int64_t into = since - which * every;
  return into < length ? now + Duration{length - into} : now;
}

}  // namespace gend::target
