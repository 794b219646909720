#include "report/markdown_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "report/terminal.h"

namespace gend::report {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80 || c == ' ';
}

// What may stand in a sentence and is never markup within one.
bool is_of_words(char c) {
  return is_plain(c) || std::string_view{",.;:()%/'+=-"}.find(c) != std::string_view::npos;
}

}  // namespace

std::string code_span(std::string_view name) {
  const std::string shown = escaped(name);
  if (shown.empty()) return "-";
  const bool blank_ends = shown.front() == ' ' || shown.back() == ' ';
  if (!blank_ends && shown.find_first_of("`|\\") == std::string::npos) return "`" + shown + "`";
  std::string code = "<code>";
  for (const char c : shown) {
    if (is_plain(c)) code += c;
    else code += fmt::format("&#{};", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return code + "</code>";
}

std::string markdown_words(std::string_view text) {
  const std::string shown = escaped(text);
  // Bare addresses become links by themselves.
  const bool links = shown.find("://") != std::string::npos ||
                     shown.find("www.") != std::string::npos ||
                     shown.find("mailto:") != std::string::npos ||
                     shown.find("xmpp:") != std::string::npos;
  if (!links && std::ranges::all_of(shown, is_of_words)) return shown;
  return code_span(text);
}

MarkdownTable::MarkdownTable(std::vector<Column> columns) : columns_{columns.size()} {
  std::string rule;
  for (const Column& column : columns) {
    text_ += fmt::format("| {} ", column.title);
    rule += column.align == Align::kRight ? "|---:" : "|---";
  }
  text_ += "|\n" + rule + "|\n";
}

void MarkdownTable::row(const std::vector<std::string>& cells) {
  GEND_ASSERT(cells.size() == columns_);
  for (const std::string& cell : cells) text_ += "| " + cell + " ";
  text_ += "|\n";
  ++rows_;
}

}  // namespace gend::report
