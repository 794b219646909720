#pragma once

#include <expected>
#include <string>

#include "gend/exit_code.h"

namespace gend {

// A start-up failure: what is wrong, and what a person can do about it. What the target or the
// network does during a run is never an Error; that is an Outcome (base/outcome.h) and is counted.
struct Error {
  std::string message;  // one line: place, what was found, what was expected; no trailing period
  std::string remedy;   // one line: what to change; empty when the message says it already
  ExitCode code = ExitCode::kHostCannotCarry;
};

template <class T>
using Expected = std::expected<T, Error>;

}  // namespace gend
