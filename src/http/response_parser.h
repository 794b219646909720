#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/outcome.h"

namespace gend::http {

// What is kept of a response because somebody looks at it. The strings keep their capacity from one
// response to the next, so that a steady state allocates nothing.
struct Kept {
  bool want_headers = false;
  bool want_body = false;
  std::string headers;  // "Name: value\n" a line, as received, values trimmed; then trailers alike
  std::string body;     // decoded from chunks; at most limits::kBodyBytes, beyond that the response
                        // fails with kBodyTooLarge
  void clear() noexcept {
    headers.clear();
    body.clear();
  }
};

// The value of the first header of that name (lower case) in Kept::headers; null view when absent.
std::string_view find_header(const Kept& kept, std::string_view lower_case_name);

// Incremental parser of one HTTP/1.x response after the other on one connection (RFC 9112). Pure:
// bytes in, facts out; works in place, and copies only a line that straddles two feeds. Strict: what
// the RFC calls malformed ends the response with a named Outcome.
class ResponseParser {
 public:
  enum class State : std::uint8_t { kNeedMore, kComplete, kFailed };

  struct Progress {
    State state;
    std::size_t consumed;  // the rest of `bytes` belongs to what follows the response
  };

  // Forgets everything and expects a response; `to_head` for a HEAD request, whose response has no
  // body. `kept` may be null; otherwise it is cleared, and must live until the response ends.
  void begin(bool to_head, Kept* kept) noexcept;

  // Feeds bytes as they come. 1xx responses are skipped (and counted). After kComplete or kFailed
  // only begin() may follow.
  Progress feed(std::string_view bytes);

  // The peer closed its side: kComplete when that ends the response (read-until-close), kFailed with
  // kClosedBeforeResponse or kTruncated otherwise.
  State finish();

  Outcome outcome() const noexcept;           // kOk, or the rule that was broken after kFailed
  int status() const noexcept;                // 0 before the status line was parsed
  int minor_version() const noexcept;         // 0 or 1
  bool keep_alive() const noexcept;           // the connection may carry another request
  bool started() const noexcept;              // at least one byte of a response was seen
  std::uint64_t body_bytes() const noexcept;  // decoded from chunks
  std::uint32_t interim() const noexcept;     // 1xx responses skipped
};

}  // namespace gend::http
