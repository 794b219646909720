#include "plan/formula_parse.h"

#include <string>

#include <doctest/doctest.h>

#include "plan/render.h"

using namespace gend;
using namespace gend::plan;

namespace {

// Values a = "7", b = "text", unset; a variable V = "5".
struct World {
  World() {
    names.collect({});
    scope.names = &names;
    for (const char* name : {"a", "b", "truth", "none"}) {
      slots[name] = names.slot_of_loop(name, 0);
      scope.locals[name] = slots[name];
    }
    values.resize(names.values().size());
    values.set(slots["a"], "7");
    values.set(slots["b"], "text");
    values.set(slots["truth"], "true");
  }
  RenderContext context() { return {.vu = 3, .iteration = 0, .rng = &rng, .values = &values}; }

  Names names;
  Scope scope{{"V", {"5", false}}, {"WORD", {"free", false}}, {"KEY", {"k", true}}};
  std::map<std::string, std::uint32_t> slots;
  Values values;
  Rng rng{1};
};

std::string value_of(const std::string& text) {
  World world;
  const auto parsed = parse_formula(text, world.scope);
  CAPTURE(text);
  REQUIRE(parsed.has_value());
  TextBuffer out;
  if (text_of(parsed->formula, world.context(), out) != RenderFault::kNone) return "fault";
  return std::string{out.view()};
}

bool truth(const std::string& text) {
  World world;
  const auto parsed = parse_formula(text, world.scope);
  CAPTURE(text);
  REQUIRE(parsed.has_value());
  bool result = false;
  REQUIRE(is_true(parsed->formula, world.context(), result) == RenderFault::kNone);
  return result;
}

ExpressionError error_of(const std::string& text) {
  World world;
  const auto parsed = parse_formula(text, world.scope);
  CAPTURE(text);
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error().errors.front();
}

}  // namespace

TEST_CASE("arithmetic follows the school's rules and prints numbers in their shortest form") {
  CHECK(value_of("1 + 2 * 3") == "7");
  CHECK(value_of("(1 + 2) * 3") == "9");
  CHECK(value_of("10 - 2 - 3") == "5");
  CHECK(value_of("1 / 2") == "0.5");
  CHECK(value_of("7 % 4") == "3");
  CHECK(value_of("-3 + 1") == "-2");
  CHECK(value_of("-${a}") == "-7");
  CHECK(value_of("- (1 + 1)") == "-2");
  CHECK(value_of("${a} + 1") == "8");
  CHECK(value_of("${V} + ${vu}") == "8");
  CHECK(value_of("100000 * 10") == "1000000");
  CHECK(value_of("0.1 + 0.2") == "0.30000000000000004");
  CHECK(value_of("0 * -1") == "0");
}

TEST_CASE("what is no number, and what has no result, is a fault") {
  CHECK(value_of("${b} + 1") == "fault");
  CHECK(value_of("${none} + 1") == "fault");
  CHECK(value_of("1 / 0") == "fault");
  CHECK(value_of("1 % 0") == "fault");
}

TEST_CASE("numbers are compared as numbers, anything else byte by byte") {
  CHECK(truth("${a} < 10"));
  CHECK(truth("'10' > '9'"));
  CHECK(truth("${a} == 7.0"));
  CHECK(truth("'abc' < 'abd'"));
  CHECK(truth("${b} == \"text\""));
  CHECK(truth("${b} != 'Text'"));
  CHECK(truth("'10' < 'a'"));
  CHECK(truth("3 >= 3"));
  CHECK(truth("3 <= 3"));
  CHECK_FALSE(truth("3 != 3"));
  CHECK(truth("${WORD} == 'free'"));
  CHECK(truth("${truth} == true"));
  CHECK(truth("(${a} > 3) == true"));
  CHECK(truth("(${a} > 3) == (2 > 1)"));
}

TEST_CASE("a value that is not set is the empty text") {
  CHECK(truth("${none} == ''"));
  CHECK_FALSE(truth("${none}"));
  CHECK(truth("'<${none}>' == '<>'"));
}

TEST_CASE("truth: not 0; neither empty, 0 nor false") {
  for (const char* yes : {"1", "-1", "'x'", "true", "${a}", "'0.0'", "!false", "1 || 0"})
    CHECK(truth(yes));
  for (const char* no : {"0", "''", "'0'", "'false'", "false", "!${a}", "1 && 0", "0.0"})
    CHECK_FALSE(truth(no));
}

TEST_CASE("and binds stronger than or, comparisons stronger than both") {
  CHECK(truth("1 == 1 || 1 == 2 && 1 == 2"));
  CHECK_FALSE(truth("(1 == 1 || 1 == 2) && 1 == 2"));
  CHECK(truth("!0 && !''"));
  CHECK(truth("1 + 1 == 2"));
}

TEST_CASE("contains looks for a text in a text") {
  CHECK(truth("${b} contains 'ex'"));
  CHECK_FALSE(truth("${b} contains 'xe'"));
  CHECK(truth("'a7b' contains ${a}"));
  CHECK(truth("12345 contains 34"));
}

TEST_CASE("quoted text keeps what is in it, expressions are filled in") {
  CHECK(value_of("'a + b'") == "a + b");
  CHECK(value_of("'it\\'s'") == "it's");
  CHECK(value_of("\"<${a}>\"") == "<7>");
}

TEST_CASE("the result of a comparison is a word as text and 1 or 0 as a number") {
  CHECK(value_of("1 < 2") == "true");
  CHECK(value_of("!1") == "false");
  World world;
  const auto parsed = parse_formula("${a} > 3", world.scope);
  double number = 0;
  CHECK(number_of(parsed->formula, world.context(), number) == RenderFault::kNone);
  CHECK(number == 1);
}

TEST_CASE("a formula is as short-lived as what is in it") {
  World world;
  CHECK(parse_formula("1 + ${V}", world.scope)->formula.lifetime == Lifetime::kFixed);
  CHECK(parse_formula("${vu} % 2", world.scope)->formula.lifetime == Lifetime::kPerUser);
  CHECK(parse_formula("${random(1,2)} == 1", world.scope)->formula.lifetime ==
        Lifetime::kPerMessage);
  CHECK(parse_formula("${KEY} == 'x'", world.scope)->secret == "KEY");
}

TEST_CASE("what is no formula is said where it stands") {
  CHECK(error_of("").what == "the formula is empty");
  CHECK(error_of("1 +").what == "\"+\" is not understood here");
  CHECK(error_of("1 + ").what == "the formula ends where a value was expected");
  CHECK(error_of("hello").what == "\"hello\" is not a value");
  CHECK(error_of("(1").what == "`(` without its `)`");
  CHECK(error_of("'a").what == "a text without its closing quote");
  CHECK(error_of("${a").what == "`${` without its `}`");
  CHECK(error_of("1 < 2 < 3").what == "comparisons do not follow each other");
  CHECK(error_of("1x").what == "\"1x\" is not a number");
  CHECK(error_of("${a} ${b}").offset == 5);
  CHECK(error_of("${a}-1").remedy == "put blanks around + - * / %, and text into quotes");
  CHECK(error_of("1 == ${A}").what == "variable \"A\" is not declared");
  CHECK(error_of("1 == ${A}").offset == 5);
  CHECK(error_of(std::string(40, '(') + "1").what == "the formula is too deep");
  CHECK(error_of(std::string(40, '!') + "1").what == "the formula is too deep");
}

TEST_CASE("a text with a sign between values without blanks is no formula") {
  World world;
  for (const char* text : {"${a}-${b}", "${a}/${b}", "${a}%", "hello ${b}", "2024-01-02"}) {
    const auto parsed = parse_formula(text, world.scope);
    CAPTURE(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().syntax);
  }
  CHECK_FALSE(parse_formula("${a}", world.scope)->has_operator);
  CHECK_FALSE(parse_formula("007", world.scope)->has_operator);
  CHECK_FALSE(parse_formula("-5", world.scope)->has_operator);
  CHECK(parse_formula("${a} - 1", world.scope)->has_operator);
}
