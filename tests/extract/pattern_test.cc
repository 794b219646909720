#include "extract/pattern.h"

#include <doctest/doctest.h>

#include <string>

using namespace gend::extract;

namespace {

std::string found(std::string_view pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  REQUIRE(compiled.has_value());
  const auto match = (*compiled)->find(text);
  CHECK((*compiled)->source() == pattern);
  return match ? std::string{*match} : "none";
}

}  // namespace

TEST_CASE("the first group of the first match is found, or the whole match without groups") {
  CHECK(found("order=(\\d+)", "x order=17&order=18") == "17");
  CHECK(found("order=\\d+", "x order=17&order=18") == "order=17");
  CHECK(found("(a)(b)", "ab") == "a");
  CHECK(found("(?:a)(b)", "ab") == "b");
  CHECK(found("order=(\\d+)", "order=") == "none");
  CHECK(found("x(y*)z", "xz") == "");
  CHECK(found("", "abc") == "");
  CHECK(found("a", "") == "none");
}

TEST_CASE("a group that is no part of the match gives nothing") {
  CHECK(found("(a)|b", "b") == "none");
}

TEST_CASE("a dot matches a whole character in UTF-8, and a byte in other text") {
  CHECK(found("<(.)>", "<ä>") == "ä");
  CHECK(found("<(.)>", "<\xE4>") == "\xE4");
  CHECK(found("name=(.+);", "name=M\xFCller;") == "M\xFCller");
  CHECK(found("(ä+)", "xää") == "ää");
  CHECK(found("a(.)b", std::string_view{"a\0b", 3}) == std::string_view{"\0", 1});
}

TEST_CASE("a pattern matches anywhere unless it is anchored") {
  const auto any = Pattern::compile("b+");
  CHECK((*any)->matches("abbc"));
  CHECK_FALSE((*any)->matches("acc"));
  const auto whole = Pattern::compile("^b+$");
  CHECK_FALSE((*whole)->matches("abbc"));
  CHECK((*whole)->matches("bb"));
}

TEST_CASE("what is no expression is refused in RE2's words") {
  for (const char* bad : {"(", "[a", "a{2000}", "(?=a)", "\\1", "*"}) {
    const auto compiled = Pattern::compile(bad);
    REQUIRE_FALSE(compiled.has_value());
    CHECK_FALSE(compiled.error().empty());
  }
  CHECK(Pattern::compile("(").error().find("missing )") != std::string::npos);
}

TEST_CASE("an expression that backtracking would never end with ends") {
  const std::string text(100'000, 'a');
  CHECK(found("(a*)*(a*)*(a*)*b", text) == "none");
}
