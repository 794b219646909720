#include "report/mask.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace gend::report {
namespace {

constexpr std::string_view kMask = "***";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}
bool is_quote(char c) { return c == '"' || c == '\''; }

// "X-Api-Key", "api_key" and "apiKey" are one name.
bool is_telling(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kTelling{
      "token", "password", "passwd", "secret", "authorization", "apikey",
      "session", "cookie", "credential", "jwt"};
  std::string plain;
  for (const char c : name)
    if (c != '_' && c != '-') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::any_of(kTelling, [&](std::string_view word) {
    return plain.find(word) != std::string::npos;
  });
}

// Positions in one text. None of these runs past its end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_{text} {}

  std::size_t while_word(std::size_t at) const {
    while (at < text_.size() && is_word(text_[at])) ++at;
    return at;
  }
  std::size_t until(std::size_t at, std::string_view stops) const {
    return std::min(text_.find_first_of(stops, at), text_.size());
  }

  // Where the value begins and ends that belongs to the name before `at`, when one does.
  std::optional<std::pair<std::size_t, std::size_t>> value_after(std::size_t at) const {
    at = skip(at, "\\");
    const bool quoted_name = at < text_.size() && is_quote(text_[at]);
    at = skip(quoted_name ? at + 1 : at, " \t");
    if (at >= text_.size() || (text_[at] != ':' && text_[at] != '=')) return std::nullopt;
    const bool assigned = text_[at] == '=';
    const std::size_t begin = skip(at + 1, " \t\r\n");
    if (begin >= text_.size()) return std::nullopt;
    const std::size_t quote = skip(begin, "\\");
    if (quote < text_.size() && is_quote(text_[quote]))
      return std::pair{quote + 1, end_of_quoted(quote, quote > begin)};
    if (text_[begin] == '[' || text_[begin] == '{') return std::pair{begin, end_of_nested(begin)};
    if (quoted_name) return std::pair{begin, until(begin, ",}] \t\r\n")};
    return std::pair{begin, until(begin, assigned ? "&;, \t\r\n\"'<>\\" : "\r\n\"\\")};
  }

 private:
  std::size_t skip(std::size_t at, std::string_view what) const {
    return std::min(text_.find_first_not_of(what, at), text_.size());
  }
  // `escaped`: the quotes themselves are, as in JSON within JSON.
  std::size_t end_of_quoted(std::size_t open, bool escaped) const {
    for (std::size_t at = open + 1; at < text_.size(); ++at) {
      if (text_[at] == text_[open]) return at;
      if (text_[at] != '\\') continue;
      if (escaped && at + 1 < text_.size() && text_[at + 1] == text_[open]) return at;
      ++at;
    }
    return text_.size();
  }
  std::size_t end_of_nested(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t at = open; at < text_.size(); ++at) {
      if (text_[at] == '"') at = end_of_quoted(at, false);
      else if (text_[at] == '[' || text_[at] == '{') ++depth;
      else if ((text_[at] == ']' || text_[at] == '}') && --depth == 0) return at + 1;
    }
    return text_.size();
  }

  std::string_view text_;
};

std::optional<char> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<char>(c - '0');
  const char low = static_cast<char>(c | 0x20);
  if (low >= 'a' && low <= 'f') return static_cast<char>(low - 'a' + 10);
  return std::nullopt;
}

// What the three characters at `at`, a % and two digits, stand for.
std::optional<char> encoded_at(std::string_view text, std::size_t at) {
  const auto high = hex_digit(text[at + 1]), low = hex_digit(text[at + 2]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

enum class Match : std::uint8_t { kNo, kWhole, kCutShort };  // kCutShort: the text ended within it

struct Found {
  Match match = Match::kNo;
  std::size_t end = 0;
};

// Whether `secret` stands there, any of its bytes percent-encoded or not: paths, queries and forms
// each leave other characters as they are.
Found found_at(std::string_view text, std::size_t at, std::string_view secret) {
  if (text.substr(at).starts_with(secret)) return {Match::kWhole, at + secret.size()};
  for (const char c : secret) {
    if (at == text.size()) return {Match::kCutShort, at};
    const bool escape = text[at] == '%';
    if (escape && at + 3 > text.size()) return {Match::kCutShort, text.size()};
    if (escape && encoded_at(text, at) == c) at += 3;
    else if (text[at] == c || (c == ' ' && text[at] == '+')) ++at;
    else return {};
  }
  return {Match::kWhole, at};
}

std::string without(std::string_view text, std::string_view secret) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const Found found = found_at(text, at, secret);
    if (found.match == Match::kWhole) {
      result += kMask;
      at = found.end;
    } else {
      result += text[at++];
    }
  }
  return result;
}

std::string without_secrets(std::string text, std::vector<std::string> secrets, Ends ends) {
  std::erase(secrets, "");
  // The longest first: one may be a part of another.
  std::ranges::sort(secrets, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::string& secret : secrets) text = without(text, secret);
  if (ends == Ends::kWhole) return text;
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const std::string& secret : secrets)
      if (found_at(text, at, secret).match == Match::kCutShort)
        return text.substr(0, at).append(kMask);
  return text;
}

std::string without_tokens(std::string_view text) {
  const Scanner scanner{text};
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_word(text[at])) {
      result += text[at++];
      continue;
    }
    const std::size_t end = scanner.while_word(at);
    const std::string_view word = text.substr(at, end - at);
    // "eyJ" is what every JWT's header, {"…, begins with in base64url.
    if (const auto jwt = word.find("eyJ"); jwt != std::string_view::npos) {
      result.append(word.substr(0, jwt)).append(kMask);
      at = end;
      while (at < text.size() && (is_word(text[at]) || text[at] == '.')) ++at;
      continue;
    }
    result += word;
    at = end;
    if (!is_telling(word)) continue;
    const auto value = scanner.value_after(at);
    if (!value || value->first == value->second) continue;
    result.append(text.substr(at, value->first - at)).append(kMask);
    at = value->second;
  }
  return result;
}

}  // namespace

std::vector<std::string> forms_of(const std::vector<std::string>& secrets) {
  std::vector<std::string> forms;
  const auto add = [&](std::string form) {
    if (!form.empty() && std::ranges::find(forms, form) == forms.end())
      forms.push_back(std::move(form));
  };
  for (const std::string& secret : secrets) {
    add(secret);
    const std::string quoted = nlohmann::json(secret).dump(
        -1, ' ', false, nlohmann::json::error_handler_t::replace);
    add(quoted.substr(1, quoted.size() - 2));
  }
  return forms;
}

std::string masked(std::string_view text, const std::vector<std::string>& secrets, Ends ends) {
  return without_tokens(without_secrets(std::string{text}, secrets, ends));
}

}  // namespace gend::report
