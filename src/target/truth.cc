#include "target/truth.h"

#include <algorithm>

namespace gend::target {
namespace {

template <class Get>
std::uint64_t sum(const std::vector<std::unique_ptr<Counts>>& all, Get get) {
  std::uint64_t total = 0;
  for (const auto& counts : all) total += get(*counts).load(std::memory_order_relaxed);
  return total;
}

}  // namespace

Truth::Truth(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) counts_.push_back(std::make_unique<Counts>());
}

std::string Truth::json() const {
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
  text += "\"statuses\":{";
  const char* separator = "";
  for (std::size_t status = 0; status < Counts::kStatuses; ++status) {
    const auto count = sum(
        counts_, [&](Counts & c) -> auto& { return c.statuses[status]; });
    if (count == 0) continue;
    text += separator + ("\"" + std::to_string(status)) + "\":" + std::to_string(count);
    separator = ",";
  }
  return text + "}}\n";
}

void Truth::reset() {
  for (auto& counts : counts_) {
    for (auto* value : {&counts->connections, &counts->closed, &counts->requests,
                        &counts->responses, &counts->body_bytes, &counts->malformed})
      value->store(0, std::memory_order_relaxed);
    for (auto& value : counts->statuses) value.store(0, std::memory_order_relaxed);
  }
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
