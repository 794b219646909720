#pragma once

#include <optional>
#include <string_view>

#include "plan/inspect.h"

namespace gend::plan {

// The right side of a check as written: an operator and what stands behind it.
struct MatchText {
  Match match = Match::kIs;
  std::string_view shown;    // the operator in a check's name: "does not contain"
  std::string_view operand;  // without quotes; empty for `exists`
  std::size_t offset = 0;    // of the operand in the text
  bool quoted = false;       // the operand was, so it is text
};

// "contains \"x\"", "~x", "== 3", ">= 3", "matches /x/", "not exists". Empty when the text begins
// with no operator, or where something to look for is missing: nothing is always found.
std::optional<MatchText> parse_match(std::string_view text);

// Whether the text begins like a match, though perhaps a broken one.
bool begins_with_operator(std::string_view text);

constexpr bool is_comparison(Match match) {
  return match == Match::kLess || match == Match::kLessEqual || match == Match::kGreater ||
         match == Match::kGreaterEqual;
}

}  // namespace gend::plan
