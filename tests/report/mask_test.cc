#include "report/mask.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/rng.h"
#include "support/seed.h"

using namespace gend;
using report::Ends;
using report::masked;

namespace {

std::string mask(std::string_view text) { return masked(text, {}, Ends::kWhole); }

}  // namespace

TEST_CASE("a plan's secret is masked wherever it stands, the longest first") {
  const std::vector<std::string> secrets{"hunter", "hunter2!", ""};
  CHECK(masked("a hunter2! b hunter c", secrets, Ends::kWhole) == "a *** b *** c");
  CHECK(masked("nothing here", secrets, Ends::kWhole) == "nothing here");
  CHECK(masked("", secrets, Ends::kCutOff).empty());
}

TEST_CASE("a secret is masked however much of it is percent-encoded") {
  const std::vector<std::string> secrets{"a/b the=c&d%"};
  for (const char* text : {"a/b the=c&d%", "a%2Fb%20the%3Dc%26d%25", "a%2fb+the%3dc%26d%25",
                           "a/b%20the=c&d%25", "%61/b%20the=c&d%", "a/b+the=c&d%"})
    CHECK(masked(std::string{"/x/"} + text + "/y", secrets, Ends::kWhole) == "/x/***/y");
  for (const char* text : {"a%2", "a%", "a/b%20the%3", "a/b+th"})
    CHECK(masked(text, secrets, Ends::kCutOff) == "***");
  for (const char* text : {"a%2Gb", "a%2Eb the=c&d%", "A/b the=c&d%"})
    CHECK(masked(text, secrets, Ends::kWhole) == text);
}

TEST_CASE("the beginning of a secret at the end of what was cut off is masked") {
  const std::vector<std::string> secrets{"correct horse"};
  const std::string whole = "x=correct horse";
  for (std::size_t n = 3; n < whole.size(); ++n)
    CHECK(masked(std::string_view{whole}.substr(0, n), secrets, Ends::kCutOff) == "x=***");
  CHECK(masked("x=corr", secrets, Ends::kWhole) == "x=corr");
}

TEST_CASE("tokens that look like JWTs are masked, whole or not") {
  CHECK(mask("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_9 ok") == "got *** ok");
  CHECK(mask("got eyJhbGciOi") == "got ***");
}

TEST_CASE("values of telling names are masked in JSON") {
  CHECK(mask(R"({"access_token":"abc","n":1})") == R"({"access_token":"***","n":1})");
  CHECK(mask(R"({"apiKey": 12345, "n": 1})") == R"({"apiKey": ***, "n": 1})");
  CHECK(mask(R"({"password":"a\"b","n":1})") == R"({"password":"***","n":1})");
  CHECK(mask(R"({"tokens":["a","]b"],"n":1})") == R"({"tokens":***,"n":1})");
  CHECK(mask(R"({"secret":{"a":{"b":"c"}},"n":1})") == R"({"secret":***,"n":1})");
  CHECK(mask(R"("{\"token\":\"abc\",\"n\":1}")") == R"("{\"token\":\"***\",\"n\":1}")");
  CHECK(mask(R"({"token":"cut of)") == R"({"token":"***)");
  CHECK(mask(R"({"token":"","n":1})") == R"({"token":"","n":1})");
}

TEST_CASE("values of telling names are masked in parameters and headers") {
  CHECK(mask("/a?token=abc&n=1") == "/a?token=***&n=1");
  CHECK(mask("GET /a?n=1&X-API-Key=abc") == "GET /a?n=1&X-API-Key=***");
  CHECK(mask("Authorization: Bearer abc def\r\nhost: h") == "Authorization: ***\r\nhost: h");
  CHECK(mask("set-cookie: sid=1; path=/\nx: y") == "set-cookie: ***\nx: y");
  CHECK(mask("session_id=abc;other=1") == "session_id=***;other=1");
}

TEST_CASE("what is not telling stays as it is") {
  for (const char* text : {R"({"error":"no stock","id":7})", "/orders?page=2", "tokens are good",
                           "the password", "token", "token:", "token=\"", "a=\\"})
    CHECK(mask(text) == text);
}

TEST_CASE("no bytes a server may send break the masking or let a secret through") {
  Rng rng{test::seed()};
  const std::string_view alphabet = "tokenpasswd\"'\\:={}[], \r\n&;eyJ.x";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::uint64_t n = rng.below(40); n > 0; --n) text += alphabet[rng.below(alphabet.size())];
    const std::size_t at = rng.below(text.size() + 1);
    text.insert(at, "S3CR3T");
    CHECK(masked(text, {"S3CR3T"}, Ends::kWhole).find("S3CR3T") == std::string::npos);
  }
}
