#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "extract/json_path.h"

namespace gend::extract {

enum class JsonKind : std::uint8_t { kText, kNumber, kBoolean, kNull, kObject, kArray };

// Reads one JSON document (RFC 8259) after the other. Keeps its memory: no allocation for a
// document no larger than the largest so far. Integers beyond 64 bits are refused (the library's
// limit), and so is nesting beyond 1024 levels. Of equal names in an object the first counts.
class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  // False when it is not JSON: fault() says why. Only the capacity of `body` changes (the reader
  // looks some bytes beyond the end). The document does not refer to `body` afterwards.
  bool parse(std::string& body);
  // Static text; empty after a parse that went well, "nothing was parsed" before the first.
  std::string_view fault() const noexcept;

  // What is at `path`, written to `out`: text without quotes and escapes, numbers in their shortest
  // form (integers exact), true, false, null as empty text, objects and arrays as minified JSON.
  // With [*] or .* it is an array of all matches; there is none when what should be listed is no
  // array or object. .length() is the number of elements, members, characters or matches.
  std::optional<JsonKind> find(const JsonPath& path, std::string& out) const;

 private:
  friend class JsonList;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A JSON array in a text, item by item, as loops want it.
class JsonList {
 public:
  // False when the text is no JSON array. The same text again costs a comparison.
  bool parse(std::string_view text);
  std::size_t size() const;
  // Item `i` < size(), written as JsonDocument::find writes.
  void item(std::size_t i, std::string& out) const;

 private:
  JsonDocument document_;
  std::string text_;
  bool is_list_ = false;
};

}  // namespace gend::extract
