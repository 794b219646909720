#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace gend::target {

// Looks at the top level of a JSON text without building anything: for messages that are passed on
// as they came. It only ever says yes to what is plain; whoever gets a no asks a real parser.

// The end of the value at text[at], or nothing: strings without control bytes, balanced brackets
// outside of strings, and words of letters, digits, "+-." (which are not looked into further).
std::optional<std::size_t> skip_json_value(std::string_view text, std::size_t at);
std::size_t skip_json_space(std::string_view text, std::size_t at);

struct JsonField {
  std::string_view name;
  std::string_view value{};  // raw, quotes included; empty: not there
};

// Fills the values of those names in the object that `text` is, the last one where several are.
// False when it is no plain object: also a key or a wanted string with a backslash.
bool scan_json_object(std::string_view text, std::span<JsonField> fields);

// The elements of the array that `text` is, raw; `into` is filled up to its size. The number of
// elements, or nothing when it is no plain array.
std::optional<std::size_t> scan_json_array(std::string_view text,
                                           std::span<std::string_view> into);

// The inside of a raw string that holds no backslash; nothing for all else.
std::optional<std::string_view> plain_string(std::string_view raw);

}  // namespace gend::target
