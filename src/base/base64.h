#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gend {

// RFC 4648: section 4 with padding, and section 5 without, as JWTs want it.
enum class Base64 : std::uint8_t { kStandard, kUrl };

constexpr std::size_t base64_size(std::size_t bytes, Base64 kind) {
  return kind == Base64::kStandard ? (bytes + 2) / 3 * 4 : (bytes * 4 + 2) / 3;
}

// Writes base64_size() characters to `to`; returns how many. `to` must not overlap `bytes`.
std::size_t encode_base64(std::string_view bytes, Base64 kind, char* to);

std::string base64_of(std::string_view bytes, Base64 kind);

// Strict: nothing for other characters, wrong padding, or bits left over that are not 0.
std::optional<std::string> decode_base64(std::string_view text, Base64 kind);
// The same, written to `to`: how many bytes, never more than 3 for 4 characters. `to` may be where
// `text` begins, or before it. What it wrote before it failed is of no use.
std::optional<std::size_t> decode_base64(std::string_view text, Base64 kind, char* to);

}  // namespace gend
