#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gend::target {

// A decimal number up to `most`; nothing else around it.
std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most);

// RFC 3629: no surrogates, nothing longer than it has to be.
bool is_utf8(std::string_view text);

// Appends `text` as a JSON string, quotes included. What is not UTF-8 is shown as U+FFFD.
void append_json(std::string& out, std::string_view text);
std::string json_text(std::string_view text);

// "%41" and, in queries and forms, "+". A percent sign that begins no byte stands for itself.
enum class PlusIs : std::uint8_t { kPlus, kSpace };
std::string percent_decoded(std::string_view text, PlusIs plus);

// The first value of that name in "a=1&b=2", decoded.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// Calls each(name, value), both decoded, for every pair of a query or form.
template <class Each>
void for_each_pair(std::string_view query, Each&& each) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size() + (pair.size() < query.size() ? 1 : 0));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == pair.npos ? std::string_view{} : pair.substr(equals + 1);
    each(percent_decoded(pair.substr(0, equals), PlusIs::kSpace),
         percent_decoded(value, PlusIs::kSpace));
  }
}

// The value of a cookie in a Cookie header.
std::string_view cookie_value(std::string_view header, std::string_view name);

}  // namespace gend::target
