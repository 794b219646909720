#include "http/chunk_decoder.h"

#include <algorithm>
#include <limits>

#include "base/limits.h"
#include "http/chars.h"
#include "http/fields.h"

namespace gend::http {
namespace {

constexpr int kNotHex = -1;

constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : kNotHex;
}

}  // namespace

static_assert(limits::kChunkLineBytes <= std::numeric_limits<std::uint16_t>::max(),
              "line_bytes_ counts to the limit");

Outcome ChunkDecoder::take_size_digit(char byte) {
  const int digit = hex_value(byte);
  if (digit == kNotHex || left_ >> 60 != 0) return Outcome::kBadChunkSize;
  left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
  state_ = State::kSize;
  return Outcome::kOk;
}

// One byte of "size [; extensions] CR LF", up to the CR; or of the CR LF after a chunk's data.
Outcome ChunkDecoder::take_line_byte(char byte) {
  switch (state_) {
    case State::kSizeStart:
      return take_size_digit(byte);
    case State::kSize:
    case State::kBlankAfterSize:
      if (byte == ';') {
        state_ = State::kExtension;
      } else if (is_blank(byte)) {
        state_ = State::kBlankAfterSize;
      } else if (state_ == State::kBlankAfterSize) {
        return Outcome::kBadChunkSize;  // blanks only ever lead to an extension
      } else if (byte == '\r') {
        state_ = State::kSizeLf;
      } else if (byte == '\n') {
        return Outcome::kBadLineEnding;
      } else {
        return take_size_digit(byte);
      }
      return Outcome::kOk;
    case State::kExtension:
      if (byte == '\r') state_ = State::kSizeLf;
      else if (!is_value_char(byte)) return fault_of_byte(byte, Outcome::kBadChunkSize);
      return Outcome::kOk;
    case State::kSizeLf:
      if (byte != '\n') return Outcome::kBadLineEnding;
      state_ = State::kData;
      line_bytes_ = 0;
      return Outcome::kOk;
    case State::kDataCr:
      if (byte != '\r') return Outcome::kBadChunkEnd;
      state_ = State::kDataLf;
      return Outcome::kOk;
    case State::kDataLf:
      if (byte != '\n') return Outcome::kBadChunkEnd;
      state_ = State::kSizeStart;
      line_bytes_ = 0;
      return Outcome::kOk;
    case State::kData:
      break;
  }
  return Outcome::kBadChunkSize;
}

ChunkDecoder::Step ChunkDecoder::next(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (state_ == State::kData) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      const std::string_view data = bytes.substr(0, take);
      bytes.remove_prefix(take);
      left_ -= take;
      if (left_ == 0) state_ = State::kDataCr;
      return {data, false, Outcome::kOk};
    }
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    if (++line_bytes_ > limits::kChunkLineBytes) return {{}, false, Outcome::kHeaderTooLarge};
    const Outcome fault = take_line_byte(byte);
    if (fault != Outcome::kOk) return {{}, false, fault};
    if (state_ == State::kData && left_ == 0) return {{}, true, Outcome::kOk};
  }
  return {{}, false, Outcome::kOk};
}

}  // namespace gend::http
