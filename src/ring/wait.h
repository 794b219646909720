#pragma once

#include "base/time.h"

namespace gend::ring {

// How long a wait may last: until the deadline, or until `completions` are there. With `linger` it
// also ends, with what is there, once that time has passed (before Linux 6.12 there is no such wait
// and `completions` is taken as 1).
struct Wait {
  TimePoint deadline = kNever;
  unsigned completions = 1;
  Duration linger{};
};

}  // namespace gend::ring
