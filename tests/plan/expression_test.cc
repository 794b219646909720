#include "plan/expression.h"

#include <string>

#include <doctest/doctest.h>

using namespace gend::plan;

namespace {

const Scope kScope{{"HOST", {"h:1", false}}, {"WORDS", {"a \"b\"&c", false}}, {"KEY", {"k", true}}};

std::string what(std::string_view text) {
  const auto filled = fill(text, kScope, Escaping::kNone);
  REQUIRE_FALSE(filled.has_value());
  return filled.error().front().what;
}

}  // namespace

TEST_CASE("declared variables become part of the literal") {
  const auto filled = fill("http://${HOST}/${ HOST }", kScope, Escaping::kNone);
  REQUIRE(filled.has_value());
  CHECK(filled->text.pieces.size() == 1);
  CHECK(fixed_text(filled->text) == "http://h:1/h:1");
  CHECK(filled->text.lifetime == Lifetime::kFixed);
  CHECK(filled->secret.empty());
}

TEST_CASE("a dollar before the braces makes them literal") {
  CHECK(fixed_text(fill("$${HOST}", kScope, Escaping::kNone)->text) == "${HOST}");
  CHECK(fixed_text(fill("a$b$", kScope, Escaping::kNone)->text) == "a$b$");
  CHECK(fixed_text(fill("${HOST}$${x}${HOST}", kScope, Escaping::kNone)->text) == "h:1${x}h:1");
}

TEST_CASE("a text is as short-lived as its shortest-lived expression") {
  const auto lifetime = [](std::string_view text) {
    return fill(text, kScope, Escaping::kNone)->text.lifetime;
  };
  CHECK(lifetime("x") == Lifetime::kFixed);
  CHECK(lifetime("${vu}") == Lifetime::kPerUser);
  CHECK(lifetime("${vu}${iteration}") == Lifetime::kPerIteration);
  CHECK(lifetime("${uuid} ${vu}") == Lifetime::kPerMessage);
  for (const char* each : {"${random(1,2)}", "${randomString(3)}", "${now}", "${timestamp}"}) {
    CAPTURE(each);
    CHECK(lifetime(each) == Lifetime::kPerMessage);
  }
}

TEST_CASE("arguments of functions are kept") {
  const auto text = fill("${random(-5, 7)}${randomString(12)}", kScope, Escaping::kNone)->text;
  REQUIRE(text.pieces.size() == 2);
  CHECK(text.pieces[0].a == -5);
  CHECK(text.pieces[0].b == 7);
  CHECK(text.pieces[1].a == 12);
}

TEST_CASE("variables are escaped for where they stand") {
  CHECK(fixed_text(fill("${WORDS}", kScope, Escaping::kJsonString)->text) == "a \\\"b\\\"&c");
  CHECK(fixed_text(fill("${WORDS}", kScope, Escaping::kQueryValue)->text) == "a%20%22b%22%26c");
}

TEST_CASE("the value of a variable is never expanded again") {
  const Scope scope{{"A", {"${B}", false}}, {"B", {"x", false}}};
  CHECK(fixed_text(fill("${A}", scope, Escaping::kNone)->text) == "${B}");
}

TEST_CASE("a secret in a text is named") {
  CHECK(fill("Bearer ${KEY}", kScope, Escaping::kNone)->secret == "KEY");
}

TEST_CASE("every mistake in an expression is said in its own words") {
  CHECK(what("${HOTS}") == "variable \"HOTS\" is not declared");
  CHECK(what("${HOST") == "`${` without its `}`");
  CHECK(what("${}") == "\"\" is not an expression");
  CHECK(what("${a + 1}") == "\"a + 1\" is not an expression");
  CHECK(what("${random(1)}") == "${random(1)}: 2 arguments, found 1");
  CHECK(what("${random(a,2)}") == "${random(a,2)}: \"a\" is not a whole number");
  CHECK(what("${random(2,1)}") == "${random(2,1)}: the lower bound is above the upper one");
  CHECK(what("${random(1,2}") == "${random(1,2}: `(` without its `)`");
  CHECK(what("${randomString(0)}") == "${randomString(0)}: the length must be from 1 to 65536");
  CHECK(what("${vu(1)}") == "${vu(1)}: 0 arguments, found 1");
  CHECK(what("${user.email}") == "data \"user\" is not declared");
  CHECK(what("${stamp}") == "`${stamp}` has a meaning in the messages of a session only");
}

TEST_CASE("all mistakes of a text come together, each with its place") {
  const auto filled = fill("${A} and ${B}", {}, Escaping::kNone);
  REQUIRE_FALSE(filled.has_value());
  REQUIRE(filled.error().size() == 2);
  CHECK(filled.error()[0].offset == 0);
  CHECK(filled.error()[1].offset == 9);
}

TEST_CASE("JSON strings escape quotes, backslashes and control characters") {
  CHECK(json_string_content("a\"\\\n\r\t\x01é") == "a\\\"\\\\\\n\\r\\t\\u0001é");
}
