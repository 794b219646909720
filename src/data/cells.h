#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "base/free.h"

namespace gend::data {

// Cells of text, one behind the other in one block, and where each ends. A cell never has more
// bytes than the text it was read from, so the block is made once, as large as that text, and cut
// to what was used at the end: pages that were never written to never took memory.
class Cells {
 public:
  explicit Cells(std::size_t text_size);

  void append(std::string_view text);
  void append(char byte) { bytes_.get()[size_++] = byte; }
  void end_cell() { ends_.push_back(static_cast<std::uint32_t>(size_)); }

  std::size_t count() const { return ends_.size(); }
  std::size_t size() const { return size_; }  // bytes, of the cell under way too
  std::string_view operator[](std::size_t cell) const {
    const std::uint32_t begin = cell == 0 ? 0 : ends_[cell - 1];
    return {bytes_.get() + begin, ends_[cell] - begin};
  }
  // Forgets all but the first `cells`, and the cell under way.
  void truncate(std::size_t cells);
  // Puts the cells from `first` on into another order: the i-th becomes what was at order[i].
  void reorder(std::size_t first, const std::vector<std::size_t>& order);

  void expect(std::size_t cells) { ends_.reserve(cells); }
  void fit();
  std::size_t memory() const { return capacity_ + ends_.capacity() * sizeof ends_[0]; }

 private:
  std::unique_ptr<char, Free<std::free>> bytes_;
  std::size_t size_ = 0, capacity_ = 0;
  std::vector<std::uint32_t> ends_;
};

}  // namespace gend::data
