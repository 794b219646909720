#include "ring/buffer_ring.h"

#include <sys/mman.h>

#include <bit>
#include <cerrno>

namespace gend::ring {
namespace {

std::size_t ring_bytes(unsigned buffers) {
  return buffers * sizeof(io_uring_buf);
}

void* map_pages(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace

Expected<std::unique_ptr<BufferRing>> BufferRing::create(Ring& ring, const Options& options) {
  GEND_ASSERT(std::has_single_bit(options.buffers) && options.buffers <= 32768);
  std::unique_ptr<BufferRing> made{new BufferRing{ring, options}};
  made->ring_ = static_cast<io_uring_buf_ring*>(map_pages(ring_bytes(options.buffers)));
  made->memory_ = static_cast<char*>(map_pages(std::size_t{options.buffers} * options.size));
  if (made->ring_ == nullptr || made->memory_ == nullptr)
    return std::unexpected{explain_setup_failure(ENOMEM, "receive buffers", options.buffers)};
  io_uring_buf_reg reg{};
  reg.ring_addr = reinterpret_cast<std::uint64_t>(made->ring_);
  reg.ring_entries = options.buffers;
  reg.bgid = options.group;
  if (const int error = ::io_uring_register_buf_ring(&ring.ring_, &reg, 0))
    return std::unexpected{
        explain_setup_failure(-error, "io_uring_register_buf_ring", options.buffers)};
  made->registered_ = true;
  ::io_uring_buf_ring_init(made->ring_);
  for (unsigned id = 0; id < options.buffers; ++id) made->give_back(static_cast<std::uint16_t>(id));
  made->publish();
  return made;
}

BufferRing::~BufferRing() {
  if (registered_) ::io_uring_unregister_buf_ring(&owner_.ring_, options_.group);
  if (ring_ != nullptr) ::munmap(ring_, ring_bytes(options_.buffers));
  if (memory_ != nullptr) ::munmap(memory_, std::size_t{options_.buffers} * options_.size);
}

void BufferRing::give_back(std::uint16_t id) {
#if defined(GEND_POISON_BUFFERS)
  // Debug builds: whoever still looks at a returned buffer sees this, not stale luck.
  __builtin_memset(address(id), 0xDD, options_.size);
#endif
  if (in_ring_ < most_)
    add(id);
  else
    waiting_.push_back(id);
}

void BufferRing::add(std::uint16_t id) {
  ::io_uring_buf_ring_add(ring_, address(id), options_.size, id,
                          ::io_uring_buf_ring_mask(options_.buffers), static_cast<int>(pending_));
  ++pending_;
  ++in_ring_;
}

}  // namespace gend::ring
