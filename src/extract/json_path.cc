#include "extract/json_path.h"

#include <charconv>
#include <utility>

namespace gend::extract {
namespace {

constexpr std::int64_t kMaxIndex = (std::int64_t{1} << 53) - 1;  // RFC 9535 2.1: I-JSON numbers

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
// RFC 9535 2.5.1.1, name-first; what is not ASCII is taken as it is.
constexpr bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::uint32_t point, std::string& out) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xC0 | (point >> 6));
  } else {
    if (point < 0x10000) {
      byte(0xE0 | (point >> 12));
    } else {
      byte(0xF0 | (point >> 18));
      byte(0x80 | ((point >> 12) & 0x3F));
    }
    byte(0x80 | ((point >> 6) & 0x3F));
  }
  byte(0x80 | (point & 0x3F));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_{text} {}

  std::expected<JsonPath, JsonPathError> run() {
    if (!take('$')) fail(found() + "; a path begins with $");
    while (!failed()) {
      const std::size_t before = at_;
      skip_blanks();
      if (at_ == text_.size()) {
        if (before != at_) fail("blanks behind the path");
        break;
      }
      segment();
    }
    if (failed()) return std::unexpected{std::move(error_)};
    path_.source = text_;
    return std::move(path_);
  }

 private:
  bool failed() const { return !error_.what.empty(); }
  bool more() const { return at_ < text_.size(); }
  char peek() const { return more() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (more() && is_blank(text_[at_])) ++at_;
  }
  std::string found() const {
    if (!more()) return "the path ends here";
    return std::string{"found '"} + text_[at_] + "'";
  }
  void fail(std::string what) { fail_at(at_, std::move(what)); }
  void fail_at(std::size_t offset, std::string what) {
    if (!failed()) error_ = {std::move(what), offset};
  }

  void segment() {
    if (!path_.steps.empty() && path_.steps.back().kind == JsonPath::Kind::kLength)
      return fail("nothing may follow .length()");
    if (take('[')) return bracket();
    if (!take('.')) return fail(found() + "; expected . or [");
    if (peek() == '.') return fail("'..' (any depth) is not known here; name every level");
    if (take('*')) return add({JsonPath::Kind::kAll});
    shorthand();
  }

  void add(JsonPath::Step step) { path_.steps.push_back(std::move(step)); }

  void shorthand() {
    const std::size_t begin = at_;
    if (!begins_name(peek())) {
      return fail(is_digit(peek()) ? "a number is written in brackets: [0]"
                                   : found() + "; expected a name or * behind the dot");
    }
    while (more() && (begins_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (peek() == '-')
      return fail("a name with '-' is written in brackets: ['content-type']");
    if (peek() == '(') {
      if (name != "length" || !text_.substr(at_).starts_with("()"))
        return fail_at(begin, "the only function is .length()");
      at_ += 2;
      return add({JsonPath::Kind::kLength});
    }
    add({JsonPath::Kind::kName, std::string{name}});
  }

  void bracket() {
    skip_blanks();
    const char c = peek();
    if (c == '\'' || c == '"') {
      quoted_name();
    } else if (take('*')) {
      add({JsonPath::Kind::kAll});
    } else if (c == '-' || is_digit(c)) {
      index();
    } else if (c == '?') {
      return fail("filters ([?…]) are not known here");
    } else if (c == ':') {
      return fail("slices ([a:b]) are not known here");
    } else {
      return fail(found() + "; expected a quoted name, a number or * in the brackets");
    }
    if (failed()) return;
    skip_blanks();
    if (peek() == ',') return fail("lists in brackets ([a,b]) are not known here");
    if (peek() == ':') return fail("slices ([a:b]) are not known here");
    if (!take(']')) fail(found() + "; expected ]");
  }

  // RFC 9535 2.3.3.1: no leading zeros, no -0.
  void index() {
    const std::size_t begin = at_;
    take('-');
    const std::size_t digits = at_;
    while (is_digit(peek())) ++at_;
    const std::string_view text = text_.substr(begin, at_ - begin);
    if (digits == at_) return fail(found() + "; expected a digit behind '-'");
    if (text_[digits] == '0' && text.size() > 1)
      return fail_at(begin, "'" + std::string{text} + "': an index has no leading zeros");
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > kMaxIndex || value < -kMaxIndex)
      return fail_at(begin, "the index is too large");
    add({JsonPath::Kind::kIndex, {}, value});
  }

  void quoted_name() {
    const std::size_t begin = at_;
    const char quote = text_[at_++];
    std::string name;
    while (!failed()) {
      if (!more()) return fail_at(begin, "the quote is never closed");
      if (take(quote)) return add({JsonPath::Kind::kName, std::move(name)});
      if (take('\\'))
        escape(quote, name);
      else if (static_cast<unsigned char>(peek()) < 0x20)
        fail("a control character in a name; write it as \\u00XX");
      else
        name += text_[at_++];
    }
  }

  void escape(char quote, std::string& name) {
    static constexpr std::string_view kLetters = "bfnrt/\\", kMeant = "\b\f\n\r\t/\\";
    const std::size_t begin = at_ - 1;
    const char c = peek();
    if (take(quote)) {
      name += quote;
    } else if (const std::size_t i = kLetters.find(c); more() && i != kLetters.npos) {
      name += kMeant[i];
      ++at_;
    } else if (take('u')) {
      unicode(begin, name);
    } else {
      fail_at(begin, 
              "an unknown escape; known are \\b \\f \\n \\r \\t \\/ \\\\ \\uXXXX and the quote");
    }
  }

  // -1 unless four hexadecimal digits follow.
  std::int32_t four_digits() {
    std::int32_t value = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const int digit = hex_value(peek());
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  void unicode(std::size_t begin, std::string& name) {
    const std::int32_t first = four_digits();
    if (first < 0) return fail_at(begin, "\\u needs four hexadecimal digits");
    auto point = static_cast<std::uint32_t>(first);
    if (point >= 0xD800 && point <= 0xDFFF) {
      const bool pairs = point < 0xDC00 && take('\\') && take('u');
      const std::int32_t second = pairs ? four_digits() : -1;
      if (second < 0xDC00 || second > 0xDFFF)
        return fail_at(begin, "half of a surrogate pair is no character");
      point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<std::uint32_t>(second) - 0xDC00);
    }
    append_utf8(point, name);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  JsonPath path_;
  JsonPathError error_;
};

}  // namespace

std::expected<JsonPath, JsonPathError> parse_json_path(std::string_view text) {
  return Parser{text}.run();
}

}  // namespace gend::extract
