#include "support/allocations.h"

#include <sys/prctl.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<std::uint64_t> counted{0};

bool on_a_shard() {
  char name[16] = {};
  ::prctl(PR_GET_NAME, name);
  return std::strncmp(name, "gend-shard", 10) == 0;
}

}  // namespace

namespace gend::test {

std::uint64_t shard_allocations() {
  return counted.load();
}

}  // namespace gend::test

void* operator new(std::size_t size) {
  if (on_a_shard()) counted.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
// A library that allocates with the nothrow form gives the memory to the ordinary delete: under
// AddressSanitizer both must be ours, or its own new meets our free.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return ::operator new(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
