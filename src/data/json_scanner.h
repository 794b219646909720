#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/cells.h"

namespace gend::data {

// Reads JSON (RFC 8259) from its beginning to its end, values straight into cells: text unescaped,
// numbers as they are written, objects and arrays without spaces. A library's tree would take many
// times the file's size, and its numbers and places are not what the file says.
class JsonScanner {
 public:
  // `end`: what its end is called in a complaint.
  explicit JsonScanner(std::string_view text, std::string_view end = "the end of the file")
      : text_{text}, end_{end} {}

  enum class Token : std::uint8_t { kObject, kArray, kText, kOther, kEnd };
  Token next();             // what begins here, behind spaces
  bool accept(char symbol);  // skips it, when it is what stands here behind spaces
  // Skips it, or fails: "',' or ']' expected, found '}'".
  bool expect(char symbol, std::string_view expected);

  bool read_key(std::string& into);  // a string
  bool read_value(Cells& into);      // null is no text; does not end the cell

  // After something failed: where and why.
  const std::string& failure() const { return failure_; }
  std::uint64_t line();  // of what was read last, from 1
  std::string found() const;  // what stands here, for a person

 private:
  template <class Sink>
  bool read_text(Sink&& sink);
  template <class Sink>
  bool read_escape(Sink&& sink);
  std::optional<std::uint32_t> read_hex();
  bool copy_text(Cells& into);  // with its quotes and escapes
  bool copy_name(Cells& into);
  bool copy_leaf(Cells& into);
  bool copy_nested(Cells& into);
  bool skip_number();
  bool skip_plain();  // a number or a word
  bool fail(std::string why);
  void skip_spaces();

  std::string_view text_, end_;
  std::size_t at_ = 0;
  std::size_t counted_to_ = 0;
  std::uint64_t line_ = 1;
  std::string failure_;
};

}  // namespace gend::data
