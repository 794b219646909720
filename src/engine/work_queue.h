#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "net/event.h"

namespace gend::engine {

// Connections in the order in which they are to be worked on. An entry names one life of a
// connection: who takes it out sees whether that is over.
class WorkQueue {
 public:
  struct Entry {
    net::ConnectionId connection;
    std::uint32_t life;
  };

  bool empty() const { return head_ == entries_.size(); }

  void push(Entry entry) {
    // What was taken out is cleared away before the memory would grow.
    if (entries_.size() == entries_.capacity() && head_ * 2 >= entries_.size()) {
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    entries_.push_back(entry);
  }

  Entry pop() {
    GEND_ASSERT(!empty());
    const Entry entry = entries_[head_++];
    if (empty()) {
      entries_.clear();
      head_ = 0;
    }
    return entry;
  }

 private:
  std::vector<Entry> entries_;
  std::size_t head_ = 0;
};

}  // namespace gend::engine
