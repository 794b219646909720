#include "engine/gathering.h"

#include <algorithm>

#include "base/assert.h"

namespace gend::engine {

using Over = stats::Recorder::Over;

// The first snapshot is kept as it is, which is all there is to do unless a shard stood still.
void Gathering::hold(Part& part, const Delivery& delivery) {
  part.delivered = delivery.index + 1;
  part.finished = delivery.last;
  if (part.held == nullptr) {
    part.held = delivery.snapshot;
    return;
  }
  part.held->merge(*delivery.snapshot, Over::kIntervals);
  delivery.snapshot->clear();
  part.shard.empties.put(delivery.snapshot);
}

// A shard that stood still makes the interval longer, also for those that were looked at before.
bool Gathering::look() {
  std::uint64_t looked_until = 0;
  do {
    looked_until = until_;
    for (Part& part : parts_) take(part);
  } while (until_ != looked_until);
  return std::ranges::all_of(parts_, [this](const Part& part) {
    return part.finished || part.delivered > until_;
  });
}

void Gathering::take(Part& part) {
  Delivery delivery;
  while (!part.finished && part.delivered <= until_ && part.shard.deliveries.take(delivery)) {
    hold(part, delivery);
    until_ = std::max(until_, delivery.index);
  }
}

void Gathering::merge_into(stats::Snapshot& into, TimePoint start_of_run) {
  TimePoint to{};
  for (Part& part : parts_) {
    if (part.held == nullptr) continue;
    to = std::max(to, part.held->recorder.to);
    into.merge(*part.held, Over::kShards);
    part.held->clear();
    part.shard.empties.put(part.held);
    part.held = nullptr;
  }
  GEND_ASSERT(to != TimePoint{});
  into.recorder.from = start_of_run + kInterval * static_cast<std::int64_t>(next_);
  into.recorder.to = to;
  next_ = ++until_;
}

bool Gathering::finished() const {
  return std::ranges::all_of(
      parts_, [](const Part& part) { return part.finished && part.held == nullptr; });
}

}  // namespace gend::engine
