#pragma once

#include "plan/load.h"
#include "plan/profile.h"
#include "plan/reporter.h"

namespace gend::plan {

// Complains of what is well written but cannot be run: keys that do not fit the executor, loads
// that are nothing or beyond base/limits.h (after scaling), flows that do nothing or never pause.
void check(const Profile& profile, const Options& options, Reporter& reporter);

}  // namespace gend::plan
