#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace gend::extract {

// A place in a JSON document, the part of JSONPath (RFC 9535) that names one node or lists of them:
//   $  $.name  $['any name']  $["…"]  $[3]  $[-1]  $[*]  $.*   and  .length() at the end
struct JsonPath {
  enum class Kind : std::uint8_t { kName, kIndex, kAll, kLength };
  struct Step {
    Kind kind = Kind::kName;
    std::string name{};        // kName, unescaped
    std::int64_t index = 0;    // kIndex; negative: from the end
  };
  std::vector<Step> steps;
  std::string source;  // as written
};

// The error says what was found, what was expected, and where (offset into `text`).
struct JsonPathError {
  std::string what;
  std::size_t offset = 0;
};
std::expected<JsonPath, JsonPathError> parse_json_path(std::string_view text);

}  // namespace gend::extract
