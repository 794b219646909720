#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// What RFC 9110 5.5 and 5.6 say about single bytes.
namespace gend::http {

inline constexpr auto kTokenTable = [] {
  std::array<bool, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view{"!#$%&'*+-.^_`|~"}) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_token_char(char c) { return kTokenTable[static_cast<unsigned char>(c)]; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

// HTAB, SP, VCHAR or obs-text: what a field value and a reason phrase are made of.
constexpr bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

constexpr bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (char c : text)
    if (!is_token_char(c)) return false;
  return true;
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (to_lower(text[i]) != lower_case[i]) return false;
  return true;
}

// Whether `text`, a token or a field value, is that word of at least four lower-case letters and
// dashes, in any case: eight bytes at a time. In ASCII only the two cases of a letter become it
// when 0x20 is set, and beside '-' only CR becomes '-', which neither a token nor a value holds.
template <std::size_t kSize>
bool is_word(std::string_view text, const char (&word)[kSize]) {
  constexpr std::size_t kLength = kSize - 1;
  static_assert(kLength >= 4);
  if (text.size() != kLength) return false;
  const auto same = [&](std::size_t at, auto bytes, auto lower_case) {
    auto wanted = bytes;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    std::memcpy(&wanted, word + at, sizeof wanted);
    return (bytes | lower_case) == wanted;
  };
  constexpr std::uint64_t kLower8 = 0x2020202020202020;
  constexpr std::uint32_t kLower4 = 0x20202020;
  if constexpr (kLength < 8) {
    return same(0, std::uint32_t{}, kLower4) && same(kLength - 4, std::uint32_t{}, kLower4);
  } else {
    for (std::size_t at = 0; at + 8 <= kLength; at += 8)
      if (!same(at, std::uint64_t{}, kLower8)) return false;
    return same(kLength - 8, std::uint64_t{}, kLower8);
  }
}

constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The index of the first byte that no field value may hold, or npos.
constexpr std::size_t find_bad_value_char(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_value_char(text[i])) return i;
  return std::string_view::npos;
}

}  // namespace gend::http
