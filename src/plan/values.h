#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "plan/program.h"

namespace gend::plan {

// Bytes that are rendered into. Keeps its capacity, so that a steady state allocates nothing.
class TextBuffer {
 public:
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  char* data() { return data_.get(); }
  std::string_view view() const { return {data_.get(), size_}; }
  void append(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(reserve(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  // Room for `size` more bytes at the end; commit() says how many were used.
  char* reserve(std::size_t size) {
    if (capacity_ - size_ < size) [[unlikely]] grow(size);
    return data_.get() + size_;
  }
  void commit(std::size_t size) { size_ += size; }
  void truncate(std::size_t size) { size_ = size; }

 private:
  void grow(std::size_t size);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0, capacity_ = 0;
};

// The values of one user, by slot (Program::values): text that it captured, set or loops over. Each
// keeps its capacity. 16 bytes a slot and what the values hold.
class Values {
 public:
  void resize(std::size_t slots);
  bool is_set(std::uint32_t slot) const { return slots_[slot].is_set; }
  std::string_view at(std::uint32_t slot) const;  // only of a value that is set
  void set(std::uint32_t slot, std::string_view text);
  void unset(std::uint32_t slot) { slots_[slot].is_set = false; }
  // What an iteration begins with: initial values, and nothing else but what lasts (`once`).
  void begin_iteration(const std::vector<Value>& declared);

 private:
  struct Slot {
    std::unique_ptr<char[]> data;
    std::uint32_t size = 0;
    std::uint32_t capacity : 31 = 0;
    std::uint32_t is_set : 1 = 0;
  };
  std::unique_ptr<Slot[]> slots_;
  std::size_t count_ = 0;
};

}  // namespace gend::plan
