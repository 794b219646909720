#include "plan/values.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace gend::plan {

void TextBuffer::grow(std::size_t size) {
  const std::size_t capacity = std::max<std::size_t>({size_ + size, 2 * capacity_, 256});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(larger.get(), data_.get(), size_);
  data_ = std::move(larger);
  capacity_ = capacity;
}

void Values::resize(std::size_t slots) {
  slots_ = std::make_unique<Slot[]>(slots);
  count_ = slots;
}

std::string_view Values::at(std::uint32_t slot) const {
  GEND_ASSERT(slot < count_ && slots_[slot].is_set);
  return {slots_[slot].data.get(), slots_[slot].size};
}

void Values::set(std::uint32_t slot, std::string_view text) {
  GEND_ASSERT(slot < count_);
  Slot& to = slots_[slot];
  const auto size = static_cast<std::uint32_t>(text.size());
  if (to.capacity < size) {
    // The text may stand in this very slot.
    auto larger = std::make_unique_for_overwrite<char[]>(size);
    std::memcpy(larger.get(), text.data(), size);
    to.data = std::move(larger);
    to.capacity = size & 0x7FFFFFFF;
  } else if (size > 0) {
    std::memmove(to.data.get(), text.data(), size);
  }
  to.size = size;
  to.is_set = 1;
}

void Values::begin_iteration(const std::vector<Value>& declared) {
  for (std::uint32_t slot = 0; slot < count_; ++slot) {
    const Value& value = declared[slot];
    if (value.keeps && is_set(slot)) continue;
    if (value.has_initial)
      set(slot, value.initial);
    else
      unset(slot);
  }
}

}  // namespace gend::plan
