#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "export/exposition.h"
#include "report/run_result.h"
#include "stats/verdict.h"

namespace gend::exporter {

// How a run stands at a moment, besides what is recorded in series.
struct Standing {
  std::string id, name, plan;
  Duration elapsed{}, planned{};
  stats::Verdict verdict = stats::Verdict::kClean;
  stats::GeneratorHealth health, latest;  // of the run so far, and of its latest second
  struct Threshold {
    std::string metric, threshold;  // as the plan has them
    bool ok = true;
  };
  std::vector<Threshold> thresholds;
};
Standing standing_of(const report::RunResult& run);

// gend_run_info and how far the run is.
void write_progress(Exposition& out, const Standing& standing);
// The verdict on the generator.
void write_verdict(Exposition& out, const Standing& standing);
// What the generator observed of itself.
void write_generator(Exposition& out, const Standing& standing);
void write_thresholds(Exposition& out, const Standing& standing);

}  // namespace gend::exporter
