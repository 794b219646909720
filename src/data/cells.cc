#include "data/cells.h"

#include <cstring>
#include <string>

#include "base/assert.h"

namespace gend::data {

Cells::Cells(std::size_t text_size) : capacity_{text_size + 1} {
  bytes_.reset(static_cast<char*>(std::malloc(capacity_)));
  GEND_ASSERT(bytes_ != nullptr);
}

void Cells::append(std::string_view text) {
  if (text.empty()) return;
  std::memcpy(bytes_.get() + size_, text.data(), text.size());
  size_ += text.size();
}

void Cells::truncate(std::size_t cells) {
  ends_.resize(cells);
  size_ = cells == 0 ? 0 : ends_.back();
}

void Cells::reorder(std::size_t first, const std::vector<std::size_t>& order) {
  std::string bytes;
  std::vector<std::size_t> lengths;
  for (const std::size_t from : order) {
    const std::string_view cell = (*this)[first + from];
    bytes += cell;
    lengths.push_back(cell.size());
  }
  truncate(first);
  for (std::size_t at = 0; const std::size_t length : lengths) {
    append(std::string_view{bytes}.substr(at, length));
    end_cell();
    at += length;
  }
}

void Cells::fit() {
  const std::size_t wanted = size_ + 1;
  if (char* smaller = static_cast<char*>(std::realloc(bytes_.get(), wanted))) {
    [[maybe_unused]] char* const moved_from = bytes_.release();
    bytes_.reset(smaller);
    capacity_ = wanted;
  }
  ends_.shrink_to_fit();
}

}  // namespace gend::data
