#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "stats/recorder.h"
#include "stats/samples.h"
#include "stats/verdict.h"

namespace gend::stats {

// What one shard hands over once a second, and what all of them give together.
struct Snapshot {
  explicit Snapshot(const Schema& schema) : recorder{schema} {}
  Recorder recorder;
  GeneratorHealth health;
  Samples samples;
  std::uint32_t aborted = 0;  // 1 + index into Program::aborts of the step that ended the run
  void merge(const Snapshot& other, Recorder::Over over) noexcept {
    recorder.merge(other.recorder, over);
    health.merge(other.health);
    samples.merge(other.samples);
    if (aborted == 0) aborted = other.aborted;
  }
  void clear() noexcept {
    recorder.clear();
    health = GeneratorHealth{};
    samples.clear();
    aborted = 0;
  }
};

}  // namespace gend::stats
