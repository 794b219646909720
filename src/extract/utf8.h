#pragma once

#include <string_view>

namespace gend::extract {

// Whether all of it is UTF-8 (RFC 3629).
bool is_utf8(std::string_view text) noexcept;

}  // namespace gend::extract
