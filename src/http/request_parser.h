#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/chunk_decoder.h"
#include "http/fields.h"
#include "http/line_reader.h"
#include "http/response_parser.h"

namespace gend::http {

// The server side: incremental parser of one HTTP/1.x request after the other on one connection
// (RFC 9112 2.2, 3). As pure, strict and bounded as ResponseParser. Pipelined requests stay in the
// bytes that were not consumed.
class RequestParser {
 public:
  enum class State : std::uint8_t { kNeedMore, kComplete, kFailed };

  struct Progress {
    State state;
    std::size_t consumed;  // the rest of `bytes` belongs to the next request
  };

  // Forgets everything and expects a request. `kept` may be null; otherwise it is cleared, filled
  // as for responses, and must live until the request ends.
  void begin(Kept* kept) noexcept;

  // Feeds bytes as they come. After kComplete or kFailed only begin() may follow.
  Progress feed(std::string_view bytes);

  // The method and target as received, once the request line was; valid until begin().
  std::string_view method() const noexcept { return {line_.data(), method_size_}; }
  std::string_view target() const noexcept {
    if (line_.empty()) return {};
    return {line_.data() + method_size_ + 1, line_.size() - method_size_ - 1};
  }
  int minor_version() const noexcept { return minor_version_; }
  bool keep_alive() const noexcept { return keep_alive_; }  // only after kComplete
  // At least one byte of a request was seen; a connection that closes before is simply done.
  bool started() const noexcept { return started_; }
  // The head is read and the client waits for "100 Continue" before it sends the body
  // (RFC 9110 10.1.1). Ask after kNeedMore, once a request; false as soon as body bytes arrived.
  bool wants_continue() const noexcept;
  std::uint64_t body_bytes() const noexcept { return body_bytes_; }  // decoded from chunks
  // After kFailed: the status to answer with before closing: 400, 413, 414, 417, 431, 501 or 505.
  int error_status() const noexcept { return error_status_; }

 private:
  enum class Phase : std::uint8_t {
    kRequestLine, kHeaders, kSizedBody, kChunks, kTrailers, kComplete, kFailed
  };

  bool step(std::string_view& rest);
  bool take_line(std::string_view& rest);
  bool take_request_line(std::string_view line);
  bool take_version(std::string_view version);
  bool take_field_line(std::string_view line);
  bool note_server_field(std::string_view name, std::string_view value);
  bool end_of_headers();
  bool take_sized_body(std::string_view& rest);
  bool take_chunks(std::string_view& rest);
  bool keep_body(std::string_view data);
  bool complete();
  bool fail(int status);

  LineReader lines_;
  std::string line_;  // "METHOD target"
  Framing framing_;
  ChunkDecoder chunks_;
  Kept* kept_ = nullptr;
  std::uint64_t body_bytes_ = 0;
  std::uint32_t head_bytes_ = 0;
  std::uint32_t method_size_ = 0;
  std::uint16_t field_count_ = 0;
  std::uint16_t error_status_ = 0;
  std::uint16_t hosts_ = 0;
  Phase phase_ = Phase::kComplete;
  std::uint8_t minor_version_ = 0;
  bool expects_continue_ = false;
  bool started_ = false;
  bool keep_alive_ = false;
};

}  // namespace gend::http
