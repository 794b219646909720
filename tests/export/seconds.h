#pragma once

#include "export/second.h"
#include "report/sample_run.h"
#include "stats/frame.h"

namespace gend::test {

// The sample run as one second that ended at this moment of the wall clock.
inline exporter::Second sample_second(const SampleRun& run, std::int64_t wall_ms = 1'700'000'001'000,
                                      Duration from = Duration{}) {
  const Duration to = from + std::chrono::seconds{1};
  return {.frame = stats::frame_of(run.schema, *run.total, from, to), .wall_ms = wall_ms,
          .standing = exporter::standing_of(run.result)};
}

}  // namespace gend::test
