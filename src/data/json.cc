#include <fmt/format.h>

#include "data/json_scanner.h"
#include "data/loading.h"

namespace gend::data {

namespace {

constexpr const char* kMend = "mend the JSON there; a JSON linter shows the place";

// Objects or plain values, as the first one says; the names of its first object are the columns.
class Rows {
 public:
  explicit Rows(Loading& into) : into_{into} {}

  // False: the text is broken here, see the scanner's failure().
  bool read_row(JsonScanner& from, std::uint64_t line_before) {
    using Token = JsonScanner::Token;
    const Token token = from.next();
    line_ = line_before + from.line() - 1;
    const bool object = token == Token::kObject;
    if (into_.columns.empty() && token != Token::kArray)
      return object ? read_first_object(from) : read_first_plain(from);
    const bool plain = !into_.columns.empty() && into_.columns[0].empty();
    if (object && !plain && !into_.columns.empty()) return read_object(from);
    if (!object && plain && token != Token::kArray) return read_plain(from);
    const std::size_t before = into_.cells.count();
    if (!from.read_value(into_.cells)) return false;
    into_.cells.truncate(before);
    if (token == Token::kArray)
      complain("an array as a row", "each row must be an object, or each a plain value");
    else
      complain(object ? "an object among plain values" : "a plain value among objects",
               "let every row be what the first one is");
    return true;
  }

 private:
  void complain(std::string what, std::string remedy) {
    into_.complaints.add(line_, std::move(what), std::move(remedy));
  }

  bool read_first_plain(JsonScanner& from) {
    into_.columns.emplace_back();
    return read_plain(from);
  }

  bool read_plain(JsonScanner& from) {
    if (!from.read_value(into_.cells)) return false;
    into_.cells.end_cell();
    return true;
  }

  bool read_first_object(JsonScanner& from) {
    std::vector<std::string> names;
    const std::uint64_t line = line_;
    const bool whole = read_members(from, [&](const std::string& name) {
      names.push_back(name);
      if (name.empty()) complain("a name that is empty", "give each value a name");
      for (std::size_t i = 0; i + 1 < names.size(); ++i)
        if (names[i] == name)
          return complain(fmt::format("\"{}\" stands twice in the object", name), "remove one");
    });
    if (!whole) return false;
    line_ = line;
    if (names.empty())
      complain("an object without values", "its names would be the columns of the table");
    if (names.size() > limits::kDataColumns)
      complain(fmt::format("{} columns, at most {} are possible", names.size(),
                           limits::kDataColumns), "leave out what the plan does not use");
    into_.columns = std::move(names);
    // There is a complaint already; an empty name would stand for plain values.
    if (into_.columns.empty()) into_.columns.emplace_back();
    for (std::string& name : into_.columns)
      if (name.empty()) name = "?";
    return true;
  }

  bool read_object(JsonScanner& from) {
    const std::size_t before = into_.cells.count(), width = into_.columns.size();
    order_.assign(width, kMissing);
    std::size_t members = 0;
    bool good = true, in_order = true;
    const bool whole = read_members(from, [&](const std::string& name) {
      std::size_t column = members;  // nearly always
      if (column >= width || into_.columns[column] != name) {
        in_order = false;
        for (column = 0; column < width && into_.columns[column] != name;) ++column;
      }
      if (column == width) {
        complain(fmt::format("\"{}\" is not in the first object", name),
                 "all objects need the same names");
        good = false;
      } else if (order_[column] != kMissing) {
        complain(fmt::format("\"{}\" stands twice in the object", name), "remove one");
        good = false;
      } else {
        order_[column] = members;
      }
      ++members;
    });
    if (!whole) return false;
    for (std::size_t i = 0; i < width; ++i)
      if (order_[i] == kMissing) {
        complain(fmt::format("\"{}\" is missing", into_.columns[i]),
                 "all objects need the same names; null stands for no value");
        good = false;
      }
    if (!good) into_.cells.truncate(before);
    else if (!in_order) into_.cells.reorder(before, order_);
    return true;
  }

  template <class OnName>
  bool read_members(JsonScanner& from, OnName&& on_name) {
    if (!from.expect('{', "'{'")) return false;
    if (from.accept('}')) return true;
    do {
      if (!from.read_key(name_) || !from.expect(':', "':'")) return false;
      on_name(name_);
      if (!from.read_value(into_.cells)) return false;
      into_.cells.end_cell();
    } while (from.accept(','));
    return from.expect('}', "',' or '}'");
  }

  static constexpr std::size_t kMissing = ~std::size_t{0};
  Loading& into_;
  std::uint64_t line_ = 1;  // where the row begins
  std::string name_;
  std::vector<std::size_t> order_;  // of the row: by column, which member it was
};

}  // namespace

void read_json(std::string_view text, Loading& into) {
  JsonScanner scanner{text};
  Rows rows{into};
  const auto complain_of_text = [&] {
    into.complaints.add(scanner.line(), scanner.failure(), kMend);
  };
  if (scanner.next() != JsonScanner::Token::kArray)
    return into.complaints.add(scanner.line(),
                               fmt::format("{}, expected an array: [ … ]", scanner.found()),
                               "put the rows into an array, or name the file .ndjson when each "
                               "line is a row");
  scanner.accept('[');
  if (!scanner.accept(']')) {
    do {
      if (!rows.read_row(scanner, 1)) return complain_of_text();
      if (into.complaints.full()) return;
    } while (scanner.accept(','));
    if (!scanner.expect(']', "',' or ']'")) return complain_of_text();
  }
  if (scanner.next() != JsonScanner::Token::kEnd)
    into.complaints.add(scanner.line(), fmt::format("{} behind the array", scanner.found()),
                        "remove it");
  else if (into.cells.count() == 0 && into.complaints.empty())
    into.complaints.add(1, "an array without rows", "add an object or a value for each row");
}

void read_ndjson(std::string_view text, Loading& into) {
  Rows rows{into};
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < text.size() && !into.complaints.full(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    JsonScanner scanner{text.substr(at, end - at), "the end of the line"};
    at = end + 1;
    if (scanner.next() == JsonScanner::Token::kEnd) continue;  // an empty line
    const std::size_t before = into.cells.count();
    if (!rows.read_row(scanner, line)) {
      into.cells.truncate(before);
      into.complaints.add(line, scanner.failure(), "each line must be one whole JSON value");
    } else if (scanner.next() != JsonScanner::Token::kEnd) {
      into.complaints.add(line, fmt::format("{} behind the value", scanner.found()),
                          "each line must be one whole JSON value");
    }
  }
  if (into.cells.count() == 0 && into.complaints.empty())
    into.complaints.add(1, "no rows", "add an object or a value in each line");
}

}  // namespace gend::data
