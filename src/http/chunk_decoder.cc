#include "http/chunk_decoder.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/limits.h"
#include "http/chars.h"
#include "http/fields.h"

namespace gend::http {
namespace {

constexpr int kNotHex = -1;

constexpr auto kHexValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(kNotHex);
  for (int i = 0; i < 10; ++i)
    values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i)
    for (const char first : {'a', 'A'})
      values[static_cast<std::size_t>(first + i)] = static_cast<std::int8_t>(10 + i);
  return values;
}();

constexpr int hex_value(char c) { return kHexValues[static_cast<unsigned char>(c)]; }

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

// The usual bytes between the data of two chunks in one go, when they are all there: CR LF, some
// digits, CR LF. Anything else is taken byte by byte, which also says what is wrong with it.
void ChunkDecoder::take_usual_line(std::string_view& bytes) {
  constexpr std::size_t kMostDigits = 8;
  constexpr std::string_view kEnd = "\r\n";
  std::size_t at = 0;
  if (state_ == State::kDataCr) {
    if (!bytes.starts_with(kEnd)) return;
    at = kEnd.size();
  } else if (state_ != State::kSizeStart) {
    return;
  }
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; at < bytes.size() && digits <= kMostDigits; ++digits, ++at) {
    const int digit = hex_value(bytes[at]);
    if (digit == kNotHex) break;
    size = size << 4 | static_cast<std::uint64_t>(digit);
  }
  const bool usual = size > 0 && digits <= kMostDigits && bytes.size() - at >= kEnd.size() &&
                     bytes[at] == '\r' && bytes[at + 1] == '\n';
  if (!usual) return;
  bytes.remove_prefix(at + kEnd.size());
  left_ = size;
  line_bytes_ = 0;
  state_ = State::kData;
}

ChunkDecoder::Step ChunkDecoder::next(std::string_view& bytes) {
  take_usual_line(bytes);
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
