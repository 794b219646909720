#include "http/fields.h"

#include <charconv>

#include "http/chars.h"

namespace gend::http {
namespace {

// 1*DIGIT and nothing else: no sign, no blank, no hex.
bool parse_length(std::string_view text, std::uint64_t& value) {
  if (text.empty() || !is_digit(text.front())) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// Calls `visit` with each member of a comma-separated list, trimmed, empty ones too.
template <class Visit>
Outcome for_each_member(std::string_view list, Visit visit) {
  for (;;) {
    const std::size_t comma = list.find(',');
    const Outcome outcome = visit(trim_blanks(list.substr(0, comma)));
    if (outcome != Outcome::kOk || comma == std::string_view::npos) return outcome;
    list.remove_prefix(comma + 1);
  }
}

// RFC 9110 8.6: several equal values may be taken as one, different ones must not.
Outcome note_content_length(Framing& framing, std::string_view value) {
  constexpr std::size_t kSurelyFits = 18;  // digits
  if (!framing.has_length && value.size() - 1 < kSurelyFits) {
    std::uint64_t length = 0;
    std::size_t digits = 0;
    for (; digits < value.size() && is_digit(value[digits]); ++digits)
      length = length * 10 + static_cast<std::uint64_t>(value[digits] - '0');
    if (digits == value.size()) {
      framing.has_length = true;
      framing.content_length = length;
      return Outcome::kOk;
    }
  }
  return for_each_member(value, [&](std::string_view member) {
    std::uint64_t length = 0;
    if (!parse_length(member, length)) return Outcome::kBadContentLength;
    if (framing.has_length && framing.content_length != length) return Outcome::kConflictingLength;
    framing.has_length = true;
    framing.content_length = length;
    return Outcome::kOk;
  });
}

// RFC 9112 6.1: chunked is applied at most once; other codings are only sent to who sent TE, which
// we do not.
Outcome note_transfer_encoding(Framing& framing, std::string_view value) {
  if (framing.chunked || !equals_ignoring_case(value, "chunked"))
    return Outcome::kBadTransferEncoding;
  framing.chunked = true;
  return Outcome::kOk;
}

// True when it is an option that says something of the connection.
bool note_option(Framing& framing, std::string_view option) {
  if (is_word(option, "keep-alive")) return framing.keep_alive = true;
  return is_word(option, "close") && (framing.close = true);
}

Outcome note_connection(Framing& framing, std::string_view value) {
  if (note_option(framing, value)) return Outcome::kOk;  // most often it is the only one
  return for_each_member(value, [&](std::string_view member) {
    note_option(framing, member);
    return Outcome::kOk;
  });
}

std::size_t token_length(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && is_token_char(text[i])) ++i;
  return i;
}

Outcome value_fault(std::string_view value) {
  const std::size_t bad = find_bad_value_char(value);
  if (bad == std::string_view::npos) return Outcome::kOk;
  return fault_of_byte(value[bad], Outcome::kBadHeaderValue);
}

Outcome name_fault(std::string_view line, std::size_t name_length) {
  if (name_length == 0 && is_blank(line[0])) return Outcome::kObsFold;
  return fault_of_byte(line[name_length], Outcome::kBadHeaderName);
}

}  // namespace

Outcome fault_of_byte(char byte, Outcome otherwise) {
  if (byte == '\0') return Outcome::kNulByte;
  if (byte == '\r' || byte == '\n') return Outcome::kBadLineEnding;
  return otherwise;
}

FieldLine parse_field_line(std::string_view line) {
  if (line.size() < 2 || line[line.size() - 2] != '\r') return {Outcome::kBadLineEnding, {}, {}};
  line.remove_suffix(2);
  const std::size_t name_length = token_length(line);
  if (name_length == line.size()) return {Outcome::kBadHeaderName, {}, {}};
  if (name_length == 0 || line[name_length] != ':') return {name_fault(line, name_length), {}, {}};
  const std::string_view value = line.substr(name_length + 1);
  if (const Outcome fault = value_fault(value); fault != Outcome::kOk) return {fault, {}, {}};
  return {Outcome::kOk, line.substr(0, name_length), trim_blanks(value)};
}

Outcome partial_field_fault(std::string_view start) {
  if (!start.empty() && start.back() == '\r') start.remove_suffix(1);
  const std::size_t name_length = token_length(start);
  if (name_length == start.size()) return Outcome::kOk;
  if (name_length == 0 || start[name_length] != ':') return name_fault(start, name_length);
  return value_fault(start.substr(name_length + 1));
}

Outcome note_framing_field(Framing& framing, std::string_view name, std::string_view value) {
  if (is_word(name, "content-length")) return note_content_length(framing, value);
  if (is_word(name, "connection")) return note_connection(framing, value);
  if (is_word(name, "transfer-encoding"))
    return note_transfer_encoding(framing, value);
  return Outcome::kOk;
}

}  // namespace gend::http
