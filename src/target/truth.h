#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "target/route.h"

namespace gend::target {

// What one thread has served, exactly. One writer; the reader may be a response behind.
struct Counts {
  static constexpr std::size_t kStatuses = 1000;
  std::atomic<std::uint64_t> connections{0}, closed{0};
  std::atomic<std::uint64_t> requests{0};    // whole requests received
  std::atomic<std::uint64_t> responses{0};   // whole responses taken by the kernel
  std::atomic<std::uint64_t> body_bytes{0};  // of those responses
  std::atomic<std::uint64_t> malformed{0};
  std::atomic<std::uint64_t> statuses[kStatuses] = {};  // of those responses
};

// What all threads share: their counts, and when the server is frozen.
class Truth {
 public:
  explicit Truth(unsigned threads);
  Counts& of_thread(unsigned index) { return *counts_[index]; }

  // {"connections":…,"closed":…,"requests":…,"responses":…,"body_bytes":…,"statuses":{"200":…}}
  std::string json() const;
  void reset();

  void stall(const StallPlan& plan, TimePoint from);
  // The end of the freeze that `now` lies in; `now` itself when it lies in none.
  TimePoint thawed_at(TimePoint now) const;

 private:
  std::vector<std::unique_ptr<Counts>> counts_;
  // Written seldom, read at every request; a torn read shifts one answer, no count.
  std::atomic<std::int64_t> from_{0}, length_{0}, every_{0};
  std::atomic<std::uint32_t> times_{0};
};

}  // namespace gend::target
