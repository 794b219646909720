#pragma once

#include <cstdint>

#include "engine/answer.h"
#include "plan/values.h"

namespace gend::engine {

enum class Captured : std::uint8_t { kValue, kMissed };

// Gives the variable what is found, JSON's null as the empty text; else its fallback; else it is
// unset, and missed.
Captured capture(const plan::Capture& capture, AnswerReader& reader, plan::Values& values);

}  // namespace gend::engine
