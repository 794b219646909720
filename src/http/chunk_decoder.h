#pragma once

#include <cstdint>
#include <string_view>

#include "base/outcome.h"

namespace gend::http {

// The chunks of one body (RFC 9112 7.1) up to and including the line of the last chunk; the trailer
// section after it is header lines again, and the parser's. Extensions are checked for control
// bytes and ignored.
class ChunkDecoder {
 public:
  struct Step {
    std::string_view data;  // a piece of the body, inside the bytes that were given
    bool ended = false;     // the last chunk's line was read; trailers follow
    Outcome fault = Outcome::kOk;
  };

  // Takes bytes from the front of `bytes` until a piece of the body was found, the chunks ended,
  // something was wrong, or all are taken.
  Step next(std::string_view& bytes);

 private:
  enum class State : std::uint8_t {
    kSizeStart, kSize, kBlankAfterSize, kExtension, kSizeLf, kData, kDataCr, kDataLf
  };

  void take_usual_line(std::string_view& bytes);
  Outcome take_line_byte(char byte);
  Outcome take_size_digit(char byte);

  std::uint64_t left_ = 0;
  std::uint16_t line_bytes_ = 0;
  State state_ = State::kSizeStart;
};

}  // namespace gend::http
