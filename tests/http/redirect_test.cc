#include "http/redirect.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace gend::test {
namespace {

using http::Redirect;

const http::Url kFrom = *http::parse_url("http://a:8080/dir/page?q");

// "GET" or "POST+body".
std::string sent(int status, std::string_view method) {
  const Redirect next = http::next_request(status, method, "/x", kFrom);
  CHECK(next.target == Redirect::Target::kFollow);
  CHECK(next.url.target == "/x");
  return std::string{next.method} + (next.keeps_body ? "+body" : "");
}

TEST_CASE("the method and body after a redirect are what RFC 9110 15.4 says") {
  for (const int status : {301, 302}) {
    CHECK(sent(status, "POST") == "GET");
    for (const char* method : {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"})
      CHECK(sent(status, method) == std::string{method} + "+body");
  }
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    CHECK(sent(303, method) == "GET");
    CHECK(sent(307, method) == std::string{method} + "+body");
    CHECK(sent(308, method) == std::string{method} + "+body");
  }
  CHECK(sent(303, "HEAD") == "HEAD+body");
}

TEST_CASE("only the five statuses are redirects") {
  int redirects = 0;
  for (int status = 100; status < 1000; ++status) redirects += http::is_redirect(status);
  CHECK(redirects == 5);
  for (const int status : {301, 302, 303, 307, 308}) CHECK(http::is_redirect(status));
}

TEST_CASE("scheme, host and port make an origin") {
  const auto same = [](std::string_view location) {
    return http::next_request(302, "GET", location, kFrom).same_origin;
  };
  CHECK(same("/other"));
  CHECK(same("http://A:8080/"));
  CHECK_FALSE(same("http://a/"));
  CHECK_FALSE(same("https://a:8080/"));
  CHECK_FALSE(same("http://b.a:8080/"));
  CHECK_FALSE(same("//a:8081/"));
}

TEST_CASE("a redirect without a Location that can be followed says which of both it is") {
  const auto target = [](std::string_view location) {
    return http::next_request(302, "GET", location, kFrom).target;
  };
  CHECK(target("") == Redirect::Target::kMissing);
  CHECK(target("ftp://a/") == Redirect::Target::kInvalid);
  CHECK(target("http://") == Redirect::Target::kInvalid);
  CHECK(target("#top") == Redirect::Target::kFollow);
}

}  // namespace
}  // namespace gend::test
