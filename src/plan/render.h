#pragma once

#include <cstdint>

#include "base/rng.h"
#include "plan/program.h"
#include "plan/values.h"

namespace gend::auth {
class Signers;
}

namespace gend::plan {

// What the dynamic pieces of a template are rendered from: one user at one moment.
struct RenderContext {
  const Program* program = nullptr;
  std::uint64_t vu = 0;                 // from 1
  std::uint64_t iteration = 0;          // from 0
  Rng* rng = nullptr;                   // the user's own generator
  std::int64_t wall_ms = 0;             // wall clock, ms since 1970
  Values* values = nullptr;             // the user's own; null when the program has none
  const std::uint64_t* rows = nullptr;  // the user's row of each data set
  std::string_view stamp{};             // of the message being rendered
  auth::Signers* signers = nullptr;     // the shard's own; null when no credential is a token
};

// Why something could not be rendered: the plan's doing, not the target's.
enum class RenderFault : std::uint8_t {
  kNone, kUnset, kNotANumber, kTooLarge, kNotAList, kControlCharacter
};
FailReason reason_of(RenderFault fault);

// Appends to `out`. No allocation once `out` is large enough, no locale. A value that is not set is
// a fault; within formulas it is the empty text.
RenderFault render(const Template& text, const RenderContext& context, TextBuffer& out);

// A whole request whose lifetime is not kFixed, with Content-Length where it has a body. `cookie`
// is the value of a Cookie header line, empty for none.
RenderFault render(const HttpRequest& request, const RenderContext& context,
                   std::string_view cookie, TextBuffer& out);

// Formulas. Truth: a number is true when it is not 0; text when it is neither empty, "0" nor
// "false". Comparisons compare numbers when both sides are numbers, else text byte by byte.
RenderFault is_true(const Formula& formula, const RenderContext& context, bool& result);
RenderFault number_of(const Formula& formula, const RenderContext& context, double& result);
// The text of the result; numbers in their shortest form ("3", "0.5").
RenderFault text_of(const Formula& formula, const RenderContext& context, TextBuffer& out);

}  // namespace gend::plan
