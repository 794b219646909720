#pragma once

#include <string>
#include <string_view>

namespace gend::report {

// MD5 (RFC 1321) in hexadecimal. Not for security: k6 identifies checks and groups by the MD5 of
// their path, and so must a summary that its tools are to read.
std::string md5_hex(std::string_view text);

}  // namespace gend::report
