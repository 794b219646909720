#pragma once

#include <string>

#include "gend/exit_code.h"
#include "stats/verdict.h"

namespace gend::control {

enum class Strict : bool { kNo, kYes };

// How a run came to its end.
enum class EndCause : std::uint8_t {
  kFinished,   // the plan was carried out to its end
  kStopped,    // by a person or by the daemon's own end
  kThreshold,  // a threshold with abortOnFail
  kPlan        // an `abort` of the plan itself
};

struct EndFacts {
  EndCause cause = EndCause::kFinished;
  bool thresholds_ok = true;
  stats::Verdict verdict = stats::Verdict::kClean;
  Strict strict = Strict::kNo;
};

// What genctl returns for it. As in k6 the first reason wins: an interrupted run says 105 even when
// thresholds had failed by then; 99 stands for failed thresholds whether or not one of them ended
// the run; 90 only speaks when everything else passed and --strict asked for it.
ExitCode exit_code_of(const EndFacts& facts);

}  // namespace gend::control
