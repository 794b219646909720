#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

// Reading a summary that may come from an older version or a damaged file: what is missing or of
// another type reads as nothing, and nothing here throws.
namespace gend::report {

using Json = nlohmann::ordered_json;

inline const Json& at(const Json& json, std::string_view key) {
  static const Json nothing;
  if (!json.is_object()) return nothing;
  const auto found = json.find(key);
  return found == json.end() ? nothing : *found;
}

inline const Json& at(const Json& json, std::initializer_list<std::string_view> path) {
  const Json* place = &json;
  for (const auto key : path) place = &at(*place, key);
  return *place;
}

inline double number(const Json& json) {
  return json.is_number() ? json.get<double>() : 0;
}

// Counts, exactly as they were written; fractions and negative numbers are not counts.
inline std::uint64_t count(const Json& json) {
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  const double n = number(json);
  return n > 0 && n < 1.8e19 ? static_cast<std::uint64_t>(n) : 0;
}

inline std::string text(const Json& json) {
  return json.is_string() ? json.get_ref<const std::string&>() : std::string{};
}

inline bool truth(const Json& json) { return json.is_boolean() && json.get<bool>(); }

}  // namespace gend::report
