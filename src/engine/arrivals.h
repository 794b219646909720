#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "engine/pacer.h"
#include "engine/share.h"
#include "plan/program.h"

namespace gend::engine {

// When the arrivals of one open-model scenario are due. All shards compute the same ones, without
// asking anyone, and take their own. Times are offsets from the scenario's start.
class Arrivals {
 public:
  Arrivals(const plan::Scenario& scenario, std::uint64_t seed, std::uint32_t scenario_index);

  // Externally controlled: from `at` on so many a second; `at` never goes back.
  void change_rate(Duration at, double per_second);
  double rate() const { return changes_.empty() ? 0 : changes_.back().per_second; }

 private:
  friend class ArrivalCursor;
  struct Change {
    Duration from{};
    double per_second = 0;
    std::uint64_t first = 0;  // number of the first arrival due from here on
  };
  std::optional<Duration> due_when_controlled(std::uint64_t number) const;

  Pacer pacer_;
  plan::Arrivals how_;
  bool controlled_;
  std::uint64_t seed_, stream_;
  std::vector<Change> changes_;
};

// Walks through a share's own arrivals in order.
class ArrivalCursor {
 public:
  ArrivalCursor(const Arrivals& arrivals, Share share);

  std::uint64_t number() const { return number_; }  // global
  // Empty when none is due any more (until the rate is changed, if it is controlled).
  std::optional<Duration> due() const {
    return arrivals_->controlled_ ? arrivals_->due_when_controlled(number_) : due_;
  }
  void advance();

 private:
  void draw();
  std::optional<Duration> compute() const;

  const Arrivals* arrivals_;
  Share share_;
  std::optional<Duration> due_;  // asked several times for each arrival; not of controlled ones
  std::uint64_t number_;
  // Poisson: a unit-rate process, mapped through the integral of the rate. Every cursor draws all
  // gaps and so finds the same moments.
  Rng rng_;
  double drawn_area_ = 0;
  std::uint64_t drawn_ = 0;  // arrivals drawn so far; the last one lies at drawn_area_
};

}  // namespace gend::engine
