#pragma once

#include <string_view>

#include "engine/answer.h"
#include "plan/program.h"

namespace gend::engine {

// `wanted` is the check's text, rendered. A check on an answer that never came is false; so is one
// on a value that is not there, but for "not exists". Where a check compares numbers, what is no
// number differs from all of them. A JSON number is what it is worth: `is 5` holds for 5, 5.0 and
// "5"; a JSON null is both empty and "null".
bool holds(const plan::Check& check, AnswerReader& reader, std::string_view wanted);

bool in_ranges(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& ranges, int status);

}  // namespace gend::engine
