#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "base/time.h"

namespace gend::ledger {

// What became of numbers that did not arrive.
struct Missing {
  std::uint64_t lost = 0;
  std::uint64_t away = 0;  // sent while the receiver was away

  friend bool operator==(const Missing&, const Missing&) = default;
};

enum class Arrived : std::uint8_t {
  kFirst,      // owed, and not seen before
  kDuplicate,  // seen before
  kNotOwed,    // sent before the receiver joined, or after it left
  kUnclear     // written off before: it came very late, or twice
};

// Which of one sender's messages one receiver is owed and got: numbers from `base` up to `end`. Up
// to 64 numbers from the first missing one on are bits in place; only when a gap is wider than that
// does a window take heap: as much as it takes to keep each missing number for kLedgerPatience, and
// kLedgerWindow numbers at most. Exact as long as nothing is written off; always
//     end - base == first arrivals + lost + away, once settled.
// 40 bytes; about 120 more and a bit a number once it was widened, until it ends.
class Window {
 public:
  static constexpr std::uint64_t kOpen = std::numeric_limits<std::uint64_t>::max();

  explicit Window(std::uint64_t base = 0) : base_{base}, start_{base} {}

  struct Arrival {
    Arrived how = Arrived::kFirst;
    bool reordered = false;  // a first arrival, and a higher number came before it
    bool was_away = false;   // a first arrival that was sent while the receiver was away
  };
  // What had to be written off to make room is added to `missing`.
  Arrival arrive(std::uint64_t number, TimePoint now, Missing& missing);

  // What was sent up to `until` (exclusive) and is above all that arrived was sent while the
  // receiver was away: when it does not come, it is no loss.
  void away(std::uint64_t until, TimePoint now);

  // Owed are numbers below `end`, which is not below next().
  void close(std::uint64_t end);
  bool closed() const { return end_ != kOpen; }

  // Of a closed window: owed numbers that may still come and were not sent while away.
  std::uint64_t outstanding() const;
  // Of a closed window: nothing more is waited for. Once.
  Missing settle();

  std::uint64_t base() const { return base_; }
  std::uint64_t end() const { return end_; }
  std::uint64_t next() const;  // one above the highest that arrived; base when none has

 private:
  struct Wide;
  struct FreeWide {
    void operator()(Wide* wide) const;
  };

  Arrival arrive_wide(std::uint64_t number, TimePoint now, Missing& missing);
  Wide& widen(TimePoint now);
  void make_room(std::uint64_t number, Missing& missing);
  void write_off(std::uint64_t up_to, Missing& missing);
  void advance();

  std::uint64_t base_;
  std::uint64_t start_;  // the lowest number that is neither here nor written off
  std::uint64_t end_ = kOpen;
  std::uint64_t bits_ = 0;  // bit i: start_ + i arrived; unused once wide
  std::unique_ptr<Wide, FreeWide> wide_;
};

static_assert(sizeof(Window) == 40);

}  // namespace gend::ledger
