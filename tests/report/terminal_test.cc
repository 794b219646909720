#include "report/terminal.h"

#include <doctest/doctest.h>

#include <string>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using namespace gend::report;

TEST_CASE("no name can move the cursor, forge a line or turn the text around") {
  CHECK(escaped("plain é 水 ✓") == "plain é 水 ✓");
  CHECK(escaped("a\nb\r\tc") == "a\\nb\\r\\tc");
  CHECK(escaped("\x1b[31mred") == "\\x1b[31mred");
  CHECK(escaped(std::string_view{"\0", 1}) == "\\x00");
  CHECK(escaped("\x7f") == "\\x7f");
  CHECK(escaped("\xc2\x9b" "31m") == "\\x9b31m");  // U+009B, CSI in one byte of ISO 6429
  CHECK(escaped("\xe2\x80\xae" "gpj.exe") == "\\u{202e}gpj.exe");
  CHECK(escaped("\xe2\x81\xa6") == "\\u{2066}");
}

TEST_CASE("bytes that are not UTF-8 are shown as such") {
  CHECK(escaped("\xff\xfe") == "\\xff\\xfe");
  CHECK(escaped("a\xc3") == "a\\xc3");
  CHECK(escaped("\xc0\xaf") == "\\xc0\\xaf");              // overlong '/'
  CHECK(escaped("\xe0\x80\x8a") == "\\xe0\\x80\\x8a");     // overlong newline
  CHECK(escaped("\xed\xa0\x80") == "\\xed\\xa0\\x80");     // a surrogate
  CHECK(escaped("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
}

TEST_CASE("escaping leaves no control byte, whatever the bytes are") {
  Rng rng{test::seed()};
  for (int round = 0; round < 2000; ++round) {
    std::string text(rng.below(40), '\0');
    for (char& c : text) c = static_cast<char>(rng.below(256));
    const std::string shown = escaped(text);
    for (const char c : shown) CHECK(static_cast<unsigned char>(c) >= 0x20);
    CHECK(escaped(shown) == shown);
  }
}

TEST_CASE("columns are those of the terminal, not bytes") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("12.3µs") == 6);
  CHECK(columns_of("✓") == 1);
  CHECK(columns_of("水道") == 4);
  CHECK(columns_of("e\xcc\x81") == 1);  // e and a combining acute accent
  CHECK(left("µ", 3) == "µ  ");
  CHECK(right("µ", 3) == "  µ");
  CHECK(left("long", 2) == "long");
}

TEST_CASE("what is too long ends in an ellipsis and takes no more than its columns") {
  CHECK(shortened("short", 5) == "short");
  CHECK(shortened("shorter", 5) == "shor…");
  CHECK(shortened("水道水道", 4) == "水…");
  CHECK(shortened("x", 0).empty());
  for (std::size_t width = 1; width < 12; ++width)
    CHECK(columns_of(shortened("a水b道c水d", width)) <= width);
}

TEST_CASE("prose breaks at spaces and stays inside its columns") {
  CHECK(wrapped("one two three", 80, 2) == "one two three");
  CHECK(wrapped("one two three", 7, 2) == "one two\n  three");
  CHECK(wrapped("unbreakable it is", 5, 0) == "unbreakable\nit is");
  CHECK(wrapped("", 5, 0).empty());
}

TEST_CASE("without colour not a single escape is written") {
  CHECK(painted("text", Paint::kBad, Colour::kOff) == "text");
  CHECK(painted("text", Paint::kBad, Colour::kOn) == "\x1b[31mtext\x1b[0m");
  CHECK(painted("", Paint::kBad, Colour::kOn).empty());
}
