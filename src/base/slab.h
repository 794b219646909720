#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.h"

namespace gend {

// A fixed number of T with stable addresses and a free list; the capacity is given once. take() and
// put() are O(1) and never allocate. Objects are made once and reused, not destroyed in between.
template <class T>
class Slab {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  explicit Slab(std::size_t capacity) : items_{new T[capacity]}, capacity_{capacity} {
    GEND_ASSERT(capacity < kNone);
    free_.reserve(capacity);
    // The lowest index comes out first, so that a small run touches little memory.
    for (std::size_t i = capacity; i > 0; --i) free_.push_back(static_cast<std::uint32_t>(i - 1));
  }

  // kNone when every item is taken.
  std::uint32_t take() {
    if (free_.empty()) return kNone;
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void put(std::uint32_t index) {
    GEND_ASSERT(index < capacity_ && free_.size() < capacity_);
    free_.push_back(index);
  }

  T& operator[](std::uint32_t index) {
    GEND_ASSERT(index < capacity_);
    return items_[index];
  }
  const T& operator[](std::uint32_t index) const {
    GEND_ASSERT(index < capacity_);
    return items_[index];
  }
  std::size_t capacity() const { return capacity_; }
  std::size_t taken() const { return capacity_ - free_.size(); }

 private:
  std::unique_ptr<T[]> items_;
  std::size_t capacity_;
  std::vector<std::uint32_t> free_;
};

}  // namespace gend
