#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "sim/world.h"

namespace gend::sim {

// A stretch of time in which the target does nothing: [from, to).
struct Stall {
  TimePoint from{}, to{};
};

// Every request is answered after the same time, however many there are.
class ConstantTarget : public Target {
 public:
  explicit ConstantTarget(Duration service) : service_{service} {}
  Reply on_request(TimePoint at) override { return {.at = at + service_}; }

 private:
  Duration service_;
};

// One server that serves one request after the other, first come first served, and stands still
// during its stalls: work under way is resumed afterwards.
class QueueTarget : public Target {
 public:
  QueueTarget(Duration service, std::vector<Stall> stalls)
      : service_{service}, stalls_{std::move(stalls)} {}

  Reply on_request(TimePoint at) override {
    free_at_ = work_done(std::max(free_at_, at), service_);
    return {.at = free_at_};
  }

 private:
  TimePoint work_done(TimePoint from, Duration work) const {
    for (const Stall& stall : stalls_) {
      if (stall.to <= from) continue;
      if (from >= stall.from)
        from = stall.to;
      else if (from + work > stall.from) {
        work -= stall.from - from;
        from = stall.to;
      }
    }
    return from + work;
  }

  Duration service_;
  std::vector<Stall> stalls_;
  TimePoint free_at_{};
};

// Answers after a constant time, but every n-th request is lost, reset or answered with an error.
class LossyTarget : public Target {
 public:
  LossyTarget(Duration service, std::uint64_t every, Reply::Kind kind, int status = 200)
      : service_{service}, every_{every}, kind_{kind}, status_{status} {}

  Reply on_request(TimePoint at) override {
    const bool hit = ++count_ % every_ == 0;
    return {.kind = hit ? kind_ : Reply::Kind::kAnswer,
            .at = at + service_,
            .status = hit ? status_ : 200};
  }
  std::uint64_t requests() const { return count_; }

 private:
  Duration service_;
  std::uint64_t every_;
  Reply::Kind kind_;
  int status_;
  std::uint64_t count_ = 0;
};

}  // namespace gend::sim
