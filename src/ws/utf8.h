#pragma once

#include <cstdint>
#include <string_view>

namespace gend::ws {

// Whether bytes that come in pieces are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing
// above U+10FFFF). Says so at the first byte that no continuation could make right.
class Utf8 {
 public:
  // False from the first wrong byte on.
  bool take(std::string_view piece) noexcept;
  // Whether no character is cut.
  bool at_end() const noexcept { return state_ == 0; }
  void reset() noexcept { state_ = 0; }

 private:
  std::uint8_t state_ = 0;
};

bool is_utf8(std::string_view text) noexcept;

}  // namespace gend::ws
