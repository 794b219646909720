#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/outcome.h"

namespace gend::http {

// Undoes content codings (RFC 9110 8.4): gzip (all its members), deflate (with and, as some servers
// send it, without zlib's wrapping), br, and lists of these. One for each shard; keeps its memory,
// so that a steady state allocates nothing.
class ContentDecoder {
 public:
  enum class Result : std::uint8_t {
    kPlain,    // nothing to undo
    kDecoded,  // `body` is decoded
    kUnknown,  // a coding that is not known here: `body` is as it was
    kFailed    // `body` is as far as it came; see outcome
  };
  struct Decoded {
    Result result = Result::kPlain;
    Outcome outcome = Outcome::kOk;  // kFailed: kBadContentEncoding or kBodyTooLarge
  };

  ContentDecoder();
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  // `codings` is the value of Content-Encoding. More than limits::kBodyBytes of output, at any
  // layer, is kBodyTooLarge. A body of no bytes is nothing to undo.
  Decoded decode(std::string_view codings, std::string& body);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gend::http
