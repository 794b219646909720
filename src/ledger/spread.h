#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace gend::ledger {

// How far apart the first and the last receiver of a message were, for the latest messages of one
// sender. The sender claims a slot for each message; receivers on any shard note their latency in
// it; two seconds later the sender takes the result and the slot is free. A sender faster than
// 8 messages/s finds its slots taken, and those messages are left out: a sample, not every message.
// Of messages that a server numbers, the first receiver claims the slot, and times count from then.
//
// A slot is one atomic word, so a receiver that comes too late can never spoil the message that has
// the slot by then. Times in it are microseconds, at most 16.7 s. 256 bytes.
class SpreadRing {
 public:
  static constexpr std::size_t kSlots = 16;
  static constexpr Duration kOpenFor = std::chrono::seconds{2};

  // By the sender, before the message can be received: the spread of the message that had the slot
  // before, if at least two receivers got that.
  std::optional<Duration> claim(std::uint64_t number, TimePoint now) noexcept {
    Slot& slot = slots_[number % kSlots];
    if (now < slot.until.load(std::memory_order_relaxed)) return std::nullopt;
    slot.until.store(now + kOpenFor, std::memory_order_relaxed);
    const std::uint64_t fresh = pack(number, kNobody, kTimeMask, 0);
    return spread_of(slot.word.exchange(fresh, std::memory_order_relaxed));
  }

  // By a receiver, at a first arrival.
  void note(std::uint64_t number, Duration latency) noexcept {
    note_us(slots_[number % kSlots].word, number, to_us(latency));
  }

  // By a receiver of a server's number, at a first arrival; returns what claim() does. A receiver
  // on another shard within the nanoseconds of a claim is not noted.
  std::optional<Duration> note_or_claim(std::uint64_t number, TimePoint now) noexcept {
    Slot& slot = slots_[number % kSlots];
    const std::uint64_t word = slot.word.load(std::memory_order_acquire);
    TimePoint until = slot.until.load(std::memory_order_acquire);
    if (state_in(word) != kUnused) {
      const std::uint64_t ahead = (tag_of(number) - tag_in(word)) & kTagMask;
      if (ahead == 0) {
        note_us(slot.word, number, to_us(now - (until - kOpenFor)));
        return std::nullopt;
      }
      if (ahead > kTagMask / 2 || now < until) return std::nullopt;
    }
    if (!slot.until.compare_exchange_strong(until, now + kOpenFor, std::memory_order_acq_rel))
      return std::nullopt;
    const std::uint64_t fresh = pack(number, kOne, 0, 0);
    return spread_of(slot.word.exchange(fresh, std::memory_order_acq_rel));
  }

  // By the sender, when nobody receives any more: what is left in slot `i`. Frees the slot.
  std::optional<Duration> take(std::size_t i) noexcept {
    slots_[i].until.store(TimePoint::min(), std::memory_order_relaxed);
    return spread_of(slots_[i].word.exchange(pack(0, kUnused, 0, 0), std::memory_order_relaxed));
  }

 private:
  // tag 14 bits | state 2 | first 24 | last 24. Numbers with one tag in one slot are 2^18 apart: no
  // sender gets that far within the 16.7 s that are noted.
  static constexpr std::uint64_t kTimeMask = (1U << 24) - 1, kTagMask = (1U << 14) - 1;
  static constexpr std::uint64_t kNobody = 0, kOne = 1, kSeveral = 2, kUnused = 3;

  static std::uint64_t tag_of(std::uint64_t number) { return number / kSlots & kTagMask; }
  static std::uint64_t pack(std::uint64_t number, std::uint64_t state, std::uint64_t first,
                            std::uint64_t last) {
    return tag_of(number) << 50 | state << 48 | first << 24 | last;
  }
  static std::uint64_t to_us(Duration d) {
    return static_cast<std::uint64_t>(std::max<Duration::rep>(d.count(), 0)) / 1000;
  }
  static std::uint64_t tag_in(std::uint64_t word) { return word >> 50; }
  static std::uint64_t state_in(std::uint64_t word) { return word >> 48 & 3; }
  static std::uint64_t first_in(std::uint64_t word) { return word >> 24 & kTimeMask; }
  static std::uint64_t last_in(std::uint64_t word) { return word & kTimeMask; }
  static std::optional<Duration> spread_of(std::uint64_t word) {
    if (state_in(word) != kSeveral) return std::nullopt;
    return std::chrono::microseconds{last_in(word) - first_in(word)};
  }

  static void note_us(std::atomic<std::uint64_t>& word, std::uint64_t number,
                      std::uint64_t us) noexcept {
    if (us > kTimeMask) return;
    std::uint64_t old = word.load(std::memory_order_relaxed);
    for (;;) {
      if (tag_in(old) != tag_of(number) || state_in(old) == kUnused) return;
      const std::uint64_t state = state_in(old) == kNobody ? kOne : kSeveral;
      const std::uint64_t made =
          pack(number, state, std::min(first_in(old), us), std::max(last_in(old), us));
      if (made == old) return;
      if (word.compare_exchange_weak(old, made, std::memory_order_relaxed)) return;
    }
  }

  struct Slot {
    std::atomic<std::uint64_t> word{kUnused << 48};
    std::atomic<TimePoint> until{TimePoint::min()};  // claimed up to then
  };
  std::array<Slot, kSlots> slots_{};
};

}  // namespace gend::ledger
