#include "stats/utf8.h"

#include <doctest/doctest.h>

using namespace gend::stats;

TEST_CASE("code points at the edges of every length are read whole") {
  struct Row {
    std::string_view text;
    char32_t value;
  };
  for (const Row& row : {Row{"\x7f", 0x7f}, Row{"\xc2\x80", 0x80}, Row{"\xdf\xbf", 0x7ff},
                         Row{"\xe0\xa0\x80", 0x800}, Row{"\xed\x9f\xbf", 0xd7ff},
                         Row{"\xee\x80\x80", 0xe000}, Row{"\xef\xbf\xbf", 0xffff},
                         Row{"\xf0\x90\x80\x80", 0x10000}, Row{"\xf4\x8f\xbf\xbf", 0x10ffff}}) {
    const CodePoint got = first_code_point(row.text);
    CHECK(got.value == row.value);
    CHECK(got.bytes == row.text.size());
  }
}

TEST_CASE("what RFC 3629 forbids is not UTF-8") {
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe2\x82",
        "\xc2\x41"})
    CHECK(first_code_point(text).bytes == 0);
}

TEST_CASE("bytes that are not UTF-8 become replacement characters, all others stay") {
  CHECK(valid_utf8("aé水") == "aé水");
  CHECK(valid_utf8("a\xff" "b\xc3") == "a\xef\xbf\xbd" "b\xef\xbf\xbd");
  CHECK(valid_utf8("").empty());
}
