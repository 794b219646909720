#include "ledger/window.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "base/limits.h"
#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::ledger;

namespace {

constexpr TimePoint kStart{std::chrono::hours{1}};

// A window, a clock that stands still until it is told, and what was written off.
struct Fixture {
  Window window;
  TimePoint now = kStart;
  Missing missing{};

  explicit Fixture(std::uint64_t base = 0) : window{base} {}

  Window::Arrival arrive(std::uint64_t number) { return window.arrive(number, now, missing); }
  Arrived how(std::uint64_t number) { return arrive(number).how; }
};

}  // namespace

TEST_CASE("numbers in their order are first arrivals, and nothing is missing") {
  Fixture f;
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    const auto arrival = f.arrive(n);
    REQUIRE(arrival.how == Arrived::kFirst);
    REQUIRE_FALSE(arrival.reordered);
  }
  CHECK(f.window.next() == 10'000);
  f.window.close(10'000);
  CHECK(f.window.outstanding() == 0);
  CHECK(f.window.settle() == Missing{});
  CHECK(f.missing == Missing{});
}

TEST_CASE("every k-th dropped is exactly so many lost") {
  for (std::uint64_t k : {2, 3, 7, 50, 100, 1000}) {
    Fixture f;
    constexpr std::uint64_t kCount = 6000;
    for (std::uint64_t n = 0; n < kCount; ++n)
      if (n % k != 0) {
        REQUIRE(f.how(n) == Arrived::kFirst);
      }
    f.window.close(kCount);
    const std::uint64_t dropped = (kCount + k - 1) / k;
    CHECK(f.missing.lost == 0);  // nobody waited long enough to write anything off
    CHECK(f.window.outstanding() == dropped);
    CHECK(f.window.settle() == Missing{dropped, 0});
  }
}

TEST_CASE("further arrivals are duplicates, however late they come") {
  Fixture f;
  for (std::uint64_t n = 0; n < 200; ++n) {
    REQUIRE(f.how(n) == Arrived::kFirst);
    REQUIRE(f.how(n) == Arrived::kDuplicate);
  }
  f.now += std::chrono::hours{1};
  for (std::uint64_t n = 0; n < 200; ++n) REQUIRE(f.how(n) == Arrived::kDuplicate);
  CHECK(f.how(205) == Arrived::kFirst);
  CHECK(f.how(205) == Arrived::kDuplicate);
}

TEST_CASE("a first arrival behind a higher number is reordered, one in order is not") {
  for (const std::uint64_t gap : {2ULL, 40ULL, 63ULL, 64ULL, 65ULL, 300ULL, 5000ULL}) {
    Fixture f;
    CHECK_FALSE(f.arrive(gap - 1).reordered);
    for (std::uint64_t n = 0; n + 1 < gap; ++n) {
      const auto arrival = f.arrive(n);
      REQUIRE(arrival.how == Arrived::kFirst);
      REQUIRE(arrival.reordered);
    }
    CHECK_FALSE(f.arrive(gap).reordered);
  }
}

TEST_CASE("pairs that are swapped make one reordered message each") {
  Fixture f;
  int reordered = 0;
  for (std::uint64_t n = 0; n < 1000; n += 2) {
    reordered += f.arrive(n + 1).reordered;
    reordered += f.arrive(n).reordered;
  }
  CHECK(reordered == 500);
}

TEST_CASE("below the base and from the end on nothing is owed") {
  Fixture f{100};
  CHECK(f.window.next() == 100);
  CHECK(f.how(99) == Arrived::kNotOwed);
  CHECK(f.how(0) == Arrived::kNotOwed);
  CHECK(f.how(100) == Arrived::kFirst);
  f.window.close(103);
  CHECK(f.how(103) == Arrived::kNotOwed);
  CHECK(f.window.outstanding() == 2);
  CHECK(f.how(102) == Arrived::kFirst);
  CHECK(f.how(101) == Arrived::kFirst);
  CHECK(f.window.outstanding() == 0);
  CHECK(f.how(101) == Arrived::kDuplicate);
  CHECK(f.window.settle() == Missing{});
}

TEST_CASE("a missing number is kept for ten seconds, however many follow it") {
  Fixture f;
  f.arrive(1);  // 0 is missing from here on
  std::uint64_t n = 2;
  const Duration step = std::chrono::milliseconds{2};  // 500 a second
  for (; f.now < kStart + limits::kLedgerPatience - step; f.now += step) f.arrive(n++);
  CHECK(f.missing.lost == 0);
  CHECK(f.how(0) == Arrived::kFirst);
}

TEST_CASE(
    "a number missing for long is written off once there is no room, and comes back unclear") {
  Fixture f;
  std::uint64_t n = 1;
  const Duration step = std::chrono::milliseconds{2};
  for (; f.now < kStart + 5 * limits::kLedgerPatience; f.now += step) f.arrive(n++);
  CHECK(f.missing == Missing{1, 0});
  CHECK(f.how(0) == Arrived::kUnclear);
  CHECK(f.how(1) == Arrived::kDuplicate);  // above all that was written off: certain
  f.window.close(n);
  CHECK(f.window.outstanding() == 0);
  CHECK(f.window.settle() == Missing{});
}

TEST_CASE("age alone writes off, long before a window is as wide as it may be") {
  Fixture f;
  std::uint64_t n = 1;
  for (; f.now < kStart + 6 * limits::kLedgerPatience; f.now += std::chrono::milliseconds{10})
    f.arrive(n++);
  REQUIRE(n < limits::kLedgerWindow);
  CHECK(f.missing == Missing{1, 0});
  CHECK(f.how(0) == Arrived::kUnclear);
}

TEST_CASE("a number of a quiet sender is waited for without end, since there is room") {
  Fixture f;
  for (std::uint64_t n = 1; n < 60; ++n) {
    f.now += std::chrono::minutes{1};
    f.arrive(n);
  }
  CHECK(f.how(0) == Arrived::kFirst);
}

TEST_CASE("what lies more than a window behind is written off, however young") {
  const std::uint64_t window = limits::kLedgerWindow;
  Fixture f;
  f.arrive(window - 1);
  CHECK(f.missing.lost == 0);
  CHECK(f.how(0) == Arrived::kFirst);
  f.arrive(window);  // 1 is now the oldest in the window
  CHECK(f.missing.lost == 0);
  f.arrive(window + 9);  // 1..9 are behind it
  CHECK(f.missing == Missing{9, 0});
  CHECK(f.how(9) == Arrived::kUnclear);
  CHECK(f.how(10) == Arrived::kFirst);
}

TEST_CASE("a jump over more than a window is counted by arithmetic") {
  Fixture f;
  f.arrive(0);
  f.arrive(5);
  const std::uint64_t far = 1'000'000'000'000;
  const auto arrival = f.arrive(far);
  CHECK(arrival.how == Arrived::kFirst);
  CHECK_FALSE(arrival.reordered);
  // All of [0, far - window] but 0 and 5.
  CHECK(f.missing.lost == far - limits::kLedgerWindow + 1 - 2);
  f.window.close(far + 1);
  CHECK(f.window.outstanding() == limits::kLedgerWindow - 1);
  CHECK(f.window.settle().lost + f.missing.lost == far + 1 - 3);
}

TEST_CASE("what was sent while away is no loss, and what arrives of it after all is delivered") {
  Fixture f;
  for (const std::uint64_t n : {0, 1, 3}) f.arrive(n);
  f.window.away(10, f.now);  // 4..9; 2 stays owed
  const auto replayed = f.arrive(6);
  CHECK(replayed.how == Arrived::kFirst);
  CHECK(replayed.was_away);
  CHECK_FALSE(f.arrive(11).was_away);
  f.window.close(12);
  CHECK(f.window.outstanding() == 2);  // 2 and 10
  CHECK(f.window.settle() == Missing{2, 5});
}

TEST_CASE("being away twice with nothing in between is one absence") {
  Fixture f;
  f.arrive(0);
  f.window.away(5, f.now);
  f.window.away(9, f.now);  // 5..8 were sent between, and did not arrive either
  f.arrive(10);
  f.window.away(10, f.now);  // nothing was sent: no absence
  f.window.close(11);
  CHECK(f.window.settle() == Missing{1, 8});
}

TEST_CASE("an absence that is longer than a window is counted as such") {
  const std::uint64_t gone = 3 * limits::kLedgerWindow;
  Fixture f;
  f.arrive(0);
  f.arrive(2);
  f.window.away(gone, f.now);
  f.arrive(gone + 1);
  CHECK(f.missing.lost == 1);
  f.window.close(gone + 2);
  const Missing rest = f.window.settle();
  CHECK(f.missing.lost + rest.lost == 2);  // 1, and the one after the absence
  CHECK(f.missing.away + rest.away == gone - 3);
}

TEST_CASE("absences up to the end of a closed window end there") {
  Fixture f;
  f.arrive(0);
  f.window.close(4);
  f.window.away(100, f.now);
  CHECK(f.window.outstanding() == 0);
  CHECK(f.window.settle() == Missing{0, 3});
}

TEST_CASE("write-offs never hit a number that is young and near, and the sum always agrees") {
  Rng rng{test::seed()};
  for (int round = 0; round < 300; ++round) {
    const std::uint64_t base = rng.below(1000);
    Fixture f{base};
    std::set<std::uint64_t> seen;
    std::map<std::uint64_t, TimePoint> missing_since;
    std::uint64_t next = base, firsts = 0, lost_share = rng.below(20);
    const Duration step{static_cast<Duration::rep>(1 + rng.below(200'000'000))};
    const auto check = [&](std::uint64_t n, const Window::Arrival& arrival) {
      firsts += arrival.how == Arrived::kFirst;
      if (seen.contains(n)) return arrival.how != Arrived::kFirst;
      if (arrival.how == Arrived::kFirst) return arrival.reordered == missing_since.contains(n);
      const bool old = f.now - missing_since.at(n) >= limits::kLedgerPatience;
      return arrival.how == Arrived::kUnclear && (old || next - n > limits::kLedgerWindow);
    };
    for (int i = 0; i < 3000; ++i) {
      f.now += step;
      std::uint64_t n = next;
      if (rng.below(100) < lost_share) n += 1 + rng.below(rng.below(50) == 0 ? 3000 : 3);
      if (rng.below(5) == 0 && next > base) n = next - 1 - rng.below(std::min(next - base, n + 1));
      const auto arrival = f.arrive(n);
      REQUIRE(check(n, arrival));
      seen.insert(n);
      for (; next < n; ++next) missing_since.emplace(next, f.now);
      next = std::max(next, n + 1);
    }
    f.window.close(next);
    const Missing rest = f.window.settle();
    REQUIRE(next - base == firsts + f.missing.lost + rest.lost);
    REQUIRE(f.missing.away + rest.away == 0);
  }
}
