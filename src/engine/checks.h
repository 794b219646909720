#pragma once

#include "base/time.h"
#include "http/response_parser.h"
#include "plan/program.h"

namespace gend::engine {

// What a check looks at. `status` is 0 and `kept` empty when no response came.
struct CheckSubject {
  int status = 0;
  Duration latency{};  // service time
  const http::Kept* kept = nullptr;
};

// A check on a response that never came is false, as in k6.
bool holds(const plan::Check& check, const CheckSubject& subject);

bool in_ranges(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& ranges, int status);

}  // namespace gend::engine
