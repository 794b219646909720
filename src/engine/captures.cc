#include "engine/captures.h"

namespace gend::engine {

Captured capture(const plan::Capture& capture, AnswerReader& reader, plan::Values& values) {
  if (const auto found = reader.find(capture.from)) {
    values.set(capture.slot, found->text);
  } else if (capture.has_fallback) {
    values.set(capture.slot, capture.fallback);
  } else {
    values.unset(capture.slot);
    return Captured::kMissed;
  }
  return Captured::kValue;
}

}  // namespace gend::engine
