#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "plan/expression.h"
#include "plan/formula.h"

namespace gend::plan {

// Operands that a formula may have waiting at once.
inline constexpr std::size_t kFormulaDepth = 64;

struct ParsedFormula {
  Formula formula;
  bool has_operator = false;  // more than one operand as it is
  std::string secret{};       // the name of a secret variable in it; empty when there is none
};

struct FormulaErrors {
  bool syntax = false;  // it is no formula at all; else names in it are wrong
  std::vector<ExpressionError> errors;
};

// From the weakest to the strongest: `||`, `&&`, comparisons (== != < <= > >= contains), + and -,
// * / %, then ! and -. Operands: `${…}`, numbers, 'text' or "text" (with `${…}` in it; a backslash
// keeps a quote), true, false, parentheses. `+ - * / %` between operands need blanks around them,
// so that `${a}-${b}` stays a text.
std::expected<ParsedFormula, FormulaErrors> parse_formula(std::string_view text,
                                                          const Scope& scope);

}  // namespace gend::plan
