#include "plan/executors.h"

#include <algorithm>

#include "base/assert.h"

namespace gend::plan {

std::span<const ExecutorKeys> executors() {
  static const std::vector<ExecutorKeys> all{
      {"constant-vus", Executor::kConstantVus, {"duration"}, {"vus"}},
      {"ramping-vus", Executor::kRampingVus, {"stages"}, {"startVUs", "gracefulRampDown"}},
      {"constant-arrival-rate",
       Executor::kConstantArrivalRate,
       {"rate", "duration"},
       {"timeUnit", "preAllocatedVUs", "maxVUs", "arrivals"}},
      {"ramping-arrival-rate",
       Executor::kRampingArrivalRate,
       {"stages"},
       {"startRate", "timeUnit", "preAllocatedVUs", "maxVUs", "arrivals"}},
      {"shared-iterations", Executor::kSharedIterations, {}, {"vus", "iterations", "maxDuration"}},
      {"per-vu-iterations", Executor::kPerVuIterations, {}, {"vus", "iterations", "maxDuration"}},
      {"externally-controlled",
       Executor::kExternallyControlled,
       {"duration"},
       {"vus", "maxVUs", "rate", "timeUnit", "preAllocatedVUs"}},
  };
  return all;
}

const ExecutorKeys& keys_of(Executor executor) {
  const auto all = executors();
  const auto found = std::ranges::find(all, executor, &ExecutorKeys::executor);
  GEND_ASSERT(found != all.end());
  return *found;
}

std::string_view name_of(Executor executor) {
  return keys_of(executor).name;
}

bool shapes_load(std::string_view key) {
  return std::ranges::any_of(executors(), [&](const ExecutorKeys& keys) {
    return std::ranges::count(keys.required, key) + std::ranges::count(keys.optional, key) > 0;
  });
}

}  // namespace gend::plan
