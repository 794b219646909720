#include "http/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include <arpa/inet.h>

#include "http/chars.h"

namespace gend::http {
namespace {

constexpr bool is_alnum(char c) {
  const char lower = to_lower(c);
  return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

std::unexpected<std::string> at(std::size_t index, std::string message) {
  return std::unexpected{std::move(message) + " (column " + std::to_string(index + 1) + ")"};
}

void append_percent(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 0xf];
}

// The path and special-query percent-encode sets of the WHATWG URL standard, without the control
// bytes, which are errors here.
constexpr bool is_encoded(char c, TargetPart part) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80 || c == ' ' || c == '"' || c == '<' || c == '>') return true;
  switch (part) {
    case TargetPart::kPath:
      return c == '^' || c == '`' || c == '{' || c == '}';
    case TargetPart::kQuery:
      return c == '\'';
  }
  return true;
}

bool is_ip(int family, const std::string& text) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(family, text.c_str(), address) == 1;
}

// Digits and dots alone are an IPv4 address or a mistake, never a name.
bool looks_like_ipv4(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::expected<std::string, std::string> parse_host_name(std::string_view text, std::size_t index) {
  if (text.empty()) return at(index, "the URL has no host");
  std::string host;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x80)
      return at(index + i, "the host holds a non-ASCII letter; write it in its xn-- form");
    if (!is_alnum(c) && c != '-' && c != '.' && c != '_')
      return at(index + i, std::string{"the host holds '"} + c + "'");
    host += to_lower(c);
  }
  if (host.front() == '.' || host.find("..") != std::string::npos)
    return at(index, "the host has an empty label");
  if (host.size() > 253) return at(index, "the host is longer than 253 bytes");
  if (looks_like_ipv4(host) && !is_ip(AF_INET, host))
    return at(index, "'" + host + "' is not an IPv4 address");
  return host;
}

std::expected<std::uint16_t, std::string> parse_port(std::string_view text, std::size_t index) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535)
    return at(index, "the port is '" + std::string{text} + "'; it must be from 1 to 65535");
  return static_cast<std::uint16_t>(port);
}

// "host", "host:port", "[v6]" or "[v6]:port", which begins at `index` of the URL.
std::optional<std::string> parse_authority(std::string_view text, std::size_t index, Url& url) {
  if (const std::size_t sign = text.find('@'); sign != std::string_view::npos)
    return at(index + sign, "user and password do not belong in a URL").error();
  std::size_t after_host = 0;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return at(index, "the '[' is never closed").error();
    url.host = text.substr(1, bracket - 1);
    url.is_ipv6 = true;
    for (char& c : url.host) c = to_lower(c);
    if (!is_ip(AF_INET6, url.host))
      return at(index + 1, "'" + url.host + "' is not an IPv6 address").error();
    after_host = bracket + 1;
  } else {
    after_host = std::min(text.find(':'), text.size());
    auto host = parse_host_name(text.substr(0, after_host), index);
    if (!host) return host.error();
    url.host = *std::move(host);
  }
  if (after_host == text.size()) return std::nullopt;
  if (text[after_host] != ':')
    return at(index + after_host, "after the host only ':' and a port may follow").error();
  const auto port = parse_port(text.substr(after_host + 1), index + after_host + 1);
  if (!port) return port.error();
  url.port = *port;
  return std::nullopt;
}

struct SchemePrefix {
  Scheme scheme;
  std::string_view text;  // lower case
};
constexpr std::array<SchemePrefix, 2> kPrefixes{
    {{Scheme::kHttp, "http://"}, {Scheme::kHttps, "https://"}}};

std::expected<std::string, std::string> encode(std::string_view piece, TargetPart& part,
                                               std::size_t index) {
  std::string out;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '#') break;
    if (byte < 0x20 || byte == 0x7f)
      return at(index + i, "a control byte may not stand in a URL");
    if (c == '\\' && part == TargetPart::kPath)
      return at(index + i, "a backslash may not stand in a path; use '/'");
    if (is_encoded(c, part)) append_percent(out, c);
    else out += c;
    if (c == '?') part = TargetPart::kQuery;
  }
  return out;
}

}  // namespace

std::string_view name_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::kHttp:
      return "http";
    case Scheme::kHttps:
      return "https";
  }
  return "";
}

std::string Url::authority() const {
  std::string out;
  if (is_ipv6) out.append("[").append(host).append("]");
  else out = host;
  if (port != default_port(scheme)) out.append(":").append(std::to_string(port));
  return out;
}

std::string Url::origin() const {
  return std::string{name_of(scheme)} + "://" + authority();
}

std::expected<Url, std::string> parse_url(std::string_view text) {
  Url url;
  std::size_t begin = 0;
  for (const SchemePrefix& prefix : kPrefixes) {
    if (!equals_ignoring_case(text.substr(0, prefix.text.size()), prefix.text)) continue;
    url.scheme = prefix.scheme;
    url.port = default_port(prefix.scheme);
    begin = prefix.text.size();
  }
  if (begin == 0) return at(0, "a URL begins with http:// or https://");

  const std::size_t end = std::min(text.find_first_of("/?#", begin), text.size());
  if (auto fault = parse_authority(text.substr(begin, end - begin), begin, url))
    return std::unexpected{*std::move(fault)};

  TargetPart part = TargetPart::kPath;
  auto target = encode(text.substr(end), part, end);
  if (!target) return std::unexpected{target.error()};
  url.target = target->starts_with('/') ? *std::move(target) : "/" + *target;
  return url;
}

std::expected<std::string, std::string> encode_target(std::string_view piece, TargetPart& part) {
  return encode(piece, part, 0);
}

std::expected<std::string, std::string> encode_target(std::string_view target) {
  if (!target.starts_with('/')) return at(0, "a path begins with '/'");
  TargetPart part = TargetPart::kPath;
  return encode(target, part, 0);
}

std::string encode_query_component(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    const bool unreserved = is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) out += c;
    else append_percent(out, c);
  }
  return out;
}

}  // namespace gend::http
