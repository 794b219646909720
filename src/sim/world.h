#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"

namespace gend::sim {

// What a simulated target does with one request.
struct Reply {
  enum class Kind : std::uint8_t { kAnswer, kReset, kClose, kNever };
  Kind kind = Kind::kAnswer;
  TimePoint at{};  // of the answer's bytes, the reset or the close
  int status = 200;
  std::uint32_t body = 0;  // bytes
};

// A target whose answers are known in advance: what the meter tests compare measurements with.
class Target {
 public:
  virtual ~Target() = default;
  // A request whose bytes were handed over at `at`; calls come in order of time.
  virtual Reply on_request(TimePoint at) = 0;
  // When a connect asked for at `at` is done; kNever: refused.
  virtual TimePoint on_connect(TimePoint at) { return at; }
  // When the TLS handshake of a connection is done; kNever: the endpoint speaks none.
  virtual TimePoint on_handshake(TimePoint /*tcp_connected*/, std::uint16_t /*endpoint*/) {
    return kNever;
  }
};

// The clock and the target that all shards of a simulated run share.
class World {
 public:
  explicit World(Target& target) : target_{target} {}
  TimePoint now() const { return now_; }
  void advance_to(TimePoint at) {
    if (at > now_) now_ = at;
  }
  Target& target() { return target_; }

 private:
  Target& target_;
  TimePoint now_{};
};

}  // namespace gend::sim
