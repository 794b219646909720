#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "plan/program.h"

namespace gend::plan {

// k6's executors: which of a scenario's keys each one needs and takes. Keys that shape no load
// (flow, mix, tags, vars, startTime, gracefulStop, cookies, executor) belong to all of them.
struct ExecutorKeys {
  std::string_view name;
  Executor executor;
  std::vector<std::string_view> required, optional;
};
std::span<const ExecutorKeys> executors();
const ExecutorKeys& keys_of(Executor executor);

// Whether `key` of a scenario depends on the executor at all.
bool shapes_load(std::string_view key);

}  // namespace gend::plan
