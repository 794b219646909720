#pragma once

#include "base/rng.h"
#include "base/time.h"
#include "plan/program.h"

namespace gend::engine {

// Draws one think time; never negative. Normal draws below zero count as zero.
Duration think_time(const plan::Think& think, Rng& rng);

}  // namespace gend::engine
