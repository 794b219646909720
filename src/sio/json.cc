#include "sio/json.h"

#include <bit>
#include <bitset>
#include <cstdint>
#include <cstring>

#include "base/limits.h"

namespace gend::sio {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::uint64_t each(std::uint64_t byte) {
  return byte * 0x0101010101010101ULL;
}
constexpr std::uint64_t zero_bytes(std::uint64_t word) {  // not 0 when one of its bytes is 0
  return (word - each(1)) & ~word & each(0x80);
}
// Which of eight bytes end a run of plain text: a quote, a backslash, a control character. The
// lowest bit that is set is of the first such byte; what is above it may be wrong.
std::uint64_t ends_of_run(std::uint64_t word) {
  const std::uint64_t controls = (word - each(0x20)) & ~word & each(0x80);
  return zero_bytes(word ^ each('"')) | zero_bytes(word ^ each('\\')) | controls;
}
bool ends_run(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}
static_assert(std::endian::native == std::endian::little);

// Where the plain text that begins at `at` ends.
const char* end_of_run(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (const std::uint64_t ends = ends_of_run(word)) return at + std::countr_zero(ends) / 8;
  }
  while (at < end && !ends_run(*at)) ++at;
  return at;
}

// Walks over one value. Not recursive: a hostile nesting must not cost stack.
class Walk {
 public:
  explicit Walk(std::string_view text) : at_{text.data()}, end_{at_ + text.size()} {}

  const char* value();  // its end; null when it is malformed

  const char* at() const { return at_; }
  void spaces() {
    while (at_ < end_ && is_space(*at_)) ++at_;
  }
  bool accept(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool text();
  bool key();  // with its colon

 private:
  enum class Opened : std::uint8_t { kFailed, kEmpty, kInside };

  Opened open();
  bool close_or_go_on(bool& another);
  bool scalar();
  bool escape();
  bool number();
  bool digits();
  bool word(std::string_view expected);
  char closer() const { return is_object_[depth_ - 1] ? '}' : ']'; }

  const char* at_;
  const char* end_;
  std::size_t depth_ = 0;
  std::bitset<limits::kSioDepth> is_object_;
};

bool Walk::escape() {  // behind the backslash
  if (at_ == end_) return false;
  const char c = *at_++;
  if (c != 'u') return std::string_view{"\"\\/bfnrt"}.find(c) != std::string_view::npos;
  for (int i = 0; i < 4; ++i, ++at_)
    if (at_ == end_ || hex_value(*at_) < 0) return false;
  return true;
}

bool Walk::text() {
  if (!accept('"')) return false;
  while (true) {
    at_ = end_of_run(at_, end_);
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c == '"') return true;
    if (c != '\\' || !escape()) return false;
  }
}

bool Walk::digits() {
  const char* const begin = at_;
  while (at_ < end_ && is_digit(*at_)) ++at_;
  return at_ > begin;
}

bool Walk::number() {
  accept('-');
  if (!accept('0') && !digits()) return false;
  if (accept('.') && !digits()) return false;
  if (accept('e') || accept('E')) {
    if (!accept('+')) accept('-');
    return digits();
  }
  return true;
}

bool Walk::word(std::string_view expected) {
  if (!std::string_view{at_, end_}.starts_with(expected)) return false;
  at_ += expected.size();
  return true;
}

bool Walk::scalar() {
  switch (*at_) {
    case '"': return text();
    case 't': return word("true");
    case 'f': return word("false");
    case 'n': return word("null");
    default: return number();
  }
}

bool Walk::key() {
  spaces();
  if (!text()) return false;
  spaces();
  return accept(':');
}

// An object or array begins here.
Walk::Opened Walk::open() {
  if (depth_ == is_object_.size()) return Opened::kFailed;
  is_object_[depth_] = *at_ == '{';
  ++depth_;
  ++at_;
  spaces();
  if (accept(closer())) {
    --depth_;
    return Opened::kEmpty;
  }
  if (is_object_[depth_ - 1] && !key()) return Opened::kFailed;
  return Opened::kInside;
}

// Behind a value: ends what ends here, up to a comma or the end of the outermost value.
bool Walk::close_or_go_on(bool& another) {
  another = false;
  while (depth_ > 0) {
    spaces();
    if (accept(closer())) {
      --depth_;
      continue;
    }
    another = accept(',');
    return another && (!is_object_[depth_ - 1] || key());
  }
  return true;
}

const char* Walk::value() {
  bool another = true;
  while (another) {
    if (depth_ > 0) spaces();
    if (at_ == end_) return nullptr;
    if (*at_ == '{' || *at_ == '[') {
      const Opened opened = open();
      if (opened == Opened::kFailed) return nullptr;
      if (opened == Opened::kInside) continue;
    } else if (!scalar()) {
      return nullptr;
    }
    if (!close_or_go_on(another)) return nullptr;
  }
  return at_;
}

struct Utf8 {
  char bytes[4];
  std::size_t size;
};

Utf8 utf8_of(std::uint32_t point) {
  const auto low = [point](int shift) {
    return static_cast<char>(0x80 | ((point >> shift) & 0x3F));
  };
  if (point < 0x80) return {{static_cast<char>(point)}, 1};
  if (point < 0x800) return {{static_cast<char>(0xC0 | (point >> 6)), low(0)}, 2};
  if (point < 0x10000) return {{static_cast<char>(0xE0 | (point >> 12)), low(6), low(0)}, 3};
  return {{static_cast<char>(0xF0 | (point >> 18)), low(12), low(6), low(0)}, 4};
}

std::uint32_t hex_unit(std::string_view four) {
  std::uint32_t unit = 0;
  for (const char c : four.substr(0, 4))
    unit = unit * 16 + static_cast<std::uint32_t>(hex_value(c));
  return unit;
}

// Takes one escape from the front of `raw`.
Utf8 take_escape(std::string_view& raw) {
  const char c = raw[1];
  raw.remove_prefix(2);
  switch (c) {
    case 'b': return {{'\b'}, 1};
    case 'f': return {{'\f'}, 1};
    case 'n': return {{'\n'}, 1};
    case 'r': return {{'\r'}, 1};
    case 't': return {{'\t'}, 1};
    case 'u': break;
    default: return {{c}, 1};
  }
  const std::uint32_t unit = hex_unit(raw);
  raw.remove_prefix(4);
  if (unit < 0xD800 || unit > 0xDFFF) return utf8_of(unit);
  if (unit < 0xDC00 && raw.starts_with("\\u")) {
    const std::uint32_t second = hex_unit(raw.substr(2));
    if (second >= 0xDC00 && second <= 0xDFFF) {
      raw.remove_prefix(6);
      return utf8_of(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
    }
  }
  return utf8_of(0xFFFD);
}

}  // namespace

std::size_t json_value_size(std::string_view text) noexcept {
  const char* const end = Walk{text}.value();
  return end == nullptr ? 0 : static_cast<std::size_t>(end - text.data());
}

bool is_json(std::string_view text) noexcept {
  return !text.empty() && json_value_size(text) == text.size();
}

std::string_view without_json_spaces(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

JsonMembers::JsonMembers(std::string_view object) noexcept {
  if (object.starts_with('{')) left_ = object.substr(1);
}

std::optional<JsonMembers::Member> JsonMembers::next() noexcept {
  Walk walk{left_};
  walk.spaces();
  walk.accept(',');
  walk.spaces();
  const char* const quote = walk.at();
  if (!walk.text()) return std::nullopt;
  const std::string_view name{quote + 1, walk.at() - 1};
  walk.spaces();
  walk.accept(':');
  walk.spaces();
  left_.remove_prefix(static_cast<std::size_t>(walk.at() - left_.data()));
  const std::string_view value = left_.substr(0, json_value_size(left_));
  left_.remove_prefix(value.size());
  return Member{name, value};
}

std::string_view json_member(std::string_view object, std::string_view name) noexcept {
  std::string_view found;
  JsonMembers members{object};
  while (const auto member = members.next())
    if (same_json_text(member->name, name)) found = member->value;
  return found;
}

std::optional<std::string_view> json_text(std::string_view value) noexcept {
  if (value.size() < 2 || value.front() != '"') return std::nullopt;
  return value.substr(1, value.size() - 2);
}

bool same_json_text(std::string_view raw, std::string_view plain) noexcept {
  while (!raw.empty()) {
    if (raw.front() == '\\') {
      const Utf8 unescaped = take_escape(raw);
      if (!plain.starts_with(std::string_view{unescaped.bytes, unescaped.size})) return false;
      plain.remove_prefix(unescaped.size);
      continue;
    }
    if (plain.empty() || plain.front() != raw.front()) return false;
    raw.remove_prefix(1);
    plain.remove_prefix(1);
  }
  return plain.empty();
}

void append_json_text(std::string& out, std::string_view raw) {
  while (!raw.empty()) {
    if (raw.front() == '\\') {
      const Utf8 unescaped = take_escape(raw);
      out.append(unescaped.bytes, unescaped.size);
      continue;
    }
    const std::string_view run = raw.substr(0, raw.find('\\'));
    out += run;
    raw.remove_prefix(run.size());
  }
}

}  // namespace gend::sio
