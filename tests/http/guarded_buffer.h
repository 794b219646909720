#pragma once

#include <cstddef>
#include <string_view>

namespace gend::test {

// Memory that ends where reading is fatal: shows every byte that is read beyond a view's end.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t capacity);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  // Copies `bytes` to right before the unreadable page. Valid until the next call.
  std::string_view place(std::string_view bytes);

 private:
  char* memory_ = nullptr;
  std::size_t readable_ = 0;
  std::size_t mapped_ = 0;
};

}  // namespace gend::test
