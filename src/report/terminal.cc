#include "report/terminal.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "stats/utf8.h"

namespace gend::report {
namespace {

using stats::CodePoint;
using stats::first_code_point;
using Range = std::pair<char32_t, char32_t>;

template <std::size_t n>
bool is_in(char32_t c, const std::array<Range, n>& ranges) {
  return std::ranges::any_of(ranges, [c](const Range& r) { return c >= r.first && c <= r.second; });
}

// Cursor movement, escape sequences, and what turns the direction of the text around.
bool is_harmful(char32_t c) {
  static constexpr std::array<Range, 7> kHarmful{{{0x00, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f},
                                                  {0x2028, 0x202e}, {0x2066, 0x2069},
                                                  {0x061c, 0x061c}, {0xfeff, 0xfeff}}};
  return is_in(c, kHarmful);
}

std::size_t columns_of(char32_t c) {
  static constexpr std::array<Range, 5> kNone{{{0x300, 0x36f}, {0x200b, 0x200d}, {0x20d0, 0x20ff},
                                               {0xfe00, 0xfe0f}, {0x1ab0, 0x1aff}}};
  static constexpr std::array<Range, 9> kWide{{{0x1100, 0x115f}, {0x2e80, 0xa4cf},
                                               {0xac00, 0xd7a3}, {0xf900, 0xfaff},
                                               {0xfe30, 0xfe6f}, {0xff00, 0xff60},
                                               {0xffe0, 0xffe6}, {0x1f300, 0x1faff},
                                               {0x20000, 0x3fffd}}};
  if (is_in(c, kNone)) return 0;
  return is_in(c, kWide) ? 2 : 1;
}

std::string escape_of(char32_t c) {
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  return c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                   : fmt::format("\\u{{{:x}}}", static_cast<unsigned>(c));
}

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::kGood: return "\x1b[32m";
    case Paint::kBad: return "\x1b[31m";
    case Paint::kWarning: return "\x1b[33m";
    case Paint::kStrong: return "\x1b[1m";
    case Paint::kFaint: return "\x1b[2m";
  }
  GEND_ASSERT(!"a paint has a code");
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    if (c.bytes == 0)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    else if (is_harmful(c.value))
      result += escape_of(c.value);
    else
      result += text.substr(0, c.bytes);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return result;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const CodePoint c = first_code_point(text);
    columns += c.bytes == 0 ? 1 : columns_of(c.value);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return columns;
}

std::string left(std::string_view text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return std::string{text} + std::string(columns > used ? columns - used : 0, ' ');
}

std::string right(std::string_view text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return std::string(columns > used ? columns - used : 0, ' ') + std::string{text};
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string{text};
  if (columns == 0) return {};
  std::size_t used = 0, bytes = 0;
  while (bytes < text.size()) {
    const CodePoint c = first_code_point(text.substr(bytes));
    const std::size_t more = c.bytes == 0 ? 1 : columns_of(c.value);
    if (used + more > columns - 1) break;
    used += more;
    bytes += std::max<std::size_t>(c.bytes, 1);
  }
  return std::string{text.substr(0, bytes)} + "…";
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string result;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    const std::size_t width = columns_of(word);
    if (used != 0 && used + 1 + width > columns) {
      result += '\n' + std::string(indent, ' ');
      used = 0;
    } else if (used != 0) {
      result += ' ';
      ++used;
    }
    result += word;
    used += width;
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return result;
}

std::string painted(std::string_view text, Paint paint, Colour colour) {
  if (colour == Colour::kOff || text.empty()) return std::string{text};
  return fmt::format("{}{}\x1b[0m", code_of(paint), text);
}

}  // namespace gend::report
