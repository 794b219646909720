#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/assert.h"

namespace gend::ledger {

// Up to kMost items that never move. One thread at a time adds (its owner's lock); any thread reads
// what was published, without a lock.
template <class T, std::size_t kMost, std::size_t kChunk>
class Chunks {
  static constexpr std::size_t kChunks = (kMost + kChunk - 1) / kChunk;

 public:
  Chunks() : chunks_{new std::atomic<T*>[kChunks]()} {}
  ~Chunks() {
    for (std::size_t i = 0; i < kChunks; ++i) delete[] chunks_[i].load(std::memory_order_relaxed);
  }
  Chunks(const Chunks&) = delete;
  Chunks& operator=(const Chunks&) = delete;

  std::uint32_t size() const { return size_.load(std::memory_order_acquire); }

  // The item to fill in, which has the number size(); nobody sees it before publish(). Null when
  // there are kMost.
  T* prepare() {
    const std::size_t index = size_.load(std::memory_order_relaxed);
    if (index == kMost) return nullptr;
    std::atomic<T*>& chunk = chunks_[index / kChunk];
    if (chunk.load(std::memory_order_relaxed) == nullptr)
      chunk.store(new T[kChunk], std::memory_order_relaxed);
    return &chunk.load(std::memory_order_relaxed)[index % kChunk];
  }
  void publish() { size_.store(size() + 1, std::memory_order_release); }

  // Null for a number that was never given.
  T* find(std::uint32_t index) const {
    if (index >= size()) return nullptr;
    return &chunks_[index / kChunk].load(std::memory_order_relaxed)[index % kChunk];
  }
  T& operator[](std::uint32_t index) const {
    T* const item = find(index);
    GEND_ASSERT(item != nullptr);
    return *item;
  }

 private:
  std::unique_ptr<std::atomic<T*>[]> chunks_;
  std::atomic<std::uint32_t> size_{0};
};

}  // namespace gend::ledger
