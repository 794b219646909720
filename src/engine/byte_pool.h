#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace gend::engine {

// Buffers that many connections need now and then and none needs for long. What was given back is
// used again, as long as it is neither large nor one of too many.
class BytePool {
 public:
  BytePool() { spare_.reserve(limits::kTlsSpareBuffers); }

  std::string take() {
    if (spare_.empty()) return {};
    std::string bytes = std::move(spare_.back());
    spare_.pop_back();
    return bytes;
  }

  // Leaves `bytes` empty and without memory of its own.
  void give_back(std::string& bytes) {
    constexpr std::size_t kInline = std::string{}.capacity();
    if (bytes.capacity() <= kInline) return bytes.clear();
    std::string gone = std::exchange(bytes, {});
    if (gone.capacity() > limits::kTlsSpareBytes || spare_.size() == limits::kTlsSpareBuffers)
      return;
    gone.clear();
    spare_.push_back(std::move(gone));
  }

 private:
  std::vector<std::string> spare_;
};

}  // namespace gend::engine
