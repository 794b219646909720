#include "http/request_parser.h"

#include <algorithm>

#include "base/assert.h"
#include "base/limits.h"
#include "base/outcome.h"
#include "http/chars.h"

namespace gend::http {
namespace {

constexpr int kBadRequest = 400;
constexpr int kContentTooLarge = 413;
constexpr int kUriTooLong = 414;
constexpr int kExpectationFailed = 417;
constexpr int kHeadersTooLarge = 431;
constexpr int kNotImplemented = 501;
constexpr int kVersionNotSupported = 505;

// What may stand in a target; which form it has is for the routes to decide.
bool is_target(std::string_view text) {
  if (text.empty()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7f;
  });
}

}  // namespace

void RequestParser::begin(Kept* kept) noexcept {
  lines_.reset();
  line_.clear();
  framing_ = Framing{};
  chunks_ = ChunkDecoder{};
  kept_ = kept;
  if (kept_) kept_->clear();
  body_bytes_ = 0;
  head_bytes_ = 0;
  method_size_ = 0;
  field_count_ = 0;
  error_status_ = 0;
  hosts_ = 0;
  phase_ = Phase::kRequestLine;
  minor_version_ = 0;
  expects_continue_ = false;
  started_ = false;
  keep_alive_ = false;
}

RequestParser::Progress RequestParser::feed(std::string_view bytes) {
  GEND_ASSERT(phase_ != Phase::kComplete && phase_ != Phase::kFailed);
  std::string_view rest = bytes;
  while (step(rest)) {
  }
  const std::size_t consumed = bytes.size() - rest.size();
  if (phase_ == Phase::kComplete) return {State::kComplete, consumed};
  if (phase_ == Phase::kFailed) return {State::kFailed, consumed};
  return {State::kNeedMore, consumed};
}

bool RequestParser::wants_continue() const noexcept {
  const bool in_body = phase_ == Phase::kSizedBody || phase_ == Phase::kChunks;
  return expects_continue_ && in_body;
}

bool RequestParser::step(std::string_view& rest) {
  switch (phase_) {
    case Phase::kRequestLine:
    case Phase::kHeaders:
    case Phase::kTrailers:
      return take_line(rest);
    case Phase::kSizedBody:
      return take_sized_body(rest);
    case Phase::kChunks:
      return take_chunks(rest);
    case Phase::kComplete:
    case Phase::kFailed:
      return false;
  }
  return false;
}

bool RequestParser::take_line(std::string_view& rest) {
  const std::size_t limit =
      phase_ == Phase::kTrailers ? limits::kTrailerBytes : limits::kHeaderBytes;
  std::string_view line;
  switch (lines_.next(rest, limit - head_bytes_, line)) {
    case LineReader::Result::kTooLong:
      return fail(phase_ == Phase::kRequestLine ? kUriTooLong : kHeadersTooLarge);
    case LineReader::Result::kPartial:
      // A lone CR may be the start of an empty line before the request, which is no request yet.
      if (!line.empty() && line != "\r") started_ = true;
      return false;
    case LineReader::Result::kLine:
      break;
  }
  head_bytes_ += static_cast<std::uint32_t>(line.size());
  return phase_ == Phase::kRequestLine ? take_request_line(line) : take_field_line(line);
}

bool RequestParser::take_request_line(std::string_view line) {
  if (is_empty_line(line)) return true;  // RFC 9112 2.2: some clients end a body with one too many
  started_ = true;
  if (line.size() < 2 || line[line.size() - 2] != '\r') return fail(kBadRequest);
  line.remove_suffix(2);
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end == method_end) return fail(kBadRequest);
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (!is_token(line.substr(0, method_end)) || !is_target(target)) return fail(kBadRequest);
  line_.assign(line.substr(0, target_end));
  method_size_ = static_cast<std::uint32_t>(method_end);
  return take_version(line.substr(target_end + 1));
}

bool RequestParser::take_version(std::string_view version) {
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7]))
    return fail(kBadRequest);
  if (version[5] != '1') return fail(kVersionNotSupported);
  minor_version_ = version[7] == '0' ? 0 : 1;
  phase_ = Phase::kHeaders;
  return true;
}

bool RequestParser::take_field_line(std::string_view line) {
  const bool is_trailer = phase_ == Phase::kTrailers;
  if (is_empty_line(line)) return is_trailer ? complete() : end_of_headers();
  if (++field_count_ > limits::kHeaderCount) return fail(kHeadersTooLarge);

  const FieldLine field = parse_field_line(line);
  if (field.fault != Outcome::kOk) return fail(kBadRequest);
  if (!is_trailer) {
    const Outcome fault = note_field(framing_, field.name, field.value);
    if (fault == Outcome::kBadTransferEncoding) return fail(kNotImplemented);
    if (fault != Outcome::kOk) return fail(kBadRequest);
    if (!note_server_field(field.name, field.value)) return false;
  }
  if (kept_ && kept_->want_headers)
    kept_->headers.append(field.name).append(": ").append(field.value).append("\n");
  return true;
}

bool RequestParser::note_server_field(std::string_view name, std::string_view value) {
  if (equals_ignoring_case(name, "host")) ++hosts_;
  if (equals_ignoring_case(name, "expect")) {
    if (!equals_ignoring_case(value, "100-continue")) return fail(kExpectationFailed);
    expects_continue_ = true;
  }
  return true;
}

bool RequestParser::end_of_headers() {
  if (head_fault(framing_) != Outcome::kOk) return fail(kBadRequest);
  // RFC 9112 3.2: exactly one Host in HTTP/1.1; and 6.1: chunks in HTTP/1.0 are faulty framing.
  if (hosts_ > 1 || (minor_version_ >= 1 && hosts_ == 0)) return fail(kBadRequest);
  if (framing_.chunked && minor_version_ == 0) return fail(kBadRequest);
  if (kept_ && kept_->want_body && framing_.content_length > limits::kBodyBytes)
    return fail(kContentTooLarge);

  head_bytes_ = 0;
  keep_alive_ = is_persistent(framing_, minor_version_);
  if (minor_version_ == 0) expects_continue_ = false;  // RFC 9110 10.1.1
  if (framing_.chunked) {
    phase_ = Phase::kChunks;
    return true;
  }
  if (framing_.content_length == 0) return complete();
  phase_ = Phase::kSizedBody;
  return true;
}

bool RequestParser::take_sized_body(std::string_view& rest) {
  const std::uint64_t left = framing_.content_length - body_bytes_;
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left, rest.size()));
  if (take > 0) expects_continue_ = false;
  if (!keep_body(rest.substr(0, take))) return false;
  rest.remove_prefix(take);
  return take == left ? complete() : false;
}

bool RequestParser::take_chunks(std::string_view& rest) {
  if (!rest.empty()) expects_continue_ = false;
  const ChunkDecoder::Step found = chunks_.next(rest);
  if (found.fault != Outcome::kOk) return fail(kBadRequest);
  if (found.ended) {
    field_count_ = 0;
    phase_ = Phase::kTrailers;
    return true;
  }
  return keep_body(found.data) && !rest.empty();
}

// False when the request failed because there is more than we keep.
bool RequestParser::keep_body(std::string_view data) {
  body_bytes_ += data.size();
  if (!kept_ || !kept_->want_body) return true;
  if (body_bytes_ > limits::kBodyBytes) return fail(kContentTooLarge);
  kept_->body.append(data);
  return true;
}

bool RequestParser::complete() {
  phase_ = Phase::kComplete;
  return false;
}

bool RequestParser::fail(int status) {
  phase_ = Phase::kFailed;
  error_status_ = static_cast<std::uint16_t>(status);
  keep_alive_ = false;
  return false;
}

}  // namespace gend::http
