#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/assert.h"
#include "plan/formula_parse.h"
#include "plan/render_piece.h"

namespace gend::plan {

namespace {

// What lies on the stack. Texts are in the evaluation's buffer, by place, since it may move.
struct Operand {
  enum class Kind : std::uint8_t { kNumber, kText, kTruth };
  Kind kind = Kind::kNumber;
  double number = 0;  // kTruth: 0 or 1
  std::size_t offset = 0, size = 0;
};

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || !std::isfinite(value)) return std::nullopt;
  return value;
}

class Evaluation {
 public:
  explicit Evaluation(const RenderContext& context) : context_{context} { texts_.clear(); }

  RenderFault run(const Formula& formula);

  const Operand& result() const { return stack_[0]; }
  bool truth_of(const Operand& operand) const;
  std::optional<double> number_of(const Operand& operand) const;
  std::string_view text_of(const Operand& operand);

 private:
  using Op = Formula::Op;

  RenderFault push_text(const Template& text);
  RenderFault arithmetic(Op op);
  void compare(Op op);
  bool holds(Op op, const Operand& a, const Operand& b);
  Operand pop() { return stack_[--depth_]; }
  void push(Operand operand) {
    GEND_ASSERT(depth_ < stack_.size());
    stack_[depth_++] = operand;
  }
  void push_truth(bool value) {
    push({.kind = Operand::Kind::kTruth, .number = value ? 1.0 : 0.0});
  }
  std::string_view stored(const Operand& operand) const {
    return texts_.view().substr(operand.offset, operand.size);
  }

  const RenderContext& context_;
  std::array<Operand, kFormulaDepth> stack_;
  std::size_t depth_ = 0;
  // Of the thread, so that a steady state allocates nothing.
  static thread_local TextBuffer texts_;
};

thread_local TextBuffer Evaluation::texts_;

RenderFault Evaluation::run(const Formula& formula) {
  for (const Formula::Instruction& instruction : formula.code) {
    RenderFault fault = RenderFault::kNone;
    switch (instruction.op) {
      case Op::kNumber: push({.number = instruction.number}); break;
      case Op::kText: fault = push_text(instruction.text); break;
      case Op::kNegate:
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kModulo: fault = arithmetic(instruction.op); break;
      case Op::kNot: push_truth(!truth_of(pop())); break;
      case Op::kEqual:
      case Op::kNotEqual:
      case Op::kLess:
      case Op::kLessEqual:
      case Op::kGreater:
      case Op::kGreaterEqual:
      case Op::kContains:
      case Op::kAnd:
      case Op::kOr: compare(instruction.op); break;
    }
    if (fault != RenderFault::kNone) return fault;
  }
  GEND_ASSERT(depth_ == 1);
  return RenderFault::kNone;
}

RenderFault Evaluation::push_text(const Template& text) {
  const std::size_t begin = texts_.size();
  for (const Piece& piece : text.pieces) {
    const RenderFault fault = render_piece(piece, context_, texts_);
    // A value that is not set is the empty text here, so that a plan can ask for it.
    if (fault != RenderFault::kNone && fault != RenderFault::kUnset) return fault;
  }
  push({.kind = Operand::Kind::kText, .offset = begin, .size = texts_.size() - begin});
  return RenderFault::kNone;
}

RenderFault Evaluation::arithmetic(Op op) {
  const auto right = number_of(pop());
  const auto left = op == Op::kNegate ? std::optional{0.0} : number_of(pop());
  if (!left || !right) return RenderFault::kNotANumber;
  double value = 0;
  if (op == Op::kNegate)
    value = -*right;
  else if (op == Op::kAdd)
    value = *left + *right;
  else if (op == Op::kSubtract)
    value = *left - *right;
  else if (op == Op::kMultiply)
    value = *left * *right;
  else if (op == Op::kDivide)
    value = *left / *right;
  else
    value = std::fmod(*left, *right);
  // Division by zero, overflow.
  if (!std::isfinite(value)) return RenderFault::kNotANumber;
  push({.number = value});
  return RenderFault::kNone;
}

void Evaluation::compare(Op op) {
  const Operand right = pop(), left = pop();
  push_truth(holds(op, left, right));
}

template <class T>
bool ordered(Formula::Op op, const T& left, const T& right) {
  using Op = Formula::Op;
  if (op == Op::kEqual) return left == right;
  if (op == Op::kNotEqual) return left != right;
  if (op == Op::kLess) return left < right;
  if (op == Op::kLessEqual) return left <= right;
  if (op == Op::kGreater) return left > right;
  GEND_ASSERT(op == Op::kGreaterEqual);
  return left >= right;
}

bool Evaluation::holds(Op op, const Operand& a, const Operand& b) {
  if (op == Op::kAnd) return truth_of(a) && truth_of(b);
  if (op == Op::kOr) return truth_of(a) || truth_of(b);
  if (op != Op::kContains) {
    using Kind = Operand::Kind;
    const auto numeric = [&](const Operand& operand) -> std::optional<double> {
      return operand.kind == Kind::kText ? parse_real(stored(operand)) : operand.number;
    };
    // A truth beside a text is its word: `(${a} > 3) == 'true'`.
    const bool words = (a.kind == Kind::kTruth && b.kind == Kind::kText) ||
                       (b.kind == Kind::kTruth && a.kind == Kind::kText);
    const auto left = numeric(a), right = numeric(b);
    if (!words && left && right) return ordered(op, *left, *right);
  }
  // Numbers are written into the buffer first: that may move what views show.
  const auto as_text = [&](const Operand& operand) -> Operand {
    if (operand.kind == Operand::Kind::kText) return operand;
    const std::size_t begin = texts_.size();
    if (operand.kind == Operand::Kind::kTruth)
      texts_.append(operand.number != 0 ? "true" : "false");
    else
      write_real(operand.number, texts_);
    return {.kind = Operand::Kind::kText, .offset = begin, .size = texts_.size() - begin};
  };
  const Operand left = as_text(a), right = as_text(b);
  if (op == Op::kContains) return stored(left).find(stored(right)) != std::string_view::npos;
  return ordered(op, stored(left), stored(right));
}

bool Evaluation::truth_of(const Operand& operand) const {
  if (operand.kind != Operand::Kind::kText) return operand.number != 0;
  const std::string_view text = stored(operand);
  return !text.empty() && text != "0" && text != "false";
}

std::optional<double> Evaluation::number_of(const Operand& operand) const {
  if (operand.kind != Operand::Kind::kText) return operand.number;
  const std::string_view text = stored(operand);
  if (text == "true") return 1;
  if (text == "false") return 0;
  return parse_real(text);
}

std::string_view Evaluation::text_of(const Operand& operand) {
  if (operand.kind == Operand::Kind::kText) return stored(operand);
  if (operand.kind == Operand::Kind::kTruth) return operand.number != 0 ? "true" : "false";
  const std::size_t begin = texts_.size();
  write_real(operand.number, texts_);
  return texts_.view().substr(begin);
}

}  // namespace

RenderFault is_true(const Formula& formula, const RenderContext& context, bool& result) {
  Evaluation evaluation{context};
  const RenderFault fault = evaluation.run(formula);
  if (fault == RenderFault::kNone) result = evaluation.truth_of(evaluation.result());
  return fault;
}

RenderFault number_of(const Formula& formula, const RenderContext& context, double& result) {
  Evaluation evaluation{context};
  const RenderFault fault = evaluation.run(formula);
  if (fault != RenderFault::kNone) return fault;
  const auto number = evaluation.number_of(evaluation.result());
  if (!number) return RenderFault::kNotANumber;
  result = *number;
  return RenderFault::kNone;
}

RenderFault text_of(const Formula& formula, const RenderContext& context, TextBuffer& out) {
  Evaluation evaluation{context};
  const RenderFault fault = evaluation.run(formula);
  if (fault == RenderFault::kNone) out.append(evaluation.text_of(evaluation.result()));
  return fault;
}

}  // namespace gend::plan
