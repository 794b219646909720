#include "control/exit_rules.h"

#include <doctest/doctest.h>

using namespace gend;
using control::EndCause;
using control::exit_code_of;
using control::Strict;
using stats::Verdict;

TEST_CASE("a run that finished passes, or fails by its thresholds") {
  CHECK(exit_code_of({.cause = EndCause::kFinished}) == ExitCode::kPass);
  CHECK(exit_code_of({.cause = EndCause::kFinished, .thresholds_ok = false}) ==
        ExitCode::kThresholdsFailed);
}

TEST_CASE("an interrupted run is 105 whatever its thresholds said") {
  CHECK(exit_code_of({.cause = EndCause::kStopped}) == ExitCode::kInterrupted);
  CHECK(exit_code_of({.cause = EndCause::kStopped, .thresholds_ok = false}) ==
        ExitCode::kInterrupted);
}

TEST_CASE("a run ended by its own threshold is 99") {
  CHECK(exit_code_of({.cause = EndCause::kThreshold, .thresholds_ok = false}) ==
        ExitCode::kThresholdsFailed);
}

TEST_CASE("a saturated generator fails a run only with --strict, and only when nothing else did") {
  const auto code = [](Strict strict, Verdict verdict, bool ok) {
    return exit_code_of(
        {.cause = EndCause::kFinished, .thresholds_ok = ok, .verdict = verdict, .strict = strict});
  };
  CHECK(code(Strict::kNo, Verdict::kSaturated, true) == ExitCode::kPass);
  CHECK(code(Strict::kYes, Verdict::kSuspect, true) == ExitCode::kPass);
  CHECK(code(Strict::kYes, Verdict::kSaturated, true) == ExitCode::kGeneratorSaturated);
  CHECK(code(Strict::kYes, Verdict::kSaturated, false) == ExitCode::kThresholdsFailed);
}
