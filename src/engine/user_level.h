#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/curve.h"

namespace gend::engine {

// Which users of a closed model are wanted when, one change at a time. As in k6, user k (from 0)
// begins when a rising curve reaches k + 1 and ends when a falling one reaches k. Pure; times are
// offsets from the scenario's start.
class UserLevel {
 public:
  enum class Change : std::uint8_t { kBegin, kEnd };
  struct Step {
    Duration at{};
    Change change{};
    std::uint64_t user = 0;  // global number
  };

  explicit UserLevel(Curve users);

  // The next change, in order of time; empty when there is none before the scenario's end.
  std::optional<Step> next() const { return next_; }
  void advance();

  std::uint64_t wanted() const { return wanted_; }  // after the changes taken so far

 private:
  void find_next();
  std::optional<Step> step_within(const Curve::Segment& segment) const;

  Curve users_;
  std::size_t segment_ = 0;
  bool at_segment_start_ = true;  // the jump to the segment's first value is still to be taken
  std::uint64_t wanted_ = 0;
  std::optional<Step> next_;
};

}  // namespace gend::engine
