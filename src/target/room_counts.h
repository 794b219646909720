#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/free.h"
#include "base/time.h"

namespace gend::target {

// What one thread has delivered to its members of one room. One writer, as Counts. At any time
// owed = sent + dropped + gone + what is still waiting.
struct alignas(64) RoomCounts {
  std::atomic<std::uint64_t> messages{0};    // came in
  std::atomic<std::uint64_t> owed{0};        // messages times receivers, when they came in
  std::atomic<std::uint64_t> sent{0};        // taken by the kernel: first copies
  std::atomic<std::uint64_t> dropped{0};     // on purpose
  std::atomic<std::uint64_t> duplicated{0};  // second copies taken by the kernel
  std::atomic<std::uint64_t> reordered{0};   // sent after a later one of the same sender
  std::atomic<std::uint64_t> delayed{0};     // handed over at least the delay after they came in
  std::atomic<std::uint64_t> gone{0};        // the receiver left before it was handed over
  std::atomic<std::uint32_t> members{0};
};

// A room as all threads know it: never moved, never removed.
struct Room {
  std::string name;
  std::uint32_t index = 0;
  std::unique_ptr<RoomCounts[]> of_thread;
};

// One thread's times from a message's coming in to its being handed to the kernel, in bins of 10 us
// up to 10 s; longer ones share the last bin. One writer.
struct LatencyBins {
  static constexpr std::size_t kBins = 1'000'000;
  static constexpr std::int64_t kBinNs = 10'000;
  LatencyBins();
  void add(Duration took);
  void clear();
  // From calloc: pages that nobody touches cost nothing.
  std::unique_ptr<std::uint32_t[], Free<std::free>> bins;
  std::atomic<std::size_t> used{0};  // bins from here on are empty
  std::atomic<std::int64_t> max_ns{0};
};

// All rooms, and the latency of all deliveries. Any thread may ask.
class RoomRegistry {
 public:
  explicit RoomRegistry(unsigned threads);

  // The room of that name, made when there is none; null when there are too many.
  Room* find_or_make(std::string_view name);
  LatencyBins& latency_of(unsigned thread) { return latency_[thread]; }

  // ,"deliveries":{…},"rooms":{…}
  std::string json() const;
  void clear_counts();

 private:
  std::string latency_json() const;

  unsigned threads_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Room>, std::less<>> rooms_;
  std::unique_ptr<LatencyBins[]> latency_;
};

}  // namespace gend::target
