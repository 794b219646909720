#include "http/plain_field.h"

#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "support/seed.h"

namespace gend::http {
namespace {

// The size of the line at the front of `bytes`, and its parts.
std::size_t plain_field_line(std::string_view bytes, FieldLine& field) {
  const PlainLine line = http::plain_field_line(bytes);
  if (line.size > 0) field = parts_of(bytes, line);
  return line.size;
}

// Lines near the edge of what is right: mostly letters, with a byte of any kind now and then.
std::string random_line(std::mt19937_64& random) {
  constexpr std::string_view kUsual = "abcXYZ-- ::  09/;=\"";
  std::string line;
  const std::size_t size = random() % 60;
  for (std::size_t i = 0; i < size; ++i) {
    const bool any = random() % 50 == 0;
    line += any ? static_cast<char>(random() % 256) : kUsual[random() % kUsual.size()];
  }
  return line;
}

TEST_CASE("what the quick way takes, the strict way takes alike") {
  std::mt19937_64 random{test::seed()};
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    const std::string line = "Name" + random_line(random) + "\r\n";
    const std::string bytes = line + std::string(random() % 3 * 16, 'x');
    FieldLine quick;
    const std::size_t size = plain_field_line(bytes, quick);
    if (size == 0) continue;
    ++taken;
    const FieldLine strict = parse_field_line(std::string_view{line}.substr(0, size));
    REQUIRE(strict.fault == Outcome::kOk);
    REQUIRE(quick.name.size() == strict.name.size());
    REQUIRE(quick.value.size() == strict.value.size());
    REQUIRE(std::string_view{line}.substr(0, quick.name.size()) == strict.name);
  }
#ifdef __SSE2__
  CHECK(taken > 1000);  // or the test says nothing
#else
  CHECK(taken == 0);
#endif
}

TEST_CASE("the quick way takes the usual line wherever it is followed by more") {
#ifdef __SSE2__
  FieldLine field;
  const std::string_view bytes = "Content-Type:  text/html; charset=utf-8 \r\nX: y\r\n0123456789";
  CHECK(plain_field_line(bytes, field) == 42);
  CHECK(field.name == "Content-Type");
  CHECK(field.value == "text/html; charset=utf-8");
#endif
}

TEST_CASE("the quick way takes a line of any length, whatever follows it") {
#ifdef __SSE2__
  for (std::size_t name = 1; name < 50; ++name)
    for (std::size_t value = 0; value < 70; ++value)
      for (const std::size_t behind : {0, 1, 15, 16, 40}) {
        const std::string line =
            std::string(name, 'n') + ":" + std::string(value, 'v') + "\r\n";
        FieldLine field;
        const std::size_t size = plain_field_line(line + std::string(behind, 'b'), field);
        const bool seen = line.size() + behind >= 16;
        REQUIRE(size == (seen ? line.size() : 0));
        if (!seen) continue;
        REQUIRE(field.name.size() == name);
        REQUIRE(field.value.size() == value);
      }
#endif
}

TEST_CASE("the quick way over a line without a name ends at the first byte that is not plain") {
#ifdef __SSE2__
  const std::string fill(40, 'f');
  CHECK(plain_line("HTTP/1.1 200 OK\r\n" + fill, 12) == 17);
  CHECK(plain_line("HTTP/1.1 200 " + fill + "\r\n" + fill, 12) == 55);
  CHECK(plain_line("HTTP/1.1 200 " + fill, 12) == 0);
  CHECK(plain_line("HTTP/1.1 200 " + fill + "\r", 12) == 0);
  for (const char c : {'\0', '\t', '\n', '\x1f', '\x7f', '\x80', '\xff'}) {
    CAPTURE(static_cast<int>(c));
    CHECK(plain_line("HTTP/1.1 200 a" + std::string(1, c) + "b\r\n" + fill, 12) == 0);
  }
  for (char c = ' '; c < '\x7f'; ++c)
    CHECK(plain_line("HTTP/1.1 200 a" + std::string(1, c) + "b\r\n" + fill, 12) == 18);
#endif
}

// Every byte that a token or a value may hold, in every place of words of all the sizes that
// is_word() reads differently.
template <std::size_t kSize>
void check_word(const char (&word)[kSize]) {
  const std::string_view wanted{word, kSize - 1};
  for (std::size_t at = 0; at < wanted.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text{wanted};
      text[at] = static_cast<char>(byte);
      if (!is_value_char(text[at])) continue;
      CAPTURE(text);
      REQUIRE(is_word(text, word) == equals_ignoring_case(text, wanted));
    }
  CHECK(!is_word(wanted.substr(1), word));
  CHECK(!is_word(std::string{wanted} + "x", word));
  CHECK(!is_word("", word));
}

TEST_CASE("a word is itself in any case, and nothing else is") {
  check_word("close");
  check_word("location");
  check_word("keep-alive");
  check_word("content-encoding");
  check_word("transfer-encoding");
  CHECK(is_word("KEEP-Alive", "keep-alive"));
  CHECK(is_word("Transfer-Encoding", "transfer-encoding"));
}

TEST_CASE("the quick way leaves alone what it cannot see the end of") {
  FieldLine field;
  CHECK(plain_field_line("", field) == 0);
  CHECK(plain_field_line("A: b\r\n", field) == 0);
  CHECK(plain_field_line("Name-without-an-end-in-these-bytes", field) == 0);
  CHECK(plain_field_line("Name: value-without-an-end-in-these-bytes", field) == 0);
}

}  // namespace
}  // namespace gend::http
