#include "target/json_scan.h"

namespace gend::target {
namespace {

constexpr std::size_t kMostDepth = 64;

// The position after the closing quote of the string that opens at `at`.
std::optional<std::size_t> skip_string(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') return i + 1;
    if (c == '\\') ++i;
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
  }
  return std::nullopt;
}

bool in_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

// Brackets have to match in kind; what stands between them is looked at only for strings.
std::optional<std::size_t> skip_nested(std::string_view text, std::size_t at) {
  char open[kMostDepth];
  std::size_t depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const auto end = skip_string(text, i);
      if (!end) return std::nullopt;
      i = *end - 1;
    } else if (c == '{' || c == '[') {
      if (depth == kMostDepth) return std::nullopt;
      open[depth++] = c;
    } else if (c == '}' || c == ']') {
      if (open[--depth] != (c == '}' ? '{' : '[')) return std::nullopt;
      if (depth == 0) return i + 1;
    }
  }
  return std::nullopt;
}

char at_or_zero(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

}  // namespace

std::size_t skip_json_space(std::string_view text, std::size_t at) {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
    ++at;
  return at;
}

std::optional<std::size_t> skip_json_value(std::string_view text, std::size_t at) {
  const char c = at_or_zero(text, at);
  if (c == '"') return skip_string(text, at);
  if (c == '{' || c == '[') return skip_nested(text, at);
  std::size_t end = at;
  while (end < text.size() && in_word(text[end])) ++end;
  if (end == at) return std::nullopt;
  return end;
}

bool scan_json_object(std::string_view text, std::span<JsonField> fields) {
  std::size_t at = skip_json_space(text, 0);
  if (at_or_zero(text, at) != '{') return false;
  at = skip_json_space(text, at + 1);
  if (at_or_zero(text, at) == '}') return skip_json_space(text, at + 1) == text.size();
  for (;;) {
    if (at_or_zero(text, at) != '"') return false;
    const auto key_end = skip_string(text, at);
    if (!key_end) return false;
    const auto key = plain_string(text.substr(at, *key_end - at));
    at = skip_json_space(text, *key_end);
    if (!key || at_or_zero(text, at) != ':') return false;
    at = skip_json_space(text, at + 1);
    const auto end = skip_json_value(text, at);
    if (!end) return false;
    for (JsonField& field : fields)
      if (field.name == *key) {
        field.value = text.substr(at, *end - at);
        if (field.value[0] == '"' && !plain_string(field.value)) return false;
      }
    at = skip_json_space(text, *end);
    const char separator = at_or_zero(text, at);
    at = skip_json_space(text, at + 1);
    if (separator == '}') return at >= text.size();
    if (separator != ',') return false;
  }
}

std::optional<std::size_t> scan_json_array(std::string_view text,
                                           std::span<std::string_view> into) {
  std::size_t at = skip_json_space(text, 0), count = 0;
  if (at_or_zero(text, at) != '[') return std::nullopt;
  at = skip_json_space(text, at + 1);
  if (at_or_zero(text, at) == ']') {
    if (skip_json_space(text, at + 1) != text.size()) return std::nullopt;
    return 0;
  }
  for (;;) {
    const auto end = skip_json_value(text, at);
    if (!end) return std::nullopt;
    if (count < into.size()) into[count] = text.substr(at, *end - at);
    ++count;
    at = skip_json_space(text, *end);
    const char separator = at_or_zero(text, at);
    at = skip_json_space(text, at + 1);
    if (separator == ']') return at >= text.size() ? std::optional{count} : std::nullopt;
    if (separator != ',') return std::nullopt;
  }
}

std::optional<std::string_view> plain_string(std::string_view raw) {
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') return std::nullopt;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') != inside.npos) return std::nullopt;
  return inside;
}

}  // namespace gend::target
