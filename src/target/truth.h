#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/free.h"
#include "base/time.h"
#include "target/route.h"
#include "target/router.h"

namespace gend::target {

// What one thread has served, exactly. One writer; the reader may be a response behind.
struct Counts {
  static constexpr std::size_t kStatuses = 1000;
  static constexpr std::size_t kBins = 24 * 3600 * 10;  // a day of tenths of a second
  // Upper bounds of the histogram of answer times, in seconds; the last bin has none.
  static constexpr std::array<double, 13> kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                  0.1,    0.25,  0.5,    1,     2.5,  10};

  Counts();
  std::atomic<std::uint64_t> connections{0}, closed{0};
  std::atomic<std::uint64_t> requests{0};    // whole requests received
  std::atomic<std::uint64_t> responses{0};   // whole responses taken by the kernel
  std::atomic<std::uint64_t> body_bytes{0};  // of those responses
  std::atomic<std::uint64_t> malformed{0};
  std::atomic<std::uint64_t> faults{0};      // requests made to fail without an answer
  std::atomic<std::uint64_t> statuses[kStatuses] = {};  // of the responses
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> durations{};
  std::atomic<std::uint64_t> duration_ns{0};
  // From calloc: pages that nobody touches cost nothing.
  std::unique_ptr<std::uint64_t[], Free<std::free>> routes;  // [route * kStatuses + status]
  std::unique_ptr<std::uint32_t[], Free<std::free>> bins;    // requests received in each bin
};

// Adds to a count that only the calling thread writes: no locked instruction needed.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

// What all threads share: their counts, and when the server is frozen.
class Truth {
 public:
  explicit Truth(unsigned threads);
  unsigned threads() const { return static_cast<unsigned>(counts_.size()); }
  Counts& of_thread(unsigned index) { return *counts_[index]; }

  // A request was received, or its answer was taken by the kernel. By the thread of `counts` only.
  void received(Counts& counts, TimePoint now);
  static void answered(Counts& counts, std::size_t route, int status, std::uint64_t body_bytes,
                       Duration took);

  // {"connections":…,"closed":…,"requests":…,"responses":…,"body_bytes":…,"statuses":{"200":…}};
  // `more` goes before the last brace.
  std::string json(std::string_view more = {}) const;
  std::string routes_json() const;  // "GET /api/products":{"200":…},…
  // {"start":…,"bin_ms":…,"counts":[…]}: requests since the first one; `start` in ms, monotonic.
  std::string seconds_json(std::uint32_t bin_ms) const;
  std::uint64_t status_count(int status) const;
  // Count, then sum in ns, then the cumulative counts of kBounds.
  std::array<std::uint64_t, Counts::kBounds.size() + 2> durations() const;
  void reset();

  void stall(const StallPlan& plan, TimePoint from);
  // The end of the freeze that `now` lies in; `now` itself when it lies in none.
  TimePoint thawed_at(TimePoint now) const;

 private:
  std::vector<std::unique_ptr<Counts>> counts_;
  std::atomic<std::int64_t> start_{0};  // ns; of the first request since the counts were cleared
  // Written seldom, read at every request; a torn read shifts one answer, no count.
  std::atomic<std::int64_t> from_{0}, length_{0}, every_{0};
  std::atomic<std::uint32_t> times_{0};
};

}  // namespace gend::target
