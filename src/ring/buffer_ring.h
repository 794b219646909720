#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/error.h"
#include "ring/ring.h"

namespace gend::ring {

// Receive buffers that the kernel picks from, shared by all connections of a shard. A buffer that a
// completion names is ours until it is given back; buffers given back are published together.
class BufferRing {
 public:
  struct Options {
    std::uint16_t group = 0;
    unsigned buffers = 4096;  // power of two, at most 32768
    unsigned size = 4096;     // bytes of one buffer
  };
  static Expected<std::unique_ptr<BufferRing>> create(Ring& ring, const Options& options);
  ~BufferRing();
  BufferRing(const BufferRing&) = delete;
  BufferRing& operator=(const BufferRing&) = delete;

  std::uint16_t group() const { return options_.group; }
  const Options& options() const { return options_; }
  unsigned available() const { return in_ring_ - pending_; }  // to the kernel

  // Leaves the kernel this many at most from now on; the others wait. The kernel takes buffers in
  // turn, so only as much memory passes through the caches as it has.
  void ration(unsigned most) { most_ = most; }
  bool rationed() const { return most_ < options_.buffers; }

  // One buffer taken from the kernel; gives it back when it dies. The bytes are valid until then.
  class Lease {
   public:
    Lease(BufferRing& ring, std::uint16_t id, std::size_t size)
        : ring_{ring}, id_{id}, size_{size} {
      --ring_.in_ring_;
    }
    ~Lease() { ring_.give_back(id_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    std::string_view bytes() const { return {ring_.address(id_), size_}; }

   private:
    BufferRing& ring_;
    std::uint16_t id_;
    std::size_t size_;
  };

  // Makes what was given back visible to the kernel: once per batch of completions.
  void publish() {
    while (in_ring_ < most_ && !waiting_.empty()) {
      add(waiting_.back());
      waiting_.pop_back();
    }
    if (pending_ == 0) return;
    ::io_uring_buf_ring_advance(ring_, static_cast<int>(pending_));
    pending_ = 0;
  }

 private:
  BufferRing(Ring& owner, const Options& options)
      : owner_{owner}, options_{options}, most_{options.buffers} {
    waiting_.reserve(options.buffers);
  }
  char* address(std::uint16_t id) const {
    GEND_ASSERT(id < options_.buffers);
    return memory_ + std::size_t{id} * options_.size;
  }
  void give_back(std::uint16_t id);
  void add(std::uint16_t id);

  Ring& owner_;
  Options options_;
  io_uring_buf_ring* ring_ = nullptr;
  char* memory_ = nullptr;
  unsigned most_;                       // in the ring at once
  unsigned in_ring_ = 0;                // the kernel's, those to be published included
  unsigned pending_ = 0;                // given back, not yet published
  std::vector<std::uint16_t> waiting_;  // given back, and more than `most_`
  bool registered_ = false;
};

}  // namespace gend::ring
