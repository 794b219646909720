#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "sim/latency.h"
#include "sim/world.h"

namespace gend::sim {

// A target as `genctl simulate` describes it.
struct ModelSpec {
  Latency latency;
  std::uint32_t workers = 0;             // requests served at once; 0: any number
  std::optional<std::uint64_t> queue{};  // requests that may wait for a worker; more get a 503
  double fail = 0;                       // share of requests answered with a 500
  std::uint32_t bytes = 2048;            // of each body
  Duration rtt{};                        // there and back
};

// Serves requests in the order in which they come: c parallel workers and one queue, G/G/c. A
// client that gives up does not free its worker, as with real servers.
class ModelTarget : public Target {
 public:
  // `tls[e]`: endpoint e speaks TLS; its handshake takes one more round trip.
  ModelTarget(const ModelSpec& spec, std::uint64_t seed, std::vector<bool> tls);

  Reply on_request(TimePoint at) override;
  TimePoint on_connect(TimePoint at) override { return at + spec_.rtt; }
  TimePoint on_handshake(TimePoint tcp_connected, std::uint16_t endpoint) override;

  struct Counts {
    std::uint64_t requests = 0;  // all that came
    std::uint64_t refused = 0;   // 503: the queue was full
    std::uint64_t failed = 0;    // 500
    std::uint64_t waited = 0;    // no worker was free at once
    std::uint64_t longest_queue = 0;
    Duration waiting{};  // for a worker, in sum
    Duration busy{};     // of all workers, in sum
  };
  const Counts& counts() const { return counts_; }

 private:
  bool is_full(TimePoint at);
  TimePoint begin_service(TimePoint at, Duration service);

  ModelSpec spec_;
  std::vector<bool> tls_;
  Rng rng_;
  // When each worker has done what was given to it so far, the earliest first.
  std::priority_queue<TimePoint, std::vector<TimePoint>, std::greater<>> free_at_;
  std::deque<TimePoint> begins_;  // of the requests in the queue: when a worker takes them
  Counts counts_;
};

}  // namespace gend::sim
