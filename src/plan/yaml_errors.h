#pragma once

#include <yaml-cpp/exceptions.h>

#include "plan/reporter.h"

namespace gend::plan {

// Turns what yaml-cpp reports into a complaint in plain words, with the source line. `innermost` is
// where the list or mapping that was being read begins; line 0 when there is none.
void complain_of_yaml(const YAML::Exception& error, Place innermost, Reporter& reporter);

// yaml-cpp ends a quoted string silently at the end of the file. Whether the one at `offset` (of
// its quote, or of an anchor before it) has its closing quote in the source.
bool has_closing_quote(std::string_view source, std::size_t offset);

}  // namespace gend::plan
