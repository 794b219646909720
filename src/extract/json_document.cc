#include "extract/json_document.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include <simdjson.h>

#include "base/assert.h"
#include "extract/utf8.h"

namespace gend::extract {
namespace {

namespace dom = simdjson::dom;
using Type = dom::element_type;
using Step = JsonPath::Step;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kLeastCapacity = 4096;

struct Fault {
  simdjson::error_code error;
  std::string_view sentence;
};
constexpr Fault kFaults[]{
    {simdjson::UNINITIALIZED, "nothing was parsed"},
    {simdjson::EMPTY, "it is empty"},
    {simdjson::UTF8_ERROR, "it is not UTF-8"},
    {simdjson::NUMBER_ERROR, "a number is malformed, or an integer beyond 64 bits"},
    {simdjson::DEPTH_ERROR, "it is nested deeper than 1024 levels"},
    {simdjson::UNCLOSED_STRING, "a string is never closed"},
    {simdjson::MEMALLOC, "there is not enough memory"},
};

template <class Number>
void write_number(Number value, std::string& out) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  GEND_ASSERT(error == std::errc{});
  out.append(digits, end);
}

// The value of an element whose type is known.
template <class T>
T value_of(const dom::element& element) {
  T value{};
  const simdjson::error_code error = element.get(value);
  GEND_ASSERT(error == simdjson::SUCCESS);
  return value;
}

void write_quoted(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  out += '"';
}

// As JSON. Depth is bounded by the parser.
void write_json(const dom::element& element, std::string& out) {
  const std::size_t begin = out.size() + 1;
  switch (element.type()) {
    case Type::STRING: return write_quoted(value_of<std::string_view>(element), out);
    case Type::INT64: return write_number(value_of<std::int64_t>(element), out);
    case Type::UINT64: return write_number(value_of<std::uint64_t>(element), out);
    case Type::DOUBLE: return write_number(value_of<double>(element), out);
    case Type::BOOL: out += value_of<bool>(element) ? "true" : "false"; return;
    case Type::NULL_VALUE: out += "null"; return;
    case Type::ARRAY:
      out += '[';
      for (const dom::element item : value_of<dom::array>(element)) {
        if (out.size() != begin) out += ',';
        write_json(item, out);
      }
      out += ']';
      return;
    case Type::OBJECT:
      out += '{';
      for (const auto& [key, value] : value_of<dom::object>(element)) {
        if (out.size() != begin) out += ',';
        write_quoted(key, out);
        out += ':';
        write_json(value, out);
      }
      out += '}';
      return;
  }
}

JsonKind kind_of(const dom::element& element) {
  switch (element.type()) {
    case Type::STRING: return JsonKind::kText;
    case Type::INT64:
    case Type::UINT64:
    case Type::DOUBLE: return JsonKind::kNumber;
    case Type::BOOL: return JsonKind::kBoolean;
    case Type::NULL_VALUE: return JsonKind::kNull;
    case Type::ARRAY: return JsonKind::kArray;
    case Type::OBJECT: return JsonKind::kObject;
  }
  return JsonKind::kNull;
}

JsonKind write_found(const dom::element& element, std::string& out) {
  const JsonKind kind = kind_of(element);
  if (kind == JsonKind::kText)
    out += value_of<std::string_view>(element);
  else if (kind != JsonKind::kNull)
    write_json(element, out);
  return kind;
}

// RFC 9535 2.4.4: of text the number of characters.
std::optional<std::size_t> length_of(const dom::element& element) {
  switch (kind_of(element)) {
    case JsonKind::kText: {
      const auto text = value_of<std::string_view>(element);
      const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
      return text.size() -
             static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
    }
    case JsonKind::kArray: {
      std::size_t count = 0;
      for ([[maybe_unused]] const dom::element item : value_of<dom::array>(element)) ++count;
      return count;
    }
    case JsonKind::kObject: {
      std::size_t count = 0;
      for ([[maybe_unused]] const auto& member : value_of<dom::object>(element)) ++count;
      return count;
    }
    case JsonKind::kNumber:
    case JsonKind::kBoolean:
    case JsonKind::kNull: break;
  }
  return std::nullopt;
}

std::optional<dom::element> item_at(const dom::element& element, std::int64_t index) {
  dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return std::nullopt;
  if (index < 0) index += static_cast<std::int64_t>(*length_of(element));
  if (index < 0) return std::nullopt;
  dom::element item;
  if (array.at(static_cast<std::size_t>(index)).get(item) != simdjson::SUCCESS)
    return std::nullopt;
  return item;
}

// One step down to one element; not for kAll and kLength.
std::optional<dom::element> child(const dom::element& element, const Step& step) {
  if (step.kind == JsonPath::Kind::kIndex) return item_at(element, step.index);
  dom::object object;
  dom::element member;
  if (element.get(object) != simdjson::SUCCESS) return std::nullopt;
  if (object.at_key(step.name).get(member) != simdjson::SUCCESS) return std::nullopt;
  return member;
}

// All elements that the steps lead to, in document order. False when the first list is no list.
// As deep as a path has steps.
template <class Visit>
bool walk(const dom::element& from, const Step* step, const Step* end, const Visit& visit) {
  std::optional<dom::element> at = from;
  for (; at && step != end && step->kind != JsonPath::Kind::kAll; ++step) at = child(*at, *step);
  if (!at) return false;
  if (step == end) {
    visit(*at);
    return true;
  }
  dom::array array;
  dom::object object;
  if (at->get(array) == simdjson::SUCCESS) {
    for (const dom::element item : array) walk(item, step + 1, end, visit);
    return true;
  }
  if (at->get(object) != simdjson::SUCCESS) return false;
  for (const auto& member : object) walk(member.value, step + 1, end, visit);
  return true;
}

}  // namespace

struct JsonDocument::Impl {
  bool parse(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    if (parser.capacity() < text.size()) {
      const std::size_t capacity = std::max(kLeastCapacity, std::bit_ceil(text.size()));
      error = parser.allocate(capacity);
      if (error == simdjson::SUCCESS) error = parser.doc.allocate(capacity);
      if (error != simdjson::SUCCESS) return false;
    }
    error = parser.parse(text.data(), text.size(), false).get(root);
    return error == simdjson::SUCCESS;
  }

  dom::parser parser;
  dom::element root;
  simdjson::error_code error = simdjson::UNINITIALIZED;
};

JsonDocument::JsonDocument() : impl_{std::make_unique<Impl>()} {}
JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

bool JsonDocument::parse(std::string& body) {
  if (body.capacity() < body.size() + simdjson::SIMDJSON_PADDING)
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  return impl_->parse(body);
}

std::string_view JsonDocument::fault() const noexcept {
  if (impl_->error == simdjson::SUCCESS) return {};
  for (const Fault& fault : kFaults)
    if (fault.error == impl_->error) return fault.sentence;
  return "it is not JSON";
}

std::optional<JsonKind> JsonDocument::find(const JsonPath& path, std::string& out) const {
  out.clear();
  if (impl_->error != simdjson::SUCCESS) return std::nullopt;
  const Step* begin = path.steps.data();
  const Step* end = begin + path.steps.size();
  const bool wants_length = begin != end && end[-1].kind == JsonPath::Kind::kLength;
  if (wants_length) --end;
  const auto is_all = [](const Step& step) { return step.kind == JsonPath::Kind::kAll; };

  if (std::none_of(begin, end, is_all)) {
    std::optional<JsonKind> kind;
    walk(impl_->root, begin, end, [&](const dom::element& element) {
      if (!wants_length) {
        kind = write_found(element, out);
      } else if (const auto length = length_of(element)) {
        write_number(*length, out);
        kind = JsonKind::kNumber;
      }
    });
    return kind;
  }
  if (wants_length) {
    std::size_t count = 0;
    if (!walk(impl_->root, begin, end, [&](const dom::element&) { ++count; })) return std::nullopt;
    write_number(count, out);
    return JsonKind::kNumber;
  }
  out += '[';
  const bool listed = walk(impl_->root, begin, end, [&](const dom::element& element) {
    if (out.size() > 1) out += ',';
    write_json(element, out);
  });
  if (listed) {
    out += ']';
    return JsonKind::kArray;
  }
  out.clear();
  return std::nullopt;
}

bool JsonList::parse(std::string_view text) {
  if (is_list_ && text == text_) return true;
  text_.assign(text);
  is_list_ = document_.parse(text_) && document_.impl_->root.type() == Type::ARRAY;
  return is_list_;
}

std::size_t JsonList::size() const {
  return is_list_ ? *length_of(document_.impl_->root) : 0;
}

void JsonList::item(std::size_t i, std::string& out) const {
  out.clear();
  GEND_ASSERT(is_list_);
  const auto found = item_at(document_.impl_->root, static_cast<std::int64_t>(i));
  GEND_ASSERT(found.has_value());
  write_found(*found, out);
}

bool is_utf8(std::string_view text) noexcept {
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace gend::extract
