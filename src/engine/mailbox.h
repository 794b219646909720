#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace gend::engine {

// One writer thread, one reader thread, no locks. Capacity is a power of two.
template <class T, std::size_t kCapacity>
class Mailbox {
  static_assert((kCapacity & (kCapacity - 1)) == 0);

 public:
  // False when it is full.
  bool put(T item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) return false;
    items_[tail % kCapacity] = item;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // False when it is empty.
  bool take(T& item) {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    item = items_[head % kCapacity];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

 private:
  std::array<T, kCapacity> items_{};
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace gend::engine
