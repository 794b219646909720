#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

// When a run shall begin, by the wall clock: so that several hosts begin together.
namespace gend::control {

// "2026-11-21T08:00:00Z", with a fraction or an offset like "+01:00" as RFC 3339 has them, or
// "+10s" from now. Milliseconds since 1970; the error is a sentence. Not before `now_ms` and not
// more than a day after it.
std::expected<std::int64_t, std::string> parse_start_at(std::string_view text,
                                                        std::int64_t now_ms);

std::string show_wall_time(std::int64_t wall_ms);  // RFC 3339 with milliseconds, UTC

}  // namespace gend::control
