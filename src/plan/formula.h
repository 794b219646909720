#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan/template.h"

namespace gend::plan {

// A compiled condition or computation: `${page} + 1`, `${next} != ''`, `${tier} == 'free' && …`.
// Operands are templates' expressions, numbers and quoted text. In the order of a stack machine:
// operands push, operators take theirs from the top. Compiled by formula_parse, run by evaluate.h.
struct Formula {
  enum class Op : std::uint8_t {
    kNumber,  // pushes `number`
    kText,    // pushes the rendered `text`
    kNegate, kNot,
    kAdd, kSubtract, kMultiply, kDivide, kModulo,
    kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual,
    kContains,  // text in text
    kAnd, kOr   // of truths; both sides are evaluated, nothing has side effects
  };
  struct Instruction {
    Op op = Op::kNumber;
    double number = 0;
    Template text{};
  };
  std::vector<Instruction> code;
  Lifetime lifetime = Lifetime::kFixed;
  std::string source{};  // as written, for people
};

}  // namespace gend::plan
