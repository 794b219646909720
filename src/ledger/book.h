#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace gend::ledger {

// A number that one thread counts up and any thread reads. Never a locked instruction.
class Count {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void raise(std::uint64_t n) noexcept {
    if (n > value_.load(std::memory_order_relaxed)) value_.store(n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// What one shard saw of one room; written by that shard only. 128 bytes.
struct alignas(64) Book {
  Count sent;         // by this shard's senders
  Count joined;       // memberships begun
  Count settled;      // memberships ended
  Count owed;         // to those: numbers from their joins to their leaves
  Count delivered;    // first arrivals
  Count lost;         // owed, and did not arrive
  Count missed_away;  // owed, did not arrive, and were sent while the receiver was away
  Count duplicated;   // further arrivals
  Count reordered;    // first arrivals behind a higher number of the same sender
  Count late;         // first arrivals after the receiver's limit
  Count unclear;      // arrivals of what was written off before
  Count not_owed;     // arrivals of what was sent before a join or after a leave, and of own ones
  Count garbled;      // stamps and numbers that cannot be
  Count foreign;      // stamps of other runs
  Count spreads;      // messages whose spread was measured
  Count spread_max;   // ns between the first and the last receiver of one
};
static_assert(sizeof(Book) == 128);

// A room over all shards. Read at any time it is a moment's approximation; after the shards have
// ended it is exact.
struct RoomTotals {
  std::string name;
  std::uint64_t sent = 0, joined = 0, settled = 0, owed = 0, delivered = 0, lost = 0;
  std::uint64_t missed_away = 0, duplicated = 0, reordered = 0, late = 0, unclear = 0;
  std::uint64_t not_owed = 0, garbled = 0, foreign = 0, spreads = 0;
  Duration spread_max{};

  // What should have arrived, as far as it is decided: what users were away for is not in it.
  std::uint64_t expected() const { return delivered + lost; }
  // Whether two independent counts agree, once all members are settled: numbers between joins and
  // leaves, and what became of each.
  bool balanced() const { return joined == settled && owed == expected() + missed_away; }
  void add(const Book& book);
  void add(const RoomTotals& room);  // for a sum over rooms; keeps the name
};

}  // namespace gend::ledger
