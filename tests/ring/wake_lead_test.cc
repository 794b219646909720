#include "ring/wake_lead.h"

#include <doctest/doctest.h>

#include "base/rng.h"

using namespace gend;
using namespace gend::ring;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kAsked{1s};

void learn(WakeLead& lead, int sleeps, Duration late) {
  for (int i = 0; i < sleeps; ++i) lead.note(kAsked, kAsked + late);
}

}  // namespace

TEST_CASE("where sleeps end in time, they are asked for as they are") {
  WakeLead lead;
  CHECK(lead.get() == 0ns);
  learn(lead, 1000, 0ns);
  CHECK(lead.get() == 0ns);
}

TEST_CASE("the lead is what nine of ten sleeps are late by") {
  WakeLead lead;
  Rng rng{20261122};
  // Evenly between 30 and 50 us: a tenth is below 32 us. A step is 0.2 us, or 1.8 down.
  for (int i = 0; i < 20'000; ++i)
    lead.note(kAsked, kAsked + 30us + Duration{static_cast<std::int64_t>(rng.below(20'000))});
  CHECK(lead.get() > 29us);
  CHECK(lead.get() < 36us);
}

TEST_CASE("one late sleep teaches next to nothing, and who was never late is believed soon") {
  WakeLead lead;
  learn(lead, 1, 10ms);
  CHECK(lead.get() <= 1us);
  learn(lead, 1000, 50us);
  REQUIRE(lead.get() >= 45us);
  learn(lead, 30, 2us);
  CHECK(lead.get() <= 4us);
}

TEST_CASE("somebody else's turn on the processor is no wake-up: the lead is bounded") {
  WakeLead lead;
  learn(lead, 100'000, 4ms);
  CHECK(lead.get() == WakeLead::kMost);
}
