#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "control/client.h"
#include "control/problem.h"

namespace gend::cli {

// Text from elsewhere, safe for a terminal: control characters but newline and tab become \xNN.
std::string printable(std::string_view text);

// What a person reads of a refusal: complaints first, one a line and beginning with their place, so
// that editors can jump there; then what it means; then what to do.
std::string message_of(const control::Problem& problem);
std::string message_of(const Error& error);

// Print it to standard error and return its exit code.
int complain(const control::Problem& problem);
int complain(const Error& error);
int complain(const control::Reply& reply);  // one that is not ok()

}  // namespace gend::cli
