#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace gend::http {

enum class Scheme : std::uint8_t { kHttp, kHttps };
std::string_view name_of(Scheme scheme);  // "http"
constexpr std::uint16_t default_port(Scheme scheme) {
  return scheme == Scheme::kHttp ? std::uint16_t{80} : std::uint16_t{443};
}

// An absolute http or https URL. Host names are lower case; an IPv6 literal is without brackets.
struct Url {
  Scheme scheme = Scheme::kHttp;
  std::string host;
  bool is_ipv6 = false;
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, percent-encoded, without the fragment

  std::string authority() const;  // for Host: "host", "host:8080", "[::1]:8080"
  std::string origin() const;     // "http://host:8080"; both leave out the scheme's default port
};

// The error is in plain words and names the column, counted from 1. User and password in a URL are
// refused: plans say credentials under `auth`.
std::expected<Url, std::string> parse_url(std::string_view text);

// Which percent-encode set applies; the first '?' of a target moves from kPath to kQuery.
enum class TargetPart : std::uint8_t { kPath, kQuery };

// Percent-encodes what may not stand in a path or query as the WHATWG URL standard does: spaces,
// quotes, angle brackets, non-ASCII (as UTF-8 bytes). Percent signs, dot segments and empty
// segments stay as written. A fragment ends the target. `part` is read and written, so that the
// literal pieces of a template can be encoded one after the other. Control bytes, and backslashes
// in a path, are errors.
std::expected<std::string, std::string> encode_target(std::string_view piece, TargetPart& part);

// A whole target: "/path?query"; must begin with '/'.
std::expected<std::string, std::string> encode_target(std::string_view target);

// One name or value of a query: everything but RFC 3986 "unreserved" is percent-encoded, a space
// as %20.
std::string encode_query_component(std::string_view text);

}  // namespace gend::http
