#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Markdown as GitHub and GitLab read it (GFM), made so that no name can become markup: names come
// from plan files and servers, and summaries are posted where @name notifies somebody.
namespace gend::report {

// Code, on one line; safe in a table's cell. A name with a backtick, a pipe or a backslash becomes
// <code> with numeric references, which can never be structure (CommonMark 2.5). "-" when empty.
std::string code_span(std::string_view name);

// Words as they are when they are nothing but words; as a code span when there is more in them.
std::string markdown_words(std::string_view text);

// A table. Cells must be safe: numbers, code_span(), or words of our own.
class MarkdownTable {
 public:
  enum class Align : bool { kLeft, kRight };
  struct Column {
    std::string_view title;
    Align align = Align::kRight;
  };
  explicit MarkdownTable(std::vector<Column> columns);
  void row(const std::vector<std::string>& cells);  // as many as there are columns
  std::size_t rows() const { return rows_; }
  std::string take() { return std::move(text_); }

 private:
  std::size_t columns_;
  std::size_t rows_ = 0;
  std::string text_;
};

}  // namespace gend::report
