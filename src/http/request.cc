#include "http/request.h"

#include <algorithm>
#include <cstdio>

#include "base/limits.h"
#include "http/chars.h"

namespace gend::http {
namespace {

using Fault = std::optional<std::string>;

constexpr std::string_view kUserAgent = "gend/" GEND_VERSION;

std::string byte_in_words(char c) {
  switch (c) {
    case '\r': return "a carriage return";
    case '\n': return "a line feed";
    case '\0': return "a NUL byte";
    case '\t': return "a tab";
    case ' ': return "a space";
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte > 0x20 && byte < 0x7f) return std::string{"'"} + c + "'";
  char text[16];
  std::snprintf(text, sizeof text, "byte 0x%02x", unsigned{byte});
  return text;
}

Fault token_fault(std::string_view what, std::string_view text) {
  if (text.empty()) return std::string{what} + " is empty";
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!is_token_char(text[i]))
      return std::string{what} + " holds " + byte_in_words(text[i]) + " at column " +
             std::to_string(i + 1);
  return std::nullopt;
}

constexpr bool is_target_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7f && c != '#';
}

const Field* find_field(std::span<const Field> fields, std::string_view lower_case_name) {
  for (const Field& field : fields)
    if (equals_ignoring_case(field.name, lower_case_name)) return &field;
  return nullptr;
}

// What only the renderer may say, because a wrong one would break the framing.
Fault reserved_fault(const Field& field) {
  for (std::string_view ours : {std::string_view{"content-length"}, {"transfer-encoding"}})
    if (equals_ignoring_case(field.name, ours))
      return "header " + field.name + " is computed from the body and cannot be set";
  return std::nullopt;
}

Fault fields_fault(std::span<const Field> fields) {
  std::size_t hosts = 0;
  for (const Field& field : fields) {
    if (Fault fault = field_name_fault(field.name)) return fault;
    if (Fault fault = field_value_fault(field.value))
      return "header " + field.name + ": " + *fault;
    if (Fault fault = reserved_fault(field)) return fault;
    if (equals_ignoring_case(field.name, "host") && ++hosts > 1)
      return "header Host is given twice";
  }
  return std::nullopt;
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::optional<std::string> method_fault(std::string_view method) {
  return token_fault("the method", method);
}

std::optional<std::string> target_fault(std::string_view target) {
  for (std::size_t i = 0; i < target.size(); ++i)
    if (!is_target_char(target[i]))
      return "the request target holds " + byte_in_words(target[i]) + " at column " +
             std::to_string(i + 1);
  return std::nullopt;
}

std::optional<std::string> field_name_fault(std::string_view name) {
  return token_fault("a header name", name);
}

std::optional<std::string> field_value_fault(std::string_view value) {
  const std::size_t bad = find_bad_value_char(value);
  if (bad == std::string_view::npos) return std::nullopt;
  return "the value holds " + byte_in_words(value[bad]) + " at column " + std::to_string(bad + 1);
}

std::expected<std::string, std::string> render_head(const RequestParts& parts) {
  if (Fault fault = method_fault(parts.method)) return std::unexpected{*fault};
  if (Fault fault = target_fault(parts.target)) return std::unexpected{*fault};
  if (!parts.target.starts_with('/') && !(parts.target == "*" && parts.method == "OPTIONS"))
    return std::unexpected{std::string{"the request target does not begin with '/'"}};
  if (Fault fault = field_value_fault(parts.authority))
    return std::unexpected{"the host: " + *fault};
  if (Fault fault = fields_fault(parts.fields)) return std::unexpected{*fault};

  std::string out;
  out.append(parts.method).append(" ").append(parts.target).append(" HTTP/1.1\r\n");
  const Field* host = find_field(parts.fields, "host");
  append_field(out, "Host", host ? std::string_view{host->value} : parts.authority);
  if (!find_field(parts.fields, "user-agent")) append_field(out, "User-Agent", kUserAgent);
  for (const Field& field : parts.fields)
    if (&field != host) append_field(out, field.name, field.value);
  if (parts.persistence == Persistence::kClose && !asks_to_close(parts.fields))
    append_field(out, "Connection", "close");
  return out;
}

std::expected<std::string, std::string> render_request(const RequestParts& parts) {
  std::expected<std::string, std::string> out = render_head(parts);
  if (!out) return out;
  if (parts.body)
    append_field(*out, "Content-Length", std::to_string(parts.body->size()));
  else if (needs_length_without_body(parts.method))
    append_field(*out, "Content-Length", "0");
  out->append("\r\n");
  if (parts.body) out->append(*parts.body);
  if (out->size() > limits::kRequestBytes)
    return std::unexpected{"the request is " + std::to_string(out->size()) +
                           " bytes long; the limit is " + std::to_string(limits::kRequestBytes)};
  return out;
}

bool needs_length_without_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

bool asks_to_close(std::span<const Field> fields) {
  for (const Field& field : fields) {
    if (!equals_ignoring_case(field.name, "connection")) continue;
    std::string_view rest = field.value;
    for (;;) {
      const std::size_t comma = rest.find(',');
      if (equals_ignoring_case(trim_blanks(rest.substr(0, comma)), "close")) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

}  // namespace gend::http
