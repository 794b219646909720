#pragma once

#include "base/outcome.h"
#include "base/time.h"
#include "plan/session.h"
#include "stats/snapshot.h"

namespace gend::engine {

// It is open: `connecting` is what that took.
void record_opened(stats::Snapshot& into, const plan::SessionSeries& series, Duration connecting);
// It could not be opened. Of kNotUpgraded the status of the answer says more than its name does: it
// is kept, as that of an answer the plan did not want.
void record_refusal(stats::Snapshot& into, const plan::SessionSeries& series, Outcome outcome,
                    int status);
// It was open for `lasting`, and the plan ended it (kOk) or something else did.
void record_end(stats::Snapshot& into, const plan::SessionSeries& series, Outcome outcome,
                Duration lasting);
// Something went wrong, whatever becomes of the session.
void record_error(stats::Snapshot& into, const plan::SessionSeries& series, Outcome outcome);

}  // namespace gend::engine
