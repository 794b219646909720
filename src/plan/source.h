#pragma once

#include <string>
#include <string_view>

#include "plan/reporter.h"

namespace gend::plan {

// The plan text without a byte order mark and with every line ending as "\n", so that lines and
// columns are what an editor shows.
std::string normalized(std::string_view text);

// Whether the text is one at all: not too large, UTF-8 (RFC 3629: no overlong forms, no
// surrogates), no NUL and no other control character that YAML does not allow. Complains of the
// first such byte.
bool check_text(std::string_view text, Reporter& reporter);

// The offset of the first byte that is not UTF-8; npos when all is well.
std::size_t find_invalid_utf8(std::string_view text);

}  // namespace gend::plan
