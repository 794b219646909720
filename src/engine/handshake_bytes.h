#pragma once

#include <string_view>

#include "plan/values.h"

// What a session's protocol adds to the handshake of the plan: a whole request without a body.
namespace gend::engine {

// "EIO=4&transport=websocket", behind what the query says already.
void add_query(plan::TextBuffer& request, std::string_view query);
// Whole header lines, at the end of the head.
void add_header_lines(plan::TextBuffer& request, std::string_view lines);

}  // namespace gend::engine
