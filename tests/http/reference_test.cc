#include "http/reference.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "base/rng.h"
#include "support/seed.h"

namespace gend::test {
namespace {

using http::ReferenceFault;

std::string resolved(std::string_view base, std::string_view reference) {
  const auto from = http::parse_url(base);
  REQUIRE(from.has_value());
  const auto url = http::resolve_reference(*from, reference);
  if (!url) return url.error() == ReferenceFault::kInvalid ? "invalid" : "other scheme";
  return url->origin() + url->target;
}

constexpr std::string_view kBase = "http://a/b/c/d;p?q";

TEST_CASE("the examples of RFC 3986 5.4 resolve as it says") {
  const std::pair<std::string_view, std::string_view> cases[]{
      // 5.4.1, normal
      {"g:h", "other scheme"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"g;x?y#s", "http://a/b/c/g;x?y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../", "http://a/"},
      {"../../g", "http://a/g"},
      // 5.4.2, abnormal
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/./x", "http://a/b/c/g?y/./x"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/./x", "http://a/b/c/g"},
      {"g#s/../x", "http://a/b/c/g"},
      {"http:g", "invalid"},  // strict
  };
  for (const auto& [reference, expected] : cases) {
    INFO(std::string{reference});
    CHECK(resolved(kBase, reference) == expected);
  }
}

TEST_CASE("an absolute reference stands for itself, the scheme of another is the base's") {
  CHECK(resolved(kBase, "https://Other:8443/x/../y?z#f") == "https://other:8443/y?z");
  CHECK(resolved(kBase, "HTTP://a") == "http://a/");
  CHECK(resolved(kBase, "http://h?q") == "http://h/?q");
  CHECK(resolved("https://a:8443/b", "//h/p") == "https://h/p");
  CHECK(resolved("https://a:8443/b", "/p") == "https://a:8443/p");
  CHECK(resolved("http://[::1]:81/x", "y") == "http://[::1]:81/y");
  CHECK(resolved("http://a/", "x:y") == "other scheme");
  CHECK(resolved("http://a/", "./x:y") == "http://a/x:y");
  CHECK(resolved("http://a/?q=/x/", "g") == "http://a/g");
}

TEST_CASE("what a URL may not hold is encoded or refused") {
  CHECK(resolved(kBase, "/a b/\xC3\xA4") == "http://a/a%20b/%C3%A4");
  CHECK(resolved(kBase, "/%2e%2e/x") == "http://a/%2e%2e/x");
  for (const char* bad : {"http://", "http:///x", "//", "http://a:0/", "http://a:99999/",
                          "http://user@a/", "//u:p@a/", "http://[::1/", "http://a b/",
                          "/back\\slash", "https:/x", "http://256.1.1.1/"})
    CHECK(resolved(kBase, bad) == "invalid");
  for (const char* other : {"ftp://a/", "mailto:a@b", "javascript:alert(1)", "file:///x"})
    CHECK(resolved(kBase, other) == "other scheme");
}

TEST_CASE("a plain path is what resolving it gives, beside any base") {
  Rng rng{seed()};
  constexpr std::string_view kBytes = "/./?#ab-_~%20&'\"<=;:@[]{}^|\\ \x80\x01+";
  int plain = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = "/";
    for (std::uint64_t n = rng.below(9); n > 0; --n) text += kBytes[rng.below(kBytes.size())];
    if (!http::is_plain_path(text)) continue;
    ++plain;
    CAPTURE(text);
    CHECK(resolved(kBase, text) == "http://a" + text);
  }
  CHECK(plain > 1000);
  for (const std::string_view text : {"", "a", "//b/c", "/a/../b", "/.", "/a#b", "/a b", "http://a/", "?x"})
    CHECK_FALSE(http::is_plain_path(text));
}

}  // namespace
}  // namespace gend::test
