#include "http/cookie_jar.h"

#include <doctest/doctest.h>

#include <string>

#include "base/limits.h"
#include "http/cookie_date.h"

namespace gend::test {
namespace {

using http::CookieJar;
using Place = CookieJar::Place;

constexpr std::int64_t kNow = 1'700'000'000;

std::string sent(CookieJar& jar, std::string_view host, std::string_view path = "/",
                 bool secure = false, std::int64_t now = kNow) {
  std::string out;
  jar.header(Place{host, path, secure}, now, out);
  return out;
}

// What one Set-Cookie from `from` sends to `to`.
std::string sent_after(std::string_view set_cookie, const Place& from, const Place& to,
                       std::int64_t later = 0) {
  CookieJar jar;
  jar.store(set_cookie, from, kNow);
  std::string out;
  jar.header(to, kNow + later, out);
  return out;
}

std::string echo(std::string_view set_cookie) {
  return sent_after(set_cookie, {"example.com", "/"}, {"example.com", "/"});
}

TEST_CASE("a cookie is a name, an equals sign and a value, whatever the value is") {
  CHECK(echo("a=b") == "a=b");
  CHECK(echo("  a \t=  b c ; x") == "a=b c");
  CHECK(echo("a=b=c") == "a=b=c");
  CHECK(echo("a=\"b\"") == "a=\"b\"");
  CHECK(echo("a=") == "a=");
  CHECK(echo("a=b,c=d") == "a=b,c=d");
  CHECK(echo("a=b; unknown; x=y;;") == "a=b");
  CHECK(echo("a") == "");
  CHECK(echo("=b") == "");
  CHECK(echo(" =b; path=/") == "");
  CHECK(echo("") == "");
  CHECK(echo(";a=b") == "");
}

TEST_CASE("a cookie of one host is sent to no other, not even below it") {
  const Place from{"example.com", "/"};
  CHECK(sent_after("a=b", from, {"example.com"}) == "a=b");
  CHECK(sent_after("a=b", from, {"www.example.com"}) == "");
  CHECK(sent_after("a=b", from, {"example.org"}) == "");
  CHECK(sent_after("a=b", from, {"com"}) == "");
}

TEST_CASE("a cookie with a Domain is sent to it and to all hosts below it") {
  const Place from{"www.example.com", "/"};
  for (const char* set : {"a=b; Domain=example.com", "a=b; domain=.example.com",
                          "a=b; DOMAIN= EXAMPLE.Com "}) {
    CHECK(sent_after(set, from, {"example.com"}) == "a=b");
    CHECK(sent_after(set, from, {"www.example.com"}) == "a=b");
    CHECK(sent_after(set, from, {"x.y.example.com"}) == "a=b");
    CHECK(sent_after(set, from, {"badexample.com"}) == "");
    CHECK(sent_after(set, from, {"example.org"}) == "");
  }
  CHECK(sent_after("a=b; domain=", from, {"www.example.com"}) == "a=b");
  CHECK(sent_after("a=b; domain=", from, {"x.www.example.com"}) == "");
  CHECK(sent_after("a=b; domain=example.com; domain=", from, {"example.com"}) == "a=b");
}

TEST_CASE("a Domain that the host does not belong to is refused, and so is one of one label") {
  const Place from{"www.example.com", "/"};
  for (const char* domain : {"example.org", "x.www.example.com", "ww.example.com", "com", ".com",
                             "xample.com", "..example.com"})
    CHECK(sent_after("a=b; domain=" + std::string{domain}, from, {"www.example.com"}) == "");
  const Place local{"localhost", "/"};
  CHECK(sent_after("a=b; domain=localhost", local, {"localhost"}) == "a=b");
  CHECK(sent_after("a=b; domain=localhost", local, {"x.localhost"}) == "");
}

TEST_CASE("a cookie of an address goes to that address alone") {
  const Place from{"127.0.0.1", "/"};
  CHECK(sent_after("a=b", from, {"127.0.0.1"}) == "a=b");
  CHECK(sent_after("a=b; domain=127.0.0.1", from, {"127.0.0.1"}) == "a=b");
  CHECK(sent_after("a=b; domain=127.0.0.1", from, {"1.127.0.0.1"}) == "");
  CHECK(sent_after("a=b; domain=0.0.1", from, {"127.0.0.1"}) == "");
  CHECK(sent_after("a=b", {"::1", "/"}, {"::1"}) == "a=b");
}

TEST_CASE("without a Path a cookie is for the directory that it came from") {
  const auto goes = [](std::string_view from, std::string_view to) {
    return sent_after("a=b", {"h.x", from}, {"h.x", to}) == "a=b";
  };
  CHECK(goes("/dir/page?x=/y/z", "/dir/other"));
  CHECK(goes("/dir/page", "/dir"));
  CHECK_FALSE(goes("/dir/page", "/"));
  CHECK_FALSE(goes("/dir/page", "/directory"));
  CHECK(goes("/page", "/anything"));
  CHECK(goes("/", "/anything"));
  CHECK(goes("*", "/anything"));
  CHECK(goes("/a/b/", "/a/b/c"));
  CHECK_FALSE(goes("/a/b/", "/a/c"));
}

TEST_CASE("a Path must be the request's or stand before a slash of it") {
  const auto goes = [](std::string_view path, std::string_view to) {
    return sent_after("a=b; path=" + std::string{path}, {"h.x", "/p/q"}, {"h.x", to}) == "a=b";
  };
  CHECK(goes("/", "/x"));
  CHECK(goes("/x", "/x"));
  CHECK(goes("/x", "/x/y"));
  CHECK(goes("/x", "/x?y"));
  CHECK(goes("/x/", "/x/y"));
  CHECK_FALSE(goes("/x/", "/x"));
  CHECK_FALSE(goes("/x", "/xy"));
  CHECK_FALSE(goes("/x", "/X"));
  CHECK_FALSE(goes("/x", "/y?/x"));
  CHECK(goes("", "/p"));         // as if there were none
  CHECK(goes("relative", "/p"));
  CHECK_FALSE(goes("relative", "/x"));
  CHECK(sent_after("a=b; path=/x; path=", {"h.x", "/p/q"}, {"h.x", "/p"}) == "a=b");
}

TEST_CASE("a Secure cookie is only sent over TLS") {
  CHECK(sent_after("a=b; Secure", {"h.x"}, {"h.x", "/", false}) == "");
  CHECK(sent_after("a=b; secure=no", {"h.x"}, {"h.x", "/", true}) == "a=b");
  CHECK(sent_after("a=b; HttpOnly", {"h.x"}, {"h.x"}) == "a=b");
}

TEST_CASE("a cookie lives as long as Max-Age says, else Expires, else for ever") {
  const Place h{"h.x"};
  CHECK(sent_after("a=b", h, h, 1'000'000'000) == "a=b");
  CHECK(sent_after("a=b; max-age=10", h, h, 9) == "a=b");
  CHECK(sent_after("a=b; max-age=10", h, h, 10) == "");
  CHECK(sent_after("a=b; max-age=0", h, h) == "");
  CHECK(sent_after("a=b; max-age=-1", h, h) == "");
  CHECK(sent_after("a=b; max-age=99999999999999999999", h, h, 1'000'000'000) == "a=b");
  CHECK(sent_after("a=b; max-age=1x", h, h, 100) == "a=b");
  CHECK(sent_after("a=b; max-age=", h, h, 100) == "a=b");
  CHECK(sent_after("a=b; max-age=+1", h, h, 100) == "a=b");
  // 1700000000 is Tue, 14 Nov 2023 22:13:20 GMT.
  const std::string expires = "a=b; expires=Tue, 14 Nov 2023 22:13:30 GMT";
  CHECK(sent_after(expires, h, h, 9) == "a=b");
  CHECK(sent_after(expires, h, h, 10) == "");
  CHECK(sent_after(expires + "; max-age=100", h, h, 50) == "a=b");
  CHECK(sent_after("a=b; max-age=5; expires=Tue, 14 Nov 2033 22:13:30 GMT", h, h, 6) == "");
  CHECK(sent_after("a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT", h, h) == "");
  CHECK(sent_after("a=b; expires=whenever", h, h, 100) == "a=b");
}

TEST_CASE("dates are read as RFC 6265 5.1.1 does") {
  const std::int64_t moment = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT, the date of RFC 9110
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994", "1994 november 6 8:49:37",
                           "08:49:37 6 nov 1994", "Nov/6/94@08:49:37", "6th Nov 1994 08:49:37xyz"})
    CHECK(http::parse_cookie_date(text) == moment);
  CHECK(http::parse_cookie_date("01 Jan 1970 00:00:00") == 0);
  CHECK(http::parse_cookie_date("01 Jan 70 00:00:00") == 0);
  CHECK(http::parse_cookie_date("01 Jan 69 00:00:00") == 3124224000);  // 2069
  CHECK(http::parse_cookie_date("01 Jan 1601 00:00:00") == -11644473600);
  CHECK(http::parse_cookie_date("29 Feb 2024 12:00:00") == 1709208000);
  for (const char* bad : {"", "06 Nov 1994", "06 Nov 08:49:37", "Nov 1994 08:49:37",
                          "06 1994 08:49:37", "06 Nov 1600 08:49:37", "00 Nov 1994 08:49:37",
                          "32 Nov 1994 08:49:37", "31 Nov 1994 08:49:37", "29 Feb 2023 08:49:37",
                          "06 Nov 1994 24:49:37", "06 Nov 1994 08:60:37", "06 Nov 1994 08:49:60",
                          "06 Nov 19945 08:49:37", "06 Nov 1994 08:49", "06 Nov 1994 008:49:37",
                          "06 Nvo 1994 08:49:37"})
    CHECK_FALSE(http::parse_cookie_date(bad).has_value());
}

TEST_CASE("a cookie of the same name, domain and path takes the place of the one before") {
  CookieJar jar;
  const Place h{"h.x", "/"};
  jar.store("a=1", h, kNow);
  jar.store("b=2", h, kNow);
  jar.store("a=3", h, kNow);
  CHECK(sent(jar, "h.x") == "a=3; b=2");
  jar.store("a=4; path=/p", h, kNow);
  CHECK(sent(jar, "h.x", "/p") == "a=4; a=3; b=2");
  jar.store("A=5", h, kNow);
  CHECK(sent(jar, "h.x") == "a=3; b=2; A=5");
  jar.store("a=x; max-age=0", h, kNow);
  CHECK(sent(jar, "h.x", "/p") == "a=4; b=2; A=5");
  jar.store("b=7; secure", h, kNow);
  CHECK(sent(jar, "h.x") == "A=5");
}

TEST_CASE("longer paths are sent first, then older cookies") {
  CookieJar jar;
  const Place h{"h.x", "/"};
  jar.store("a=1; path=/", h, kNow);
  jar.store("b=2; path=/x/y", h, kNow);
  jar.store("c=3; path=/x", h, kNow);
  jar.store("d=4; path=/x/y", h, kNow);
  jar.store("e=5; path=/", h, kNow);
  CHECK(sent(jar, "h.x", "/x/y/z") == "b=2; d=4; c=3; a=1; e=5");
  CHECK(sent(jar, "h.x", "/x") == "c=3; a=1; e=5");
  CHECK(jar.find("c") == "3");
  CHECK(jar.find("C") == std::nullopt);
}

TEST_CASE("a full host loses the cookie that was used longest ago, an oversized one is ignored") {
  CookieJar jar;
  const Place h{"h.x", "/"};
  for (std::size_t i = 0; i < limits::kCookiesPerDomain; ++i)
    jar.store("c" + std::to_string(i) + "=v; path=/" + std::to_string(i), h, kNow);
  jar.store("other=v", {"o.x", "/"}, kNow);
  CHECK(jar.size() == limits::kCookiesPerDomain + 1);
  CHECK(sent(jar, "h.x", "/0") == "c0=v");  // used: c1 is the oldest now
  jar.store("new=v", h, kNow);
  CHECK(jar.size() == limits::kCookiesPerDomain + 1);
  CHECK(sent(jar, "h.x", "/0") == "c0=v; new=v");
  CHECK(sent(jar, "h.x", "/1") == "new=v");
  CHECK(sent(jar, "o.x") == "other=v");

  const std::string longest(limits::kCookieBytes - 1, 'v');
  CHECK(echo("a=" + longest) == "a=" + longest);
  CHECK(echo("ab=" + longest) == "");
  for (int i = 0; i < 1000; ++i)
    jar.store("a=1", {"h" + std::to_string(i) + ".x", "/"}, kNow);
  CHECK(jar.size() == limits::kCookiesPerJar);
}

TEST_CASE("expired cookies make room and are never sent") {
  CookieJar jar;
  const Place h{"h.x", "/"};
  jar.store("a=1; max-age=5", h, kNow);
  jar.store("b=2", h, kNow);
  CHECK(sent(jar, "h.x", "/", false, kNow + 5) == "b=2");
  jar.store("c=3", h, kNow + 6);
  CHECK(jar.size() == 2);
}

TEST_CASE("an empty jar is a pointer, a cleared one has no cookies") {
  CHECK(sizeof(CookieJar) == sizeof(void*));
  CookieJar jar;
  CHECK(jar.size() == 0);
  CHECK(sent(jar, "h.x") == "");
  jar.clear();
  jar.store_all("a=1\nb=2; path=/q\nnonsense\nc=3\n", {"h.x", "/"}, kNow);
  CHECK(jar.size() == 3);
  CHECK(sent(jar, "h.x") == "a=1; c=3");
  jar.clear();
  CHECK(sent(jar, "h.x") == "");
  CHECK(jar.find("a") == std::nullopt);
  jar.store("d=4", {"h.x", "/"}, kNow);
  CHECK(sent(jar, "h.x") == "d=4");
}

TEST_CASE("a response's own cookies are found by name, the last of several") {
  CHECK(http::find_set_cookie("a=1; path=/x\nsid=7; HttpOnly\na=2\n", "a") == "2");
  CHECK(http::find_set_cookie("a=1\nsid= 7 ;x\n", "sid") == "7");
  CHECK(http::find_set_cookie("a=1\n", "path") == std::nullopt);
  CHECK(http::find_set_cookie("", "a") == std::nullopt);
}

}  // namespace
}  // namespace gend::test
