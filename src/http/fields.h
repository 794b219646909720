#pragma once

#include <cstdint>
#include <string_view>

#include "base/outcome.h"

namespace gend::http {

// What the header fields of one message say about its framing and its connection.
struct Framing {
  std::uint64_t content_length = 0;
  bool has_length = false;
  bool chunked = false;     // the one transfer coding we take; we never ask for another
  bool close = false;       // Connection: close
  bool keep_alive = false;  // Connection: keep-alive
};

struct FieldLine {
  Outcome fault = Outcome::kOk;
  std::string_view name;
  std::string_view value;  // without the blanks around it
};

// One header line with its LF, as LineReader gives it; not the empty line.
FieldLine parse_field_line(std::string_view line);

// The same rules for a line that was cut off: kOk when some continuation would make it right.
Outcome partial_field_fault(std::string_view start);

// Enters a field into `framing` if it is about that, and says what is wrong with it.
Outcome note_framing_field(Framing& framing, std::string_view name, std::string_view value);
inline Outcome note_field(Framing& framing, std::string_view name, std::string_view value) {
  const bool may_matter = name.size() == std::string_view{"connection"}.size() ||
                          name.size() == std::string_view{"content-length"}.size() ||
                          name.size() == std::string_view{"transfer-encoding"}.size();
  return may_matter ? note_framing_field(framing, name, value) : Outcome::kOk;
}

// The rules that need the whole head: RFC 9112 6.1, no Content-Length beside Transfer-Encoding.
inline Outcome head_fault(const Framing& framing) {
  return framing.chunked && framing.has_length ? Outcome::kConflictingLength : Outcome::kOk;
}

// RFC 9112 9.3, for what is not delimited by the end of the connection. HTTP/1.0 knows no chunks: a
// message that has both is read, and the connection is not trusted again (RFC 9112 6.1).
inline bool is_persistent(const Framing& framing, int minor_version) {
  if (framing.close) return false;
  return minor_version >= 1 || (framing.keep_alive && !framing.chunked);
}

// Whether a line is the CR LF that ends a section.
inline bool is_empty_line(std::string_view line) {
  return line.size() == 2 && line[0] == '\r';
}

// The rule that the first forbidden byte of a value, a reason or a name breaks.
Outcome fault_of_byte(char byte, Outcome otherwise);

}  // namespace gend::http
