#include "target/delivery_faults.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "support/seed.h"

using namespace gend;
using namespace gend::target;
using namespace std::chrono_literals;

TEST_CASE("deliveries go wrong as often as was asked for, and each in one way only") {
  DeliveryFaults faults{.drop = 0.01, .duplicate = 0.005, .reorder = 0.02};
  REQUIRE(parse_delay("0.03:500ms", faults).has_value());
  std::array<double, 5> seen{};
  constexpr int kSenders = 10, kMessages = 1000, kReceivers = 20;
  for (std::uint64_t sender = 1; sender <= kSenders; ++sender)
    for (std::uint64_t message = 1; message <= kMessages; ++message)
      for (std::uint64_t receiver = 1; receiver <= kReceivers; ++receiver) {
        const Fate fate = faults.fate(test::seed(), sender, message, receiver);
        ++seen[static_cast<std::size_t>(fate.kind)];
        if (fate.kind == Fate::Kind::kDelay) CHECK(fate.hold == 500ms);
        if (fate.kind == Fate::Kind::kReorder) CHECK(fate.hold == kReorderPatience);
        if (fate.kind == Fate::Kind::kDuplicate) CHECK(fate.hold == 0ms);
      }
  const std::array<double, 5> shares{0.935, 0.01, 0.005, 0.02, 0.03};
  constexpr double kAll = double{kSenders} * kMessages * kReceivers;
  for (std::size_t kind = 0; kind < shares.size(); ++kind) {
    CAPTURE(kind);
    const double six_deviations = 6 * std::sqrt(kAll * shares[kind] * (1 - shares[kind]));
    CHECK(std::abs(seen[kind] - kAll * shares[kind]) < six_deviations);
  }
}

TEST_CASE("the same delivery meets the same fate, and others their own") {
  const DeliveryFaults faults{.drop = 0.5};
  int same = 0, across = 0;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    const auto dropped = [&](std::uint64_t a, std::uint64_t b, std::uint64_t c) {
      return faults.fate(test::seed(), a, b, c).kind == Fate::Kind::kDrop;
    };
    same += dropped(1, i, 2) == dropped(1, i, 2);
    across += dropped(1, i, 2) == dropped(2, i, 1);  // sender and receiver are not alike
  }
  CHECK(same == 1000);
  CHECK(std::abs(across - 500) < 6 * std::sqrt(250.0));
}

TEST_CASE("a latency is on top of a delay, and none is none") {
  DeliveryFaults faults;
  CHECK(faults.none());
  faults.latency = *parse_latency("fixed 20ms");
  CHECK_FALSE(faults.none());
  CHECK(faults.fate(1, 1, 1, 1).hold == 20ms);
  REQUIRE(parse_delay("1:1s", faults).has_value());
  CHECK(faults.fate(1, 1, 1, 1).hold == 1020ms);
}

TEST_CASE("faults are read from JSON and written as they were read") {
  const auto faults = faults_from_json(
      R"({"drop":0.01,"duplicate":0.005,"delay":"0.03:500ms","latency":"uniform 1ms 50ms"})");
  REQUIRE(faults.has_value());
  CHECK(faults->drop == 0.01);
  CHECK(faults->reorder == 0);
  CHECK(faults->delay == 500ms);
  CHECK(faults->latency.second == 50ms);
  CHECK(faults_to_json(*faults) ==
        R"({"drop":0.01,"duplicate":0.005,"reorder":0,"delay":"0.03:500ms",)"
        R"("latency":"uniform 1ms 50ms"})");
  CHECK(faults_from_json(faults_to_json(*faults)).has_value());
  CHECK(faults_from_json("{}")->none());
  for (const char* bad : {"", "[]", R"({"drop":2})", R"({"drop":-0.1})", R"({"delay":"0.1"})",
                          R"({"delay":0.1})", R"({"drop":0.6,"reorder":0.5})", R"({"lost":0.1})"})
    CHECK_MESSAGE(!faults_from_json(bad).has_value(), bad);
  for (const char* bad : {"", "x", "1.1", "-0.1", "0.1 ", "nan"})
    CHECK_MESSAGE(!parse_share(bad).has_value(), bad);
}
