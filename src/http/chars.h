#pragma once

#include <array>
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

constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// True when none of eight bytes is a control byte (HTAB counts as one here) or DEL. The subtraction
// borrows into a byte's top bit exactly when some byte at or below it is too small, so a clean word
// is never called dirty, and a dirty one never clean.
inline bool eight_are_plain(const char* p) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHighs = 0x8080808080808080ULL;
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  const std::uint64_t below_space = (word - kOnes * 0x20) & ~word;
  const std::uint64_t del_is_zero = word ^ (kOnes * 0x7f);
  const std::uint64_t is_del = (del_is_zero - kOnes) & ~del_is_zero;
  return ((below_space | is_del) & kHighs) == 0;
}

// The index of the first byte that no field value may hold, or npos.
inline std::size_t find_bad_value_char(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8 && eight_are_plain(text.data() + i)) {
      i += 8;
      continue;
    }
    const std::size_t stop = i + 8 < text.size() ? i + 8 : text.size();
    for (; i < stop; ++i)
      if (!is_value_char(text[i])) return i;
  }
  return std::string_view::npos;
}

}  // namespace gend::http
