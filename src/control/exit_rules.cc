#include "control/exit_rules.h"

namespace gend::control {

ExitCode exit_code_of(const EndFacts& facts) {
  switch (facts.cause) {
    case EndCause::kStopped: return ExitCode::kInterrupted;
    case EndCause::kPlan: return ExitCode::kAbortedByPlan;
    case EndCause::kThreshold: return ExitCode::kThresholdsFailed;
    case EndCause::kFinished: break;
  }
  if (!facts.thresholds_ok) return ExitCode::kThresholdsFailed;
  const bool saturated = facts.verdict == stats::Verdict::kSaturated;
  return saturated && facts.strict == Strict::kYes ? ExitCode::kGeneratorSaturated
                                                   : ExitCode::kPass;
}

}  // namespace gend::control
