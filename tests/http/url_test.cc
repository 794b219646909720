#include "http/url.h"

#include <string>

#include <doctest/doctest.h>

namespace gend::http {
namespace {

std::string error_of(std::string_view url) {
  const auto parsed = parse_url(url);
  return parsed ? "no error" : parsed.error();
}

TEST_CASE("a URL is taken apart") {
  const auto url = parse_url("https://Shop.Example:8443/a/b?c=d#e");
  REQUIRE(url);
  CHECK(url->scheme == Scheme::kHttps);
  CHECK(url->host == "shop.example");
  CHECK(url->port == 8443);
  CHECK(url->target == "/a/b?c=d");
  CHECK(url->authority() == "shop.example:8443");
  CHECK(url->origin() == "https://shop.example:8443");
  CHECK_FALSE(url->is_ipv6);
}

TEST_CASE("what a URL leaves out has its default") {
  const auto http = parse_url("HTTP://h");
  REQUIRE(http);
  CHECK(http->port == 80);
  CHECK(http->target == "/");
  CHECK(http->authority() == "h");
  const auto https = parse_url("https://h?q");
  REQUIRE(https);
  CHECK(https->port == 443);
  CHECK(https->target == "/?q");
  CHECK(parse_url("http://h:443/")->authority() == "h:443");
  CHECK(parse_url("http://h:80/")->authority() == "h");
  CHECK(parse_url("http://h#fragment")->target == "/");
}

TEST_CASE("an address may stand for the host") {
  const auto v6 = parse_url("http://[2001:DB8::1]:8080/x");
  REQUIRE(v6);
  CHECK(v6->is_ipv6);
  CHECK(v6->host == "2001:db8::1");
  CHECK(v6->authority() == "[2001:db8::1]:8080");
  CHECK(parse_url("http://[::1]")->authority() == "[::1]");
  CHECK(parse_url("http://127.0.0.1:9000/")->host == "127.0.0.1");
}

TEST_CASE("what is wrong with a URL is said in words, with the column") {
  CHECK(error_of("ftp://h/") == "a URL begins with http:// or https:// (column 1)");
  CHECK(error_of("/path") == "a URL begins with http:// or https:// (column 1)");
  CHECK(error_of("") == "a URL begins with http:// or https:// (column 1)");
  CHECK(error_of("http://") == "the URL has no host (column 8)");
  CHECK(error_of("http:///x") == "the URL has no host (column 8)");
  CHECK(error_of("https://:80/") == "the URL has no host (column 9)");
  CHECK(error_of("http://a b/") == "the host holds ' ' (column 9)");
  CHECK(error_of("http://me:pw@h/") == "user and password do not belong in a URL (column 13)");
  CHECK(error_of("http://h\xc3\xb6he/") ==
        "the host holds a non-ASCII letter; write it in its xn-- form (column 9)");
  CHECK(error_of("http://a..b/") == "the host has an empty label (column 8)");
  CHECK(error_of("http://1.2.3/") == "'1.2.3' is not an IPv4 address (column 8)");
  CHECK(error_of("http://1.2.3.256/") == "'1.2.3.256' is not an IPv4 address (column 8)");
  CHECK(error_of("http://[::1/") == "the '[' is never closed (column 8)");
  CHECK(error_of("http://[::g]/") == "'::g' is not an IPv6 address (column 9)");
  CHECK(error_of("http://[::1]80/") ==
        "after the host only ':' and a port may follow (column 13)");
  CHECK(error_of("http://h:/") == "the port is ''; it must be from 1 to 65535 (column 10)");
  CHECK(error_of("http://h:0/") == "the port is '0'; it must be from 1 to 65535 (column 10)");
  CHECK(error_of("http://h:65536/") ==
        "the port is '65536'; it must be from 1 to 65535 (column 10)");
  CHECK(error_of("http://h:80x/") == "the port is '80x'; it must be from 1 to 65535 (column 10)");
  CHECK(error_of("http://h/a\tb") == "a control byte may not stand in a URL (column 11)");
  CHECK(error_of("http://h/a\\b") ==
        "a backslash may not stand in a path; use '/' (column 11)");
}

TEST_CASE("path and query are percent-encoded as browsers do") {
  CHECK(encode_target("/a b\"<>`{}^\xc3\xa4'") == "/a%20b%22%3C%3E%60%7B%7D%5E%C3%A4'");
  CHECK(encode_target("/?a b\"<>`{}^'\xc3\xa4") == "/?a%20b%22%3C%3E`{}^%27%C3%A4");
  CHECK(encode_target("/100%/%41?%zz") == "/100%/%41?%zz");
  CHECK(encode_target("//a/../b/./;x=@:!$&()*+,=~-._?/?") == "//a/../b/./;x=@:!$&()*+,=~-._?/?");
  CHECK(encode_target("/a#b c") == "/a");
  CHECK(encode_target("a").error() == "a path begins with '/' (column 1)");
  CHECK(encode_target("/\x7f").error() == "a control byte may not stand in a URL (column 2)");
}

TEST_CASE("the pieces of a template are encoded as the whole is") {
  TargetPart part = TargetPart::kPath;
  CHECK(encode_target("/a{", part) == "/a%7B");
  CHECK(part == TargetPart::kPath);
  CHECK(encode_target("}?{", part) == "%7D?{");
  CHECK(part == TargetPart::kQuery);
  CHECK(encode_target("}'", part) == "}%27");
}

TEST_CASE("a query component keeps only unreserved characters") {
  CHECK(encode_query_component("AZaz09-._~") == "AZaz09-._~");
  CHECK(encode_query_component("a b&c=d+e/f?\xc3\xa4%") == "a%20b%26c%3Dd%2Be%2Ff%3F%C3%A4%25");
  CHECK(encode_query_component(std::string_view{"\0\n", 2}) == "%00%0A");
  CHECK(encode_query_component("") == "");
}

}  // namespace
}  // namespace gend::http
