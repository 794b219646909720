#include "http/plain_field.h"

#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "support/seed.h"

namespace gend::http {
namespace {

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
    FieldLine quick;
    const std::size_t size = plain_field_line(line + "0123456789abcdef", quick);
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

TEST_CASE("the quick way leaves alone what it cannot see the end of") {
  FieldLine field;
  CHECK(plain_field_line("", field) == 0);
  CHECK(plain_field_line("A: b\r\n", field) == 0);
  CHECK(plain_field_line("Name-without-an-end-in-these-bytes", field) == 0);
  CHECK(plain_field_line("Name: value-without-an-end-in-these-bytes", field) == 0);
}

}  // namespace
}  // namespace gend::http
