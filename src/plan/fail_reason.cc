#include "base/assert.h"
#include "plan/render.h"

namespace gend::plan {

std::string_view describe(FailReason reason) {
  switch (reason) {
    case FailReason::kExpect: return "an expectation failed";
    case FailReason::kFailStep: return "a fail step";
    case FailReason::kUnset: return "a variable is not set";
    case FailReason::kNotANumber: return "not a number";
    case FailReason::kTooLarge: return "a request is too large";
    case FailReason::kNotAList: return "not a list";
    case FailReason::kControlCharacter: return "a control character in a header";
  }
  GEND_ASSERT(!"a reason has words");
}

FailReason reason_of(RenderFault fault) {
  switch (fault) {
    case RenderFault::kUnset: return FailReason::kUnset;
    case RenderFault::kNotANumber: return FailReason::kNotANumber;
    case RenderFault::kTooLarge: return FailReason::kTooLarge;
    case RenderFault::kNotAList: return FailReason::kNotAList;
    case RenderFault::kControlCharacter: return FailReason::kControlCharacter;
    case RenderFault::kNone: break;
  }
  GEND_ASSERT(!"no fault has no reason");
}

}  // namespace gend::plan
