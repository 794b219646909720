#include <array>
#include <set>

#include <fmt/format.h>

#include "data/loading.h"

namespace gend::data {

namespace {

// Values separated by commas or tabs, RFC 4180: a header, then rows of as many values. A line ends
// with LF or CRLF; a value in quotes may contain anything, a quote written twice.
class Reader {
 public:
  Reader(std::string_view text, char separator, Loading& into)
      : text_{text}, separator_{separator}, into_{into} {
    for (const char c : {separator, '\n', '\r', '"'})
      special_[static_cast<unsigned char>(c)] = true;
  }

  void read() {
    read_header();
    if (into_.columns.empty()) return;
    into_.cells.truncate(0);
    // Never more cells than separators and line ends.
    std::size_t lines = 1;
    for (const char c : text_.substr(at_)) lines += c == '\n';
    into_.cells.expect(std::min(lines * into_.columns.size(), text_.size() - at_ + 1));
    while (at_ < text_.size() && !into_.complaints.full()) read_row();
    complain_of_empty_lines(text_.size());
    if (into_.cells.count() == 0 && into_.complaints.empty())
      into_.complaints.add(line_, "a header and no row", "add a row for each set of values");
  }

 private:
  enum class Ended : std::uint8_t { kValue, kRow, kBroken };

  void complain(std::uint64_t line, std::string what, std::string remedy) {
    into_.complaints.add(line, std::move(what), std::move(remedy));
  }

  void read_header() {
    const std::uint64_t line = line_;
    Ended ended = Ended::kValue;
    while (ended == Ended::kValue) ended = read_value();
    if (ended == Ended::kBroken) return;
    Cells& cells = into_.cells;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < cells.count(); ++i) {
      if (cells[i].empty())
        complain(line, fmt::format("column {} has no name", i + 1),
                 "the first line must name every column");
      else if (!seen.insert(cells[i]).second)
        complain(line, fmt::format("two columns are named \"{}\"", cells[i]), "rename one of them");
    }
    if (cells.count() > limits::kDataColumns)
      complain(line, fmt::format("{} columns, at most {} are possible", cells.count(),
                                 limits::kDataColumns), "leave out what the plan does not use");
    for (std::size_t i = 0; i < cells.count(); ++i) into_.columns.emplace_back(cells[i]);
  }

  void read_row() {
    if (skip_empty_line()) return;
    complain_of_empty_lines(at_);
    const std::uint64_t line = line_;
    const std::size_t before = into_.cells.count();
    Ended ended = Ended::kValue;
    while (ended == Ended::kValue) ended = read_value();
    const std::size_t found = into_.cells.count() - before, expected = into_.columns.size();
    if (ended == Ended::kRow && found == expected) return;
    into_.cells.truncate(before);
    if (ended == Ended::kRow)
      complain(line, fmt::format("{} value{}, expected {} as in the header", found,
                                 found == 1 ? "" : "s", expected),
               separator_ == ',' ? "a value with a comma in it goes into quotes: \"a, b\""
                                 : "values are separated by one tab each");
  }

  // Empty lines at the end are nothing; between rows they are a mistake, known when a row follows.
  bool skip_empty_line() {
    const std::string_view rest = text_.substr(at_);
    const std::size_t size = rest.starts_with("\n") ? 1 : rest.starts_with("\r\n") ? 2 : 0;
    if (size == 0) return false;
    if (empty_lines_ == 0) first_empty_line_ = line_;
    ++empty_lines_;
    ++line_;
    at_ += size;
    return true;
  }

  void complain_of_empty_lines(std::size_t at) {
    if (empty_lines_ > 0 && at < text_.size())
      complain(first_empty_line_, "an empty line between rows",
               "remove it; an empty value is written \"\"");
    empty_lines_ = 0;
  }

  Ended read_value() {
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted();
    const std::size_t begin = at_;
    while (at_ < text_.size() && !special_[static_cast<unsigned char>(text_[at_])]) ++at_;
    into_.cells.append(text_.substr(begin, at_ - begin));
    if (at_ < text_.size() && text_[at_] == '"')
      return broken("a quote within a value that does not begin with one",
                    "put the whole value into quotes and write the quote twice: \"5\"\" disk\"");
    return end_value();
  }

  Ended read_quoted() {
    const std::uint64_t line = line_;
    ++at_;
    while (true) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == text_.npos) {
        complain(line, "a value in quotes that never ends begins here", "close it with a quote");
        at_ = text_.size();
        return Ended::kBroken;
      }
      const std::string_view part = text_.substr(at_, quote - at_);
      line_ += static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
      into_.cells.append(part);
      at_ = quote + 1;
      if (at_ >= text_.size() || text_[at_] != '"') return end_value();
      into_.cells.append('"');
      ++at_;
    }
  }

  // Behind a value: a separator, the end of the line, or a mistake.
  Ended end_value() {
    into_.cells.end_cell();
    if (at_ >= text_.size()) return Ended::kRow;
    if (text_[at_] == separator_) {
      ++at_;
      return Ended::kValue;
    }
    if (text_[at_] == '\r' && text_.substr(at_ + 1).starts_with('\n')) ++at_;
    if (text_[at_] == '\n') {
      ++at_;
      ++line_;
      return Ended::kRow;
    }
    if (text_[at_] == '\r')
      return broken("a carriage return that no line feed follows",
                    "end lines with LF or CRLF, or put the value into quotes");
    return broken("text behind a closing quote", "write a quote within a value twice: \"\"");
  }

  Ended broken(std::string what, std::string remedy) {
    complain(line_, std::move(what), std::move(remedy));
    const std::size_t end = text_.find('\n', at_);
    at_ = end == text_.npos ? text_.size() : end + 1;
    line_ += end != text_.npos;
    return Ended::kBroken;
  }

  const std::string_view text_;
  const char separator_;
  Loading& into_;
  std::array<bool, 256> special_{};
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t empty_lines_ = 0, first_empty_line_ = 0;
};

}  // namespace

void read_separated(std::string_view text, char separator, Loading& into) {
  Reader{text, separator, into}.read();
}

}  // namespace gend::data
