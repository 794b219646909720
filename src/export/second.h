#pragma once

#include <cstdint>

#include "export/standing.h"
#include "stats/frame.h"

namespace gend::exporter {

// What is handed to an exporter once a second: what was measured in it, and how the run stands.
struct Second {
  stats::Frame frame;
  std::int64_t wall_ms = 0;  // when it ended, by the wall clock
  Standing standing;
};

}  // namespace gend::exporter
