// Preloaded into a process and its children: counts what they ask the heap for.
//
//   LD_PRELOAD=libcount_allocations.so BENCH_ALLOCATIONS=FILE [BENCH_THREADS=NAME] COMMAND…
//
// FILE, of at least 16 bytes, is mapped by all of them, so that nothing is lost when a process ends
// without running its exit handlers. Its first 8 bytes are the count, the next 8 that of the
// threads whose names begin with NAME. free is not counted, but replaced too: a program may bring another
// heap (jemalloc), which must not be given what is not its own.
#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
// glibc's own names of what is replaced here: no dlsym, which would itself allocate.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* old);
}

namespace {

struct Counts {
  std::atomic<std::uint64_t> all{0}, named{0};
};

Counts before_mapped;
std::atomic<Counts*> mapped{nullptr};
const char* wanted_name = nullptr;

// A thread gets its name soon after it has begun; later nobody asks again.
constexpr int kAsks = 64;
enum class Name : char { kUnknown, kWanted, kOther };
__attribute__((tls_model("initial-exec"))) thread_local int asks = 0;
__attribute__((tls_model("initial-exec"))) thread_local Name name = Name::kUnknown;

bool has_the_name() {
  if (wanted_name == nullptr || name != Name::kUnknown) return name == Name::kWanted;
  char own[16] = {};
  ::prctl(PR_GET_NAME, own);
  if (std::strncmp(own, wanted_name, std::strlen(wanted_name)) == 0)
    name = Name::kWanted;
  else if (++asks == kAsks)
    name = Name::kOther;
  return name == Name::kWanted;
}

void count() {
  Counts* shared = mapped.load(std::memory_order_relaxed);
  Counts& counts = shared != nullptr ? *shared : before_mapped;
  counts.all.fetch_add(1, std::memory_order_relaxed);
  if (has_the_name()) counts.named.fetch_add(1, std::memory_order_relaxed);
}

__attribute__((constructor)) void map_the_count() {
  const char* file = std::getenv("BENCH_ALLOCATIONS");
  if (file == nullptr) return;
  const int fd = ::open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* at = ::mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  if (at == MAP_FAILED) return;
  auto* shared = static_cast<Counts*>(at);
  shared->all.fetch_add(before_mapped.all.load());
  wanted_name = std::getenv("BENCH_THREADS");
  mapped.store(shared);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  count();
  return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) {
  count();
  return __libc_calloc(number, size);
}

void* realloc(void* old, std::size_t size) {
  count();
  return __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

void free(void* old) { __libc_free(old); }

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  count();
  *out = __libc_memalign(alignment, size);
  return *out != nullptr ? 0 : 12;  // ENOMEM
}

}  // extern "C"

// C++'s own, so that they never lead to another heap than free does.
void* operator new(std::size_t size) { return malloc(size); }
void* operator new[](std::size_t size) { return malloc(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return memalign(static_cast<std::size_t>(alignment), size);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return memalign(static_cast<std::size_t>(alignment), size);
}
void operator delete(void* old) noexcept { __libc_free(old); }
void operator delete[](void* old) noexcept { __libc_free(old); }
void operator delete(void* old, std::size_t) noexcept { __libc_free(old); }
void operator delete[](void* old, std::size_t) noexcept { __libc_free(old); }
void operator delete(void* old, const std::nothrow_t&) noexcept { __libc_free(old); }
void operator delete[](void* old, const std::nothrow_t&) noexcept { __libc_free(old); }
void operator delete(void* old, std::align_val_t) noexcept { __libc_free(old); }
void operator delete[](void* old, std::align_val_t) noexcept { __libc_free(old); }
void operator delete(void* old, std::size_t, std::align_val_t) noexcept { __libc_free(old); }
void operator delete[](void* old, std::size_t, std::align_val_t) noexcept { __libc_free(old); }
