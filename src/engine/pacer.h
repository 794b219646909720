#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/curve.h"

namespace gend::engine {

// Says when the n-th arrival of an open model is due. A pure function of the plan: every shard and
// host computes its own arrivals without asking anyone. With N(t) the integral of the rate, arrival
// n is due at inf{t : N(t) > n}: at a constant rate r exactly at n/r, the first one at once.
class Pacer {
 public:
  explicit Pacer(Curve rate);

  // Arrivals of the whole scenario: those due before its end.
  std::uint64_t total() const { return total_; }

  // Offset from the scenario's start, rounded down to a nanosecond; n < total().
  Duration due(std::uint64_t n) const;

  // When so many arrivals, not necessarily a whole number, have been expected; empty when the
  // scenario ends before that.
  std::optional<Duration> due_after(long double arrivals) const;

  // How many arrivals are due at or before `t`: the smallest n with due(n) > t, at most total().
  std::uint64_t count_due(Duration t) const;

  const Curve& rate() const { return rate_; }

 private:
  Duration offset_of(long double area) const;

  Curve rate_;
  std::uint64_t total_ = 0;
};

}  // namespace gend::engine
