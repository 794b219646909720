#pragma once

#include "engine/vu.h"
#include "plan/program.h"
#include "stats/snapshot.h"

namespace gend::engine {

// The counts of a burst live in registers of the user whose burst it is.
void reset_burst(const plan::Burst& burst, Vu& user);

// One request of the burst that `user` is in has ended with this status; 0: no answer.
void count_for_burst(const plan::Program& program, Vu& user, int status);

// All rounds are over: records the checks on the counts, and gives the captures their values.
void record_burst(const plan::Burst& burst, Vu& user, stats::Snapshot& into);

}  // namespace gend::engine
