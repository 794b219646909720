#include "ws/spill.h"

#include <utility>

#include "base/limits.h"

namespace gend::ws {

Spill::Slot Spill::borrow() {
  std::vector<Slot>& free = spare_.empty() ? bare_ : spare_;
  if (free.empty()) {
    buffers_.emplace_back();
    if (spare_.capacity() < buffers_.size()) {  // so that giving back never allocates
      spare_.reserve(2 * buffers_.size());
      bare_.reserve(2 * buffers_.size());
    }
    return static_cast<Slot>(buffers_.size() - 1);
  }
  const Slot slot = free.back();
  free.pop_back();
  if (&free == &spare_) spare_bytes_ -= buffers_[slot].capacity();
  return slot;
}

void Spill::give_back(Slot& slot) {
  if (slot == kNone) return;
  std::string& buffer = buffers_[slot];
  const bool keep = spare_bytes_ + buffer.capacity() <= limits::kSpillSpareBytes;
  if (keep) {
    buffer.clear();
    spare_bytes_ += buffer.capacity();
  } else {
    std::string{}.swap(buffer);  // assigning would keep the memory
  }
  (keep ? spare_ : bare_).push_back(std::exchange(slot, kNone));
}

}  // namespace gend::ws
