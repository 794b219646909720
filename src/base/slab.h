#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.h"

namespace gend {

// When the items of a Slab are made, and their memory is touched.
enum class SlabMakes : std::uint8_t {
  kAtOnce,     // any index may be used, also one that was not taken
  kWhenTaken,  // for the first time; what is spare costs nothing
};

// A fixed number of T with stable addresses and a free list; the capacity is given once. take() and
// put() are O(1) and never allocate. Objects are made once and reused, not destroyed in between.
template <class T>
class Slab {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  explicit Slab(std::size_t capacity, SlabMakes makes = SlabMakes::kAtOnce)
      : items_{std::allocator<T>{}.allocate(capacity)}, capacity_{capacity} {
    GEND_ASSERT(capacity < kNone);
    free_.reserve(capacity);
    if (makes == SlabMakes::kAtOnce)
      while (made_ < capacity) make_one();
  }
  ~Slab() {
    std::destroy_n(items_, made_);
    std::allocator<T>{}.deallocate(items_, capacity_);
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // kNone when every item is taken. What was put back last comes first, and then the lowest index,
  // so that a small run touches little memory.
  std::uint32_t take() {
    if (free_.empty()) {
      if (fresh_ == capacity_) return kNone;
      if (fresh_ == made_) make_one();
      return static_cast<std::uint32_t>(fresh_++);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void put(std::uint32_t index) {
    GEND_ASSERT(index < fresh_ && free_.size() < fresh_);
    free_.push_back(index);
  }

  T& operator[](std::uint32_t index) {
    GEND_ASSERT(index < made_);
    return items_[index];
  }
  const T& operator[](std::uint32_t index) const {
    GEND_ASSERT(index < made_);
    return items_[index];
  }
  std::size_t capacity() const { return capacity_; }
  std::size_t made() const { return made_; }  // those below it may be used
  std::size_t taken() const { return fresh_ - free_.size(); }

 private:
  void make_one() { std::construct_at(items_ + made_++); }

  T* items_;
  std::size_t capacity_;
  std::size_t made_ = 0;
  std::size_t fresh_ = 0;  // from here on none was ever taken
  std::vector<std::uint32_t> free_;
};

}  // namespace gend
