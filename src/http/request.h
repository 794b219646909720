#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gend::http {

struct Field {
  std::string name;
  std::string value;
};

enum class Persistence : std::uint8_t { kKeepAlive, kClose };

// A request as a plan says it, before it becomes bytes. Rendered once, at compile time.
struct RequestParts {
  std::string method;          // "GET"
  std::string target;          // "/path?query", already percent-encoded (http/url.h)
  std::string authority;       // for Host: "host" or "host:port" (Url::authority)
  std::vector<Field> fields;   // as written; Host and User-Agent here replace ours
  std::optional<std::string> body;
  Persistence persistence = Persistence::kKeepAlive;
};

// What is wrong, in plain words; no value when nothing is. A literal piece of a template may be
// checked alone: no rule looks further than one byte, except that a name must not be empty.
std::optional<std::string> method_fault(std::string_view method);
std::optional<std::string> target_fault(std::string_view target);
std::optional<std::string> field_name_fault(std::string_view name);
std::optional<std::string> field_value_fault(std::string_view value);

// The request line and the header lines, each with its CR LF, without Content-Length and without
// the empty line at the end: for requests whose body is only known when they are sent. The error
// says which part is wrong and why.
std::expected<std::string, std::string> render_head(const RequestParts& parts);

// The whole request, ready to send, at most limits::kRequestBytes. Content-Length is ours alone:
// of the body where there is one, 0 for POST, PUT and PATCH without a body (RFC 9110 8.6).
std::expected<std::string, std::string> render_request(const RequestParts& parts);

// Whether a request of that method says Content-Length: 0 when it has no body.
bool needs_length_without_body(std::string_view method);

// Whether one of the fields is a Connection field with the option `close`: the server will end the
// connection after the response.
bool asks_to_close(std::span<const Field> fields);

}  // namespace gend::http
