#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gend::http {

// The Expires of a cookie, in seconds since 1970, as RFC 6265 5.1.1 reads dates of all kinds.
std::optional<std::int64_t> parse_cookie_date(std::string_view text);

}  // namespace gend::http
