#include "plan/match.h"

#include <algorithm>

#include "http/chars.h"

namespace gend::plan {

namespace {

struct Operator {
  std::string_view text;   // as written
  std::string_view shown;  // in the check's name
  Match match;
};
// Longer ones first where one begins like another.
constexpr Operator kOperators[] = {{"not contains", "does not contain", Match::kNotContains},
                                   {"contains", "contains", Match::kContains},
                                   {"not exists", "does not exist", Match::kNotExists},
                                   {"exists", "exists", Match::kExists},
                                   {"matches", "matches", Match::kMatches},
                                   {"==", "==", Match::kIs},
                                   {"!=", "!=", Match::kIsNot},
                                   {"<=", "<=", Match::kLessEqual},
                                   {">=", ">=", Match::kGreaterEqual},
                                   {"<", "<", Match::kLess},
                                   {">", ">", Match::kGreater},
                                   {"~", "~", Match::kContains}};

bool is_quoted(std::string_view text, std::string_view quotes) {
  return text.size() >= 2 && text.front() == text.back() &&
         quotes.find(text.front()) != std::string_view::npos;
}

bool takes_nothing(Match match) {
  return match == Match::kExists || match == Match::kNotExists;
}

// Whether the operator's word ends where `rest` begins.
bool ends_there(const Operator& op, std::string_view rest) {
  const bool is_word = op.text.front() >= 'a' && op.text.front() <= 'z';
  if (!is_word || rest.empty()) return true;
  return rest[0] == ' ' || rest[0] == '"' || rest[0] == '\'';
}

}  // namespace

std::optional<MatchText> parse_match(std::string_view text) {
  const std::string_view whole = http::trim_blanks(text);
  for (const Operator& op : kOperators) {
    if (!whole.starts_with(op.text)) continue;
    if (!ends_there(op, whole.substr(op.text.size()))) continue;
    std::string_view rest = http::trim_blanks(whole.substr(op.text.size()));
    if (takes_nothing(op.match)) {
      if (!rest.empty()) return std::nullopt;
      return MatchText{op.match, op.shown, {}, 0, false};
    }
    const bool quoted = is_quoted(rest, op.match == Match::kMatches ? "\"'/" : "\"'");
    if (quoted) rest = rest.substr(1, rest.size() - 2);
    const bool may_be_empty = quoted && (op.match == Match::kIs || op.match == Match::kIsNot);
    if (rest.empty() && !may_be_empty) return std::nullopt;
    const auto offset = static_cast<std::size_t>(rest.data() - text.data());
    return MatchText{op.match, op.shown, rest, offset, quoted};
  }
  return std::nullopt;
}

bool begins_with_operator(std::string_view text) {
  return std::ranges::any_of(kOperators, [&](const Operator& op) {
    return text.starts_with(op.text) && ends_there(op, text.substr(op.text.size()));
  });
}

}  // namespace gend::plan
