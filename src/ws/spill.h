#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace gend::ws {

// Where messages that come in pieces are put together: buffers that the readers of one shard borrow
// while a message is incomplete. Idle sessions have none. What was given back is used again, up to
// limits::kSpillSpareBytes in all, so that a steady state allocates nothing.
class Spill {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = ~Slot{0};

  // An empty buffer; its address stays until it is given back.
  Slot borrow();
  std::string& at(Slot slot) { return buffers_[slot]; }
  const std::string& at(Slot slot) const { return buffers_[slot]; }
  // `slot` becomes kNone; nothing happens when it is that already.
  void give_back(Slot& slot);

  // Buffers that somebody has.
  std::size_t lent() const { return buffers_.size() - spare_.size() - bare_.size(); }
  // Memory of the buffers that nobody has.
  std::size_t spare_bytes() const { return spare_bytes_; }

 private:
  std::deque<std::string> buffers_;
  std::vector<Slot> spare_;  // free, with memory
  std::vector<Slot> bare_;   // free, without
  std::size_t spare_bytes_ = 0;
};

}  // namespace gend::ws
