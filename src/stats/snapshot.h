#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "stats/recorder.h"
#include "stats/verdict.h"

namespace gend::stats {

// What one shard hands over once a second, and what all of them give together.
struct Snapshot {
  explicit Snapshot(const Schema& schema) : recorder{schema} {}
  Recorder recorder;
  GeneratorHealth health;
  void merge(const Snapshot& other, Recorder::Over over) noexcept {
    recorder.merge(other.recorder, over);
    health.merge(other.health);
  }
  void clear() noexcept {
    recorder.clear();
    health = GeneratorHealth{};
  }
};

}  // namespace gend::stats
