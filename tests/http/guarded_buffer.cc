#include "http/guarded_buffer.h"

#include <cstring>

#include <sys/mman.h>
#include <unistd.h>

#include "base/assert.h"

namespace gend::test {

GuardedBuffer::GuardedBuffer(std::size_t capacity) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  readable_ = (capacity / page + 1) * page;
  mapped_ = readable_ + page;
  void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  GEND_ASSERT(memory != MAP_FAILED);
  memory_ = static_cast<char*>(memory);
  GEND_ASSERT(mprotect(memory_ + readable_, page, PROT_NONE) == 0);
}

GuardedBuffer::~GuardedBuffer() { munmap(memory_, mapped_); }

std::string_view GuardedBuffer::place(std::string_view bytes) {
  GEND_ASSERT(bytes.size() <= readable_);
  char* begin = memory_ + readable_ - bytes.size();
  if (!bytes.empty()) std::memcpy(begin, bytes.data(), bytes.size());
  return {begin, bytes.size()};
}

}  // namespace gend::test
