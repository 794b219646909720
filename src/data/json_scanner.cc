#include "data/json_scanner.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"

namespace gend::data {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

template <class Sink>
void put_character(std::uint32_t code, Sink& sink) {  // UTF-8
  const auto put = [&](std::uint32_t byte) {
    const char c = static_cast<char>(byte);
    sink(std::string_view{&c, 1});
  };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

}  // namespace

void JsonScanner::skip_spaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' ||
                                text_[at_] == '\t'))
    ++at_;
}

JsonScanner::Token JsonScanner::next() {
  skip_spaces();
  if (at_ == text_.size()) return Token::kEnd;
  switch (text_[at_]) {
    case '{': return Token::kObject;
    case '[': return Token::kArray;
    case '"': return Token::kText;
    default: return Token::kOther;
  }
}

bool JsonScanner::accept(char symbol) {
  skip_spaces();
  if (at_ == text_.size() || text_[at_] != symbol) return false;
  ++at_;
  return true;
}

bool JsonScanner::expect(char symbol, std::string_view expected) {
  return accept(symbol) || fail(fmt::format("{} expected, found {}", expected, found()));
}

std::string JsonScanner::found() const {
  if (at_ == text_.size()) return std::string{end_};
  std::size_t end = at_ + 1;
  const auto is_word = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (is_word(text_[at_]))
    while (end < text_.size() && end - at_ < 20 && is_word(text_[end])) ++end;
  // The rest of a character of several bytes.
  while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
  return fmt::format("'{}'", text_.substr(at_, end - at_));
}

bool JsonScanner::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
  return false;
}

std::uint64_t JsonScanner::line() {
  const std::string_view part = text_.substr(counted_to_, at_ - counted_to_);
  line_ += static_cast<std::uint64_t>(std::count(part.begin(), part.end(), '\n'));
  counted_to_ = at_;
  return line_;
}

std::optional<std::uint32_t> JsonScanner::read_hex() {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : ' ';
    const char low = static_cast<char>(c | 0x20);
    if (is_digit(c)) value = value * 16 + static_cast<std::uint32_t>(c - '0');
    else if (low >= 'a' && low <= 'f')
      value = value * 16 + static_cast<std::uint32_t>(low - 'a' + 10);
    else
      return std::nullopt;
  }
  return value;
}

template <class Sink>
bool JsonScanner::read_escape(Sink&& sink) {
  const char c = at_ < text_.size() ? text_[at_++] : ' ';
  switch (c) {
    case '"': sink("\""); return true;
    case '\\': sink("\\"); return true;
    case '/': sink("/"); return true;
    case 'b': sink("\b"); return true;
    case 'f': sink("\f"); return true;
    case 'n': sink("\n"); return true;
    case 'r': sink("\r"); return true;
    case 't': sink("\t"); return true;
    case 'u': break;
    default: return fail("a backslash that begins no escape of JSON");
  }
  const auto first = read_hex();
  if (!first) return fail("\\u needs four hexadecimal digits");
  std::uint32_t code = *first;
  if (code == 0) return fail("\\u0000, expected text without NUL");
  if (code >= 0xD800 && code < 0xE000) {  // half of a pair (RFC 8259, 7)
    const bool paired = code < 0xDC00 && text_.substr(at_).starts_with("\\u");
    if (paired) at_ += 2;
    const auto second = paired ? read_hex() : std::nullopt;
    if (!second || *second < 0xDC00 || *second >= 0xE000)
      return fail("half of a surrogate pair without its other half");
    code = 0x10000 + ((code - 0xD800) << 10) + (*second - 0xDC00);
  }
  put_character(code, sink);
  return true;
}

// Behind the opening quote.
template <class Sink>
bool JsonScanner::read_text(Sink&& sink) {
  while (at_ < text_.size()) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' && !is_control(text_[at_]))
      ++at_;
    if (at_ > begin) sink(text_.substr(begin, at_ - begin));
    if (at_ == text_.size()) break;
    if (is_control(text_[at_]))
      return fail("a line break or control character within a text, where JSON wants \\n or \\u");
    if (text_[at_++] == '"') return true;
    if (!read_escape(sink)) return false;
  }
  return fail("a text that never ends");
}

bool JsonScanner::read_key(std::string& into) {
  into.clear();
  return expect('"', "a name in quotes") && read_text([&](std::string_view part) { into += part; });
}

bool JsonScanner::copy_text(Cells& into) {
  const std::size_t begin = at_ - 1;
  if (!read_text([](std::string_view) {})) return false;
  into.append(text_.substr(begin, at_ - begin));
  return true;
}

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool JsonScanner::skip_number() {
  const auto here = [&] { return at_ < text_.size() ? text_[at_] : ' '; };
  const auto digits = [&] {
    const std::size_t begin = at_;
    while (is_digit(here())) ++at_;
    return at_ > begin;
  };
  if (here() == '-') ++at_;
  if (here() == '0') ++at_;
  else if (!digits()) return false;
  if (here() == '.') {
    ++at_;
    if (!digits()) return false;
  }
  if (here() == 'e' || here() == 'E') {
    ++at_;
    if (here() == '+' || here() == '-') ++at_;
    if (!digits()) return false;
  }
  return true;
}

bool JsonScanner::skip_plain() {
  const std::size_t begin = at_;
  const auto is_over = [&] {
    return at_ == text_.size() || std::string_view{",]} \n\r\t"}.find(text_[at_]) != text_.npos;
  };
  for (const std::string_view word : {"true", "false", "null"})
    if (text_.substr(at_).starts_with(word)) {
      at_ += word.size();
      if (is_over()) return true;
      at_ = begin;
    }
  if (skip_number() && is_over()) return true;
  at_ = begin;
  return fail(fmt::format("a value expected, found {}", found()));
}

bool JsonScanner::copy_name(Cells& into) {
  if (!expect('"', "a name in quotes") || !copy_text(into) || !expect(':', "':'")) return false;
  into.append(':');
  return true;
}

bool JsonScanner::copy_leaf(Cells& into) {
  if (accept('"')) return copy_text(into);
  const std::size_t begin = at_;
  if (!skip_plain()) return false;
  into.append(text_.substr(begin, at_ - begin));
  return true;
}

bool JsonScanner::copy_nested(Cells& into) {
  std::string open;  // the closing bracket of each level
  bool may_close = true;
  do {
    if (may_close && !open.empty() && accept(open.back())) {
      into.append(open.back());
      open.pop_back();
    } else {
      if (!open.empty() && open.back() == '}' && !copy_name(into)) return false;
      const Token token = next();
      if (token == Token::kObject || token == Token::kArray) {
        if (open.size() == limits::kDataDepth)
          return fail(fmt::format("nested deeper than {}", limits::kDataDepth));
        into.append(text_[at_++]);
        open += token == Token::kObject ? '}' : ']';
        may_close = true;
        continue;
      }
      if (!copy_leaf(into)) return false;
    }
    if (open.empty()) break;
    may_close = !accept(',');
    if (!may_close) into.append(',');
    else if (next() == Token::kEnd || text_[at_] != open.back())
      return fail(fmt::format("',' or '{}' expected, found {}", open.back(), found()));
  } while (!open.empty());
  return true;
}

bool JsonScanner::read_value(Cells& into) {
  switch (next()) {
    case Token::kEnd: return fail(fmt::format("a value expected, found {}", end_));
    case Token::kText: ++at_; return read_text([&](std::string_view part) { into.append(part); });
    case Token::kObject: case Token::kArray: return copy_nested(into);
    case Token::kOther: break;
  }
  const std::size_t begin = at_;
  if (!skip_plain()) return false;
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (word != "null") into.append(word);
  return true;
}

}  // namespace gend::data
