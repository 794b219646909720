#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/outcome.h"
#include "http/chunk_decoder.h"
#include "http/fields.h"
#include "http/known_heads.h"
#include "http/line_reader.h"

namespace gend::http {

// What is kept of a response because somebody looks at it. The strings keep their capacity from one
// response to the next, so that a steady state allocates nothing.
struct Kept {
  bool want_headers = false;
  bool want_body = false;
  std::string headers;  // "Name: value\n" a line, as received, values trimmed; then trailers alike
  std::string body;     // decoded from chunks; at most limits::kBodyBytes, beyond that the response
                        // fails with kBodyTooLarge
  // Kept whatever is wanted: what redirects, cookies, retries and error reports need.
  std::string location;          // the first
  std::string set_cookies;       // "value\n" for each Set-Cookie
  std::string retry_after;       // the first
  std::string request_id;        // the first X-Request-Id
  std::string content_encoding;  // all of them as one list
  std::string excerpt;  // the first limits::kExcerptBytes of the body, when the status is 400 or
                        // more and the body is not wanted

  bool has_noted() const noexcept {
    return !location.empty() || !set_cookies.empty() || !retry_after.empty() ||
           !request_id.empty() || !content_encoding.empty();
  }
  void clear() noexcept {
    clear_head();
    body.clear();
    excerpt.clear();
  }
  void clear_head() noexcept {
    headers.clear();
    location.clear();
    set_cookies.clear();
    retry_after.clear();
    request_id.clear();
    content_encoding.clear();
  }
};

// The value of the first header of that name (lower case) in Kept::headers; null view when absent.
std::string_view find_header(const Kept& kept, std::string_view lower_case_name);

// Whether the request asked for another protocol on this connection (RFC 9110 7.8).
enum class Upgrade : std::uint8_t { kNotAsked, kAsked };

// Incremental parser of one HTTP/1.x response after the other on one connection (RFC 9112). Pure:
// bytes in, facts out; works in place, and copies only a line that straddles two feeds. Strict:
// what the RFC calls malformed ends the response with a named Outcome.
class ResponseParser {
 public:
  enum class State : std::uint8_t { kNeedMore, kComplete, kFailed };

  struct Progress {
    State state;
    std::size_t consumed;  // the rest of `bytes` belongs to what follows the response
  };

  // Forgets everything and expects a response; `to_head` for a HEAD request, whose response has no
  // body. `kept` may be null; otherwise it is cleared, and must live until the response ends. When
  // an upgrade was asked for, a 101 is a complete response at the end of its head: what follows is
  // the other protocol.
  void begin(bool to_head, Kept* kept, Upgrade upgrade = Upgrade::kNotAsked) noexcept;

  // Feeds bytes as they come. Other 1xx responses are skipped (and counted). After kComplete or
  // kFailed only begin() may follow. With `known`, a head that is among them is not parsed again,
  // and one that is not becomes one of them.
  Progress feed(std::string_view bytes, KnownHeads* known = nullptr);

  // The peer closed its side: kComplete when that ends the response (read-until-close), otherwise
  // kFailed: kClosedBeforeResponse, kTruncated, or the rule that the last, cut line breaks.
  State finish();

  // kOk, or the rule that was broken after kFailed.
  Outcome outcome() const noexcept { return outcome_; }
  // 0 before the status line was parsed.
  int status() const noexcept { return status_; }
  // 0 or 1. Higher minor versions of HTTP/1 are read as 1 (RFC 9110 2.5); a status line that says
  // HTTP/2.0 is taken, as all clients do, but trusted with nothing that 1.0 does not have.
  int minor_version() const noexcept { return minor_version_; }
  // The connection may carry another request. Only after kComplete.
  bool keep_alive() const noexcept { return keep_alive_; }
  // At least one byte of a response was seen.
  bool started() const noexcept { return started_; }
  // Decoded from chunks.
  std::uint64_t body_bytes() const noexcept { return body_bytes_; }
  // 1xx responses skipped.
  std::uint32_t interim() const noexcept { return interim_; }

 private:
  enum class Phase : std::uint8_t {
    kStatusLine, kHeaders, kSizedBody, kChunks, kTrailers, kUntilClose, kComplete, kFailed
  };

  // Each takes what it can from the front of `rest`; false when it needs more bytes or the response
  // has ended.
  bool step(std::string_view& rest);
  void take_head(std::string_view& rest, KnownHeads& known);
  bool take_start(std::string_view& rest);
  bool take_line(std::string_view& rest);
  bool take_status_line(std::string_view line);
  void take_status(std::string_view line);
  bool take_headers(std::string_view& rest);
  bool take_field_line(std::string_view line);
  bool take_header(const FieldLine& field);
  void keep_field(const FieldLine& field);
  bool end_of_headers();
  bool end_of_interim();
  bool take_sized_body(std::string_view& rest);
  bool take_chunks(std::string_view& rest);
  bool take_until_close(std::string_view& rest);

  bool in_head() const { return phase_ == Phase::kStatusLine || phase_ == Phase::kHeaders; }
  bool keeps_body() const { return kept_ && (kept_->want_body || status_ >= 400); }
  bool keep_body(std::string_view data);
  Outcome start_fault(std::string_view line, Outcome otherwise) const;
  Outcome cut_off_fault() const;
  bool complete();
  bool fail(Outcome why);

  LineReader lines_;
  Framing framing_;
  ChunkDecoder chunks_;
  Kept* kept_ = nullptr;
  std::uint64_t body_bytes_ = 0;
  std::uint32_t head_bytes_ = 0;  // of the current head or trailer section
  std::uint16_t field_count_ = 0;
  std::uint16_t status_ = 0;
  Phase phase_ = Phase::kComplete;
  Outcome outcome_ = Outcome::kOk;
  std::uint8_t interim_ = 0;
  std::uint8_t minor_version_ = 0;
  Upgrade upgrade_ = Upgrade::kNotAsked;
  bool to_head_ = false;
  bool started_ = false;
  bool keep_alive_ = false;
};

static_assert(sizeof(ResponseParser) <= 96, "one for every connection of every user");

}  // namespace gend::http
