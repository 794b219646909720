#include "sim/model.h"

#include <algorithm>
#include <utility>

namespace gend::sim {
namespace {

// The model's generator is none of the users' (engine/user_table.cc).
constexpr std::uint64_t kModelStream = std::uint64_t{1} << 63;

}  // namespace

ModelTarget::ModelTarget(const ModelSpec& spec, std::uint64_t seed, std::vector<bool> tls)
    : spec_{spec}, tls_{std::move(tls)}, rng_{Rng::for_stream(seed, kModelStream)} {
  for (std::uint32_t i = 0; i < spec_.workers; ++i) free_at_.push(TimePoint{});
}

TimePoint ModelTarget::on_handshake(TimePoint tcp_connected, std::uint16_t endpoint) {
  return tls_[endpoint] ? tcp_connected + spec_.rtt : kNever;
}

Reply ModelTarget::on_request(TimePoint sent) {
  ++counts_.requests;
  const TimePoint at = sent + spec_.rtt / 2;
  const Duration way_back = spec_.rtt - spec_.rtt / 2;
  if (is_full(at)) {
    ++counts_.refused;
    return {.at = at + way_back, .status = 503};
  }
  const Duration service = draw(spec_.latency, rng_);
  const TimePoint done = begin_service(at, service) + service;
  counts_.busy += service;
  const bool fails = spec_.fail > 0 && rng_.unit() < spec_.fail;
  if (fails) ++counts_.failed;
  return {.at = done + way_back, .status = fails ? 500 : 200, .body = spec_.bytes};
}

bool ModelTarget::is_full(TimePoint at) {
  while (!begins_.empty() && begins_.front() <= at) begins_.pop_front();
  return spec_.workers > 0 && spec_.queue && free_at_.top() > at && begins_.size() >= *spec_.queue;
}

TimePoint ModelTarget::begin_service(TimePoint at, Duration service) {
  if (spec_.workers == 0) return at;
  const TimePoint begin = std::max(at, free_at_.top());
  free_at_.pop();
  free_at_.push(begin + service);
  if (begin > at) {
    begins_.push_back(begin);
    ++counts_.waited;
    counts_.waiting += begin - at;
    counts_.longest_queue = std::max<std::uint64_t>(counts_.longest_queue, begins_.size());
  }
  return begin;
}

}  // namespace gend::sim
