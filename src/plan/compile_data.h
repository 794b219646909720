#pragma once

#include "plan/load.h"
#include "plan/profile.h"
#include "plan/program.h"
#include "plan/reporter.h"

namespace gend::plan {

// Says which rows belong to whom, when the users are known: shuffles, and shares rows of `unique`
// sets out to the scenarios that read them, one after the other. Complains of too few.
void hand_out_rows(const Profile& profile, const Options& options, Program& program,
                   Reporter& reporter);

}  // namespace gend::plan
