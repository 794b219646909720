#include "plan/source.h"

#include <string>

#include <doctest/doctest.h>

using namespace gend::plan;

TEST_CASE("a byte order mark vanishes and every line ending becomes one") {
  CHECK(normalized("\xEF\xBB\xBF"
                   "a\r\nb\rc\n") == "a\nb\nc\n");
  CHECK(normalized("a\n\rb") == "a\n\nb");
}

TEST_CASE("well-formed UTF-8 of every length is accepted") {
  CHECK(find_invalid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") == std::string::npos);
  CHECK(find_invalid_utf8("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF") == std::string::npos);
}

TEST_CASE(
    "overlong forms, surrogates, too large and cut-off sequences are found where they begin") {
  for (const char* bad :
       {"\xC0\xAF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\x80",
        "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3("}) {
    CAPTURE(bad);
    CHECK(find_invalid_utf8(std::string{"ab"} + bad) == 2);
  }
}
