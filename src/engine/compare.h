#pragma once

#include "base/assert.h"
#include "plan/inspect.h"

namespace gend::engine {

// Of two numbers or two durations; the match is one of the six comparisons.
template <class T>
bool compare(plan::Match match, T value, T limit) {
  switch (match) {
    case plan::Match::kLess: return value < limit;
    case plan::Match::kLessEqual: return value <= limit;
    case plan::Match::kGreater: return value > limit;
    case plan::Match::kGreaterEqual: return value >= limit;
    case plan::Match::kEqual: return value == limit;
    case plan::Match::kNotEqual: return value != limit;
    case plan::Match::kIn:
    case plan::Match::kContains:
    case plan::Match::kNotContains:
    case plan::Match::kIs:
    case plan::Match::kIsNot:
    case plan::Match::kMatches:
    case plan::Match::kNotExists:
    case plan::Match::kExists: break;
  }
  GEND_ASSERT(!"a text match on a number");
  return false;
}

}  // namespace gend::engine
