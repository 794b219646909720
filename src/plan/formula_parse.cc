#include "plan/formula_parse.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "plan/reporter.h"
#include "plan/units.h"

namespace gend::plan {

namespace {

using Op = Formula::Op;

struct Operator {
  std::string_view text;
  Op op;
  int level;  // higher binds stronger
  bool needs_blanks;
};
// Longer ones first: `<=` before `<`.
constexpr std::array<Operator, 14> kOperators{{{"||", Op::kOr, 0, false},
                                               {"&&", Op::kAnd, 1, false},
                                               {"==", Op::kEqual, 2, false},
                                               {"!=", Op::kNotEqual, 2, false},
                                               {"<=", Op::kLessEqual, 2, false},
                                               {">=", Op::kGreaterEqual, 2, false},
                                               {"<", Op::kLess, 2, false},
                                               {">", Op::kGreater, 2, false},
                                               {"contains", Op::kContains, 2, true},
                                               {"+", Op::kAdd, 3, true},
                                               {"-", Op::kSubtract, 3, true},
                                               {"*", Op::kMultiply, 4, true},
                                               {"/", Op::kDivide, 4, true},
                                               {"%", Op::kModulo, 4, true}}};
constexpr std::size_t kNesting = 32;  // parentheses and signs

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Parser {
 public:
  Parser(std::string_view text, const Scope& scope) : text_{text}, scope_{scope} {}

  std::expected<ParsedFormula, FormulaErrors> run();

 private:
  bool binary(int level);
  bool unary();
  bool operand();
  bool quoted(char quote);
  bool number();
  bool parentheses();
  const Operator* operator_here() const;

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool blank_at(std::size_t i) const {
    return i < text_.size() && (text_[i] == ' ' || text_[i] == '\t');
  }
  void skip_blanks() {
    while (blank_at(at_)) ++at_;
  }
  bool fail(std::string what, std::string remedy = {}) {
    if (!syntax_error_) syntax_error_ = ExpressionError{at_, std::move(what), std::move(remedy)};
    return false;
  }
  void emit(Op op) {
    out_.has_operator = true;
    out_.formula.code.push_back({.op = op});
    if (op != Op::kNot && op != Op::kNegate) --depth_;
  }
  bool emit_operand(Formula::Instruction instruction) {
    if (++depth_ > kFormulaDepth) return fail("the formula is too deep");
    out_.formula.lifetime = std::max(out_.formula.lifetime, instruction.text.lifetime);
    out_.formula.code.push_back(std::move(instruction));
    return true;
  }
  bool emit_text(std::size_t begin, std::string_view source);

  std::string_view text_;
  const Scope& scope_;
  std::size_t at_ = 0, depth_ = 0, nesting_ = 0;
  ParsedFormula out_;
  std::optional<ExpressionError> syntax_error_;
  std::vector<ExpressionError> name_errors_;
};

std::expected<ParsedFormula, FormulaErrors> Parser::run() {
  skip_blanks();
  if (at_ == text_.size()) fail("the formula is empty");
  if (!syntax_error_ && binary(0) && at_ < text_.size()) {
    fail(fmt::format("{} is not understood here", quote(text_.substr(at_))),
         "put blanks around + - * / %, and text into quotes");
  }
  if (syntax_error_) return std::unexpected{FormulaErrors{true, {*syntax_error_}}};
  if (!name_errors_.empty()) return std::unexpected{FormulaErrors{false, std::move(name_errors_)}};
  out_.formula.source = text_;
  return std::move(out_);
}

// The operator at the place that is reached; nullptr when there is none.
const Operator* Parser::operator_here() const {
  for (const Operator& candidate : kOperators) {
    if (!text_.substr(at_).starts_with(candidate.text)) continue;
    const bool blanks = at_ > 0 && blank_at(at_ - 1) && blank_at(at_ + candidate.text.size());
    if (candidate.needs_blanks && !blanks) continue;
    return &candidate;
  }
  return nullptr;
}

bool Parser::binary(int level) {
  constexpr int kStrongest = 4;
  if (level > kStrongest) return unary();
  if (!binary(level + 1)) return false;
  while (true) {
    skip_blanks();
    const Operator* found = operator_here();
    if (found == nullptr || found->level != level) return true;
    at_ += found->text.size();
    skip_blanks();
    if (!binary(level + 1)) return false;
    emit(found->op);
    // `1 < 2 < 3` does not mean what it says.
    constexpr int kComparisons = 2;
    skip_blanks();
    const Operator* next = operator_here();
    if (level == kComparisons && next != nullptr && next->level == kComparisons) {
      return fail("comparisons do not follow each other", "join them with &&");
    }
  }
}

bool Parser::unary() {
  const char sign = peek();
  const bool of_number = at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
  if ((sign != '!' && sign != '-') || (sign == '-' && of_number)) return operand();
  if (++nesting_ > kNesting) return fail("the formula is too deep");
  ++at_;
  skip_blanks();
  if (!unary()) return false;
  --nesting_;
  emit(sign == '!' ? Op::kNot : Op::kNegate);
  return true;
}

bool Parser::operand() {
  const char first = peek();
  if (first == '(') return parentheses();
  if (first == '\'' || first == '"') return quoted(first);
  if (is_digit(first) || first == '-') return number();
  if (text_.substr(at_).starts_with("${")) {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return fail("`${` without its `}`");
    const std::size_t begin = at_;
    at_ = end + 1;
    return emit_text(begin, text_.substr(begin, at_ - begin));
  }
  for (const std::string_view word : {"true", "false"}) {
    if (!text_.substr(at_).starts_with(word)) continue;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && is_variable_name(text_.substr(end, 1))) continue;
    at_ = end;
    return emit_text(end - word.size(), word);
  }
  if (at_ == text_.size()) return fail("the formula ends where a value was expected");
  return fail(fmt::format("{} is not a value", quote(text_.substr(at_))),
              "write ${name}, a number, 'text', true or false");
}

bool Parser::parentheses() {
  if (++nesting_ > kNesting) return fail("the formula is too deep");
  ++at_;
  skip_blanks();
  if (!binary(0)) return false;
  skip_blanks();
  if (peek() != ')') return fail("`(` without its `)`");
  ++at_;
  --nesting_;
  out_.has_operator = true;
  return true;
}

bool Parser::quoted(char quote) {
  const std::size_t begin = ++at_;
  std::string inside;
  while (at_ < text_.size() && text_[at_] != quote) {
    const bool escaped = text_[at_] == '\\' && at_ + 1 < text_.size() &&
                         (text_[at_ + 1] == quote || text_[at_ + 1] == '\\');
    if (escaped) ++at_;
    inside += text_[at_++];
  }
  if (at_ >= text_.size()) return fail("a text without its closing quote");
  ++at_;
  return emit_text(begin, inside);
}

bool Parser::number() {
  std::size_t end = at_ + (peek() == '-' ? 1 : 0);
  const auto digits = [&] {
    while (end < text_.size() && is_digit(text_[end])) ++end;
  };
  digits();
  if (end < text_.size() && text_[end] == '.') {
    ++end;
    digits();
  }
  const std::string_view written = text_.substr(at_, end - at_);
  const auto value = parse_number(written);
  const bool goes_on = end < text_.size() && is_variable_name(text_.substr(end, 1));
  if (!value || goes_on) return fail(fmt::format("{} is not a number", quote(text_.substr(at_))));
  at_ = end;
  return emit_operand({.op = Op::kNumber, .number = *value});
}

bool Parser::emit_text(std::size_t begin, std::string_view source) {
  auto filled = fill(source, scope_, Escaping::kNone);
  if (!filled) {
    for (ExpressionError& error : filled.error()) {
      error.offset += begin;
      name_errors_.push_back(std::move(error));
    }
    return emit_operand({.op = Op::kText});
  }
  if (!filled->secret.empty()) out_.secret = filled->secret;
  return emit_operand({.op = Op::kText, .text = std::move(filled->text)});
}

}  // namespace

std::expected<ParsedFormula, FormulaErrors> parse_formula(std::string_view text,
                                                          const Scope& scope) {
  return Parser{text, scope}.run();
}

}  // namespace gend::plan
