#include "http/known_heads.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

#include "http/cases.h"
#include "http/facts.h"
#include "support/seed.h"

namespace gend::test {
namespace {

using enum RequestMethod;

// What the parser says with those heads known, beside what it says without.
std::string difference_with(http::KnownHeads& known, std::string_view bytes,
                            RequestMethod method = kGet) {
  const Facts plain = parse(bytes, whole(bytes), method, Keep::kNothing);
  return difference(plain, parse(bytes, whole(bytes), method, Keep::kNothing, &known));
}

bool may_be_known(const Facts& facts) {
  const bool noted = facts.noted.find_first_not_of('|') != std::string::npos;
  return facts.complete && facts.status >= 200 && facts.interim == 0 && !noted;
}

TEST_CASE("every conformance case says the same when its head is known") {
  http::KnownHeads known;
  int found = 0;
  for (const ResponseCase& c : response_cases()) {
    CAPTURE(c.name);
    for (const RequestMethod method : {kGet, kGet, kHead, kGet})
      CHECK(difference_with(known, c.raw, method) == "");
    const Facts facts = parse(c.raw, whole(c.raw), kGet, Keep::kNothing);
    const bool is_known = known.find(c.raw) != nullptr;
    if (may_be_known(facts) && c.raw.size() <= http::KnownHeads::kLongest) CHECK(is_known);
    if (facts.complete && !may_be_known(facts)) CHECK_FALSE(is_known);
    found += is_known ? 1 : 0;
  }
  CHECK(found >= 50);  // of 132 that are right, some of which redirect or set cookies
}

TEST_CASE("a head that differs in one byte is another head") {
  const std::string bytes =
      "HTTP/1.1 200 OK\r\nServer: x\r\nDate: Sun, 22 Nov 2026 02:00:00 GMT\r\n"
      "Content-Length: 10\r\nConnection: keep-alive\r\n\r\n0123456789";
  http::KnownHeads known;
  std::mt19937_64 random{seed()};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int n = 0; n < 8; ++n) {
      CHECK(difference_with(known, bytes) == "");
      CHECK(known.find(bytes) != nullptr);
      std::string other = bytes;
      other[i] = static_cast<char>(random());
      CAPTURE(other);
      CHECK(difference_with(known, other) == "");
    }
}

TEST_CASE("heads that take each other's place are never mistaken") {
  http::KnownHeads known;
  std::mt19937_64 random{seed()};
  for (int n = 0; n < 20'000; ++n) {
    const std::size_t size = random() % 24;
    std::string bytes = "HTTP/1.1 " + std::to_string(200 + random() % 3 * 100 + random() % 2) +
                        " OK\r\n" + (random() % 2 != 0 ? "A: b\r\n" : "") + "Content-Length: " +
                        std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    CAPTURE(bytes);
    CHECK(difference_with(known, bytes, random() % 4 == 0 ? kHead : kGet) == "");
  }
}

TEST_CASE("a head of more than a kibibyte, or one that came in pieces, is not kept") {
  http::KnownHeads known;
  const auto answer = [](std::size_t filler) {
    return "HTTP/1.1 200 OK\r\nA: " + std::string(filler, 'x') + "\r\nContent-Length: 0\r\n\r\n";
  };
  const std::size_t around = answer(0).size();
  for (const std::size_t size : {http::KnownHeads::kLongest, http::KnownHeads::kLongest + 1}) {
    const std::string bytes = answer(size - around);
    CHECK(difference_with(known, bytes) == "");
    CHECK((known.find(bytes) != nullptr) == (size <= http::KnownHeads::kLongest));
  }
  const std::string bytes = answer(1);
  parse(bytes, {20, bytes.size() - 20}, kGet, Keep::kNothing, &known);
  CHECK(known.find(bytes) == nullptr);
}

}  // namespace
}  // namespace gend::test
