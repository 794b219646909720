#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gend::stats {

struct CodePoint {
  char32_t value;
  std::size_t bytes;  // 0: not UTF-8
};

// The first code point of `text`, which must not be empty, by RFC 3629: no overlong forms, no
// surrogates, nothing above U+10FFFF.
CodePoint first_code_point(std::string_view text);

// The text with every byte that is not UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace gend::stats
