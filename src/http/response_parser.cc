#include "http/response_parser.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/limits.h"
#include "http/chars.h"
#include "http/plain_field.h"

namespace gend::http {
namespace {

constexpr std::string_view kUsualVersion = "HTTP/1.1 ";
constexpr std::size_t kReasonAt = 12;  // behind "HTTP/1.1 200"

constexpr bool has_no_body(int status) { return status == 204 || status == 304; }

// Checks the byte at `i` of a status line: "HTTP/1.1 200" and then SP or CR.
Outcome status_line_fault_at(std::string_view line, std::size_t i) {
  const char c = line[i];
  switch (i) {
    case 5:  // major version
      return c == '1' || c == '2' ? Outcome::kOk : Outcome::kBadVersion;
    case 7:  // minor version; of HTTP/2 there is only 2.0
      return is_digit(c) && (line[5] == '1' || c == '0') ? Outcome::kOk : Outcome::kBadVersion;
    case 6:
      return c == '.' ? Outcome::kOk : Outcome::kBadVersion;
    case 9:  // RFC 9110 15: 100 to 599; what is above is for the plan to judge
      return c >= '1' && c <= '9' ? Outcome::kOk : Outcome::kBadStatusLine;
    case 10:
    case 11:
      return is_digit(c) ? Outcome::kOk : Outcome::kBadStatusLine;
    case kReasonAt:
      if (c == ' ' || c == '\r') return Outcome::kOk;
      return c == '\n' ? Outcome::kBadLineEnding : Outcome::kBadStatusLine;
    default:
      return c == kUsualVersion[i] ? Outcome::kOk : Outcome::kBadStatusLine;
  }
}

bool is_usual_status_line(std::string_view line) {
  return line.size() > kReasonAt && line.starts_with(kUsualVersion) && line[9] >= '1' &&
         line[9] <= '9' && is_digit(line[10]) && is_digit(line[11]) && line[12] == ' ';
}

// Checks as much of a status line as is there, so that garbage without a line end is recognized at
// its first wrong byte.
Outcome status_line_fault(std::string_view line) {
  if (is_usual_status_line(line)) return Outcome::kOk;
  const std::size_t fixed = std::min(line.size(), kReasonAt + 1);
  for (std::size_t i = 0; i < fixed; ++i) {
    const Outcome fault = status_line_fault_at(line, i);
    if (fault != Outcome::kOk) return fault;
  }
  return Outcome::kOk;
}

Outcome reason_fault(std::string_view reason) {
  const std::size_t bad = find_bad_value_char(reason);
  if (bad == std::string_view::npos) return Outcome::kOk;
  return fault_of_byte(reason[bad], Outcome::kBadStatusLine);
}

void keep_first(std::string& kept, std::string_view value) {
  if (kept.empty()) kept = value;
}

// By its length, whether a field may be one that is always looked at: all that
// note_framing_field() and note_kept() know. Of twelve bytes is also Content-Type, which hardly any
// response goes without.
bool may_matter(std::string_view name) {
  constexpr std::uint32_t kLengths = 1U << 8 | 1U << 10 | 1U << 11 | 1U << 12 | 1U << 14 |
                                     1U << 16 | 1U << 17;
  if (name.size() >= 32 || (kLengths >> name.size() & 1) == 0) return false;
  return name.size() != 12 || to_lower(name[0]) == 'x';
}

// The few headers that are always kept.
void note_kept(Kept& kept, const FieldLine& field) {
  const std::string_view name = field.name;
  switch (name.size()) {
    case 8:
      if (is_word(name, "location")) keep_first(kept.location, field.value);
      break;
    case 10:
      if (is_word(name, "set-cookie")) kept.set_cookies.append(field.value).append("\n");
      break;
    case 11:
      if (is_word(name, "retry-after")) keep_first(kept.retry_after, field.value);
      break;
    case 12:
      if (is_word(name, "x-request-id")) keep_first(kept.request_id, field.value);
      break;
    case 16:
      if (!is_word(name, "content-encoding")) break;
      if (!kept.content_encoding.empty()) kept.content_encoding.append(", ");
      kept.content_encoding.append(field.value);
      break;
    default:
      break;
  }
}

void keep_excerpt(Kept& kept, std::string_view data) {
  kept.excerpt.append(data.substr(0, limits::kExcerptBytes - kept.excerpt.size()));
}

}  // namespace

std::string_view find_header(const Kept& kept, std::string_view lower_case_name) {
  std::string_view rest = kept.headers;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    const std::size_t colon = line.find(':');
    if (equals_ignoring_case(line.substr(0, colon), lower_case_name)) return line.substr(colon + 2);
  }
  return {};
}

void ResponseParser::begin(bool to_head, Kept* kept, Upgrade upgrade) noexcept {
  lines_.reset();
  framing_ = Framing{};
  chunks_ = ChunkDecoder{};
  kept_ = kept;
  if (kept_) kept_->clear();
  body_bytes_ = 0;
  head_bytes_ = 0;
  field_count_ = 0;
  status_ = 0;
  phase_ = Phase::kStatusLine;
  outcome_ = Outcome::kOk;
  interim_ = 0;
  minor_version_ = 0;
  upgrade_ = upgrade;
  to_head_ = to_head;
  started_ = false;
  keep_alive_ = false;
}

ResponseParser::Progress ResponseParser::feed(std::string_view bytes, KnownHeads* known) {
  GEND_ASSERT(phase_ != Phase::kComplete && phase_ != Phase::kFailed);
  // More of a large body that nobody looks at: only counted.
  if (phase_ == Phase::kSizedBody && !keeps_body() &&
      bytes.size() < framing_.content_length - body_bytes_) {
    body_bytes_ += bytes.size();
    return {State::kNeedMore, bytes.size()};
  }
  std::string_view rest = bytes;
  if (known && !started_) take_head(rest, *known);
  if (!bytes.empty()) started_ = true;
  while (step(rest)) {
  }
  const std::size_t consumed = bytes.size() - rest.size();
  if (phase_ == Phase::kComplete) return {State::kComplete, consumed};
  if (phase_ == Phase::kFailed) return {State::kFailed, consumed};
  return {State::kNeedMore, consumed};
}

bool ResponseParser::step(std::string_view& rest) {
  switch (phase_) {
    case Phase::kHeaders:
      return take_headers(rest);
    case Phase::kStatusLine:
      return take_start(rest);
    case Phase::kTrailers:
      return take_line(rest);
    case Phase::kSizedBody:
      return take_sized_body(rest);
    case Phase::kChunks:
      return take_chunks(rest);
    case Phase::kUntilClose:
      return take_until_close(rest);
    case Phase::kComplete:
    case Phase::kFailed:
      return false;
  }
  return false;
}

// The beginning of a response: a whole head at once, when it is known.
void ResponseParser::take_head(std::string_view& rest, KnownHeads& known) {
  if (kept_ && kept_->want_headers) return;
  if (const KnownHeads::Head* head = known.find(rest)) {
    framing_ = head->framing;
    status_ = head->status;
    minor_version_ = head->minor_version;
    rest.remove_prefix(head->size);
    end_of_headers();
    return;
  }
  const std::string_view piece = rest;
  while (in_head() && step(rest)) {
  }
  const std::size_t size = piece.size() - rest.size();
  if (in_head() || phase_ == Phase::kFailed || status_ < 200 || interim_ > 0) return;
  if (size > KnownHeads::kLongest || (kept_ && kept_->has_noted())) return;
  known.keep(piece, {.framing = framing_,
                     .size = static_cast<std::uint16_t>(size),
                     .status = status_,
                     .minor_version = minor_version_});
}

// The usual status line in one go, any other one as a line.
bool ResponseParser::take_start(std::string_view& rest) {
  if (!lines_.at_line_start() || !is_usual_status_line(rest)) return take_line(rest);
  const std::size_t size = plain_line(rest, kReasonAt);
  if (size == 0 || size > limits::kHeaderBytes) return take_line(rest);
  head_bytes_ = static_cast<std::uint32_t>(size);
  take_status(rest);
  rest.remove_prefix(size);
  return true;
}

bool ResponseParser::take_line(std::string_view& rest) {
  const std::size_t limit =
      phase_ == Phase::kTrailers ? limits::kTrailerBytes : limits::kHeaderBytes;
  std::string_view line;
  switch (lines_.next(rest, limit - head_bytes_, line)) {
    case LineReader::Result::kTooLong:
      return fail(start_fault(line, Outcome::kHeaderTooLarge));
    case LineReader::Result::kPartial: {
      const Outcome fault = start_fault(line, Outcome::kOk);
      return fault != Outcome::kOk && fail(fault);
    }
    case LineReader::Result::kLine:
      break;
  }
  head_bytes_ += static_cast<std::uint32_t>(line.size());
  return phase_ == Phase::kStatusLine ? take_status_line(line) : take_field_line(line);
}

// The fault of a line that did not end yet, when its beginning already shows one.
Outcome ResponseParser::start_fault(std::string_view line, Outcome otherwise) const {
  if (phase_ != Phase::kStatusLine) return otherwise;
  const Outcome fault = status_line_fault(line);
  return fault == Outcome::kOk ? otherwise : fault;
}

bool ResponseParser::take_status_line(std::string_view line) {
  const Outcome fault = status_line_fault(line);
  if (fault != Outcome::kOk) return fail(fault);
  if (line[line.size() - 2] != '\r') return fail(Outcome::kBadLineEnding);
  line.remove_suffix(2);
  const Outcome bad_reason = reason_fault(line.substr(kReasonAt));
  if (bad_reason != Outcome::kOk) return fail(bad_reason);
  take_status(line);
  return true;
}

// What a status line without a fault says.
void ResponseParser::take_status(std::string_view line) {
  minor_version_ = line[5] == '1' && line[7] != '0' ? 1 : 0;
  status_ = static_cast<std::uint16_t>((line[9] - '0') * 100 + (line[10] - '0') * 10 +
                                       (line[11] - '0'));
  phase_ = Phase::kHeaders;
}

// Plain lines in one go; then one line of any kind.
bool ResponseParser::take_headers(std::string_view& rest) {
  if (!lines_.at_line_start()) return take_line(rest);
  const bool keeps_all = kept_ && kept_->want_headers;
  std::string_view left = rest;
  std::size_t room = limits::kHeaderBytes - head_bytes_;
  unsigned fields = field_count_;
  bool fine = true;
  while (fields < limits::kHeaderCount) {
    const PlainLine line = plain_field_line(left);
    if (line.size == 0 || line.size > room) break;
    room -= line.size;
    ++fields;
    const std::string_view bytes = left;
    left.remove_prefix(line.size);
    if (!keeps_all && !may_matter({bytes.data(), line.colon})) continue;
    fine = take_header(parts_of(bytes, line));
    if (!fine) break;
  }
  rest = left;
  head_bytes_ = static_cast<std::uint32_t>(limits::kHeaderBytes - room);
  field_count_ = static_cast<std::uint16_t>(fields);
  if (!fine) return false;
  if (room < 2 || !rest.starts_with("\r\n")) return take_line(rest);
  rest.remove_prefix(2);
  return end_of_headers();
}

bool ResponseParser::take_field_line(std::string_view line) {
  const bool is_trailer = phase_ == Phase::kTrailers;
  if (is_empty_line(line)) return is_trailer ? complete() : end_of_headers();
  if (++field_count_ > limits::kHeaderCount) return fail(Outcome::kTooManyHeaders);

  const FieldLine field = parse_field_line(line);
  if (field.fault == Outcome::kOk && !is_trailer) return take_header(field);
  if (field.fault == Outcome::kOk) {
    // A trailer never changes the framing (RFC 9110 6.5.1).
    if (kept_ && kept_->want_headers) keep_field(field);
    return true;
  }
  if (is_trailer) return fail(Outcome::kBadTrailer);
  const bool folds_nothing = field.fault == Outcome::kObsFold && field_count_ == 1;
  return fail(folds_nothing ? Outcome::kBadHeaderName : field.fault);
}

bool ResponseParser::take_header(const FieldLine& field) {
  const Outcome fault = note_field(framing_, field.name, field.value);
  if (fault != Outcome::kOk) return fail(fault);
  if (!kept_) return true;
  note_kept(*kept_, field);
  if (kept_->want_headers) keep_field(field);
  return true;
}

void ResponseParser::keep_field(const FieldLine& field) {
  kept_->headers.append(field.name).append(": ").append(field.value).append("\n");
}

bool ResponseParser::end_of_headers() {
  const Outcome fault = head_fault(framing_);
  if (fault != Outcome::kOk) return fail(fault);
  if (status_ < 200) return end_of_interim();

  head_bytes_ = 0;
  keep_alive_ = is_persistent(framing_, minor_version_);
  if (to_head_ || has_no_body(status_)) return complete();
  if (framing_.chunked) {
    phase_ = Phase::kChunks;
    return true;
  }
  if (!framing_.has_length) {  // RFC 9112 6.3, rule 8
    keep_alive_ = false;
    phase_ = Phase::kUntilClose;
    return true;
  }
  if (framing_.content_length == 0) return complete();
  if (kept_ && kept_->want_body && framing_.content_length > limits::kBodyBytes)
    return fail(Outcome::kBodyTooLarge);
  phase_ = Phase::kSizedBody;
  return true;
}

bool ResponseParser::end_of_interim() {
  if (status_ == 101)
    return upgrade_ == Upgrade::kAsked ? complete() : fail(Outcome::kUnexpectedUpgrade);
  if (++interim_ > limits::kInterimResponses) return fail(Outcome::kTooManyInterim);
  framing_ = Framing{};
  head_bytes_ = 0;
  field_count_ = 0;
  status_ = 0;
  if (kept_) kept_->clear_head();
  phase_ = Phase::kStatusLine;
  return true;
}

bool ResponseParser::take_sized_body(std::string_view& rest) {
  const std::uint64_t left = framing_.content_length - body_bytes_;
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left, rest.size()));
  if (!keep_body(rest.substr(0, take))) return false;
  rest.remove_prefix(take);
  return take == left ? complete() : false;
}

bool ResponseParser::take_chunks(std::string_view& rest) {
  const ChunkDecoder::Step found = chunks_.next(rest);
  if (found.fault != Outcome::kOk) return fail(found.fault);
  if (found.ended) {
    field_count_ = 0;
    phase_ = Phase::kTrailers;
    return true;
  }
  return keep_body(found.data) && !rest.empty();
}

bool ResponseParser::take_until_close(std::string_view& rest) {
  if (!keep_body(rest)) return false;
  rest.remove_prefix(rest.size());
  return false;
}

// False when the response failed because there is more than we keep.
bool ResponseParser::keep_body(std::string_view data) {
  body_bytes_ += data.size();
  if (!keeps_body()) return true;
  if (!kept_->want_body) {
    keep_excerpt(*kept_, data);
    return true;
  }
  if (body_bytes_ > limits::kBodyBytes) return fail(Outcome::kBodyTooLarge);
  kept_->body.append(data);
  return true;
}

ResponseParser::State ResponseParser::finish() {
  GEND_ASSERT(phase_ != Phase::kComplete && phase_ != Phase::kFailed);
  if (phase_ == Phase::kUntilClose) {
    complete();
    return State::kComplete;
  }
  fail(cut_off_fault());
  return State::kFailed;
}

// A response that was cut off in the middle of a line that could never have become right is
// malformed rather than truncated; so the verdict does not depend on where the bytes were split.
Outcome ResponseParser::cut_off_fault() const {
  if (!started_) return Outcome::kClosedBeforeResponse;
  std::string_view line = lines_.partial();
  Outcome fault = Outcome::kOk;
  if (phase_ == Phase::kHeaders || phase_ == Phase::kTrailers) {
    fault = partial_field_fault(line);
    if (fault == Outcome::kObsFold && field_count_ == 0) fault = Outcome::kBadHeaderName;
    if (fault != Outcome::kOk && phase_ == Phase::kTrailers) fault = Outcome::kBadTrailer;
  } else if (phase_ == Phase::kStatusLine && line.size() > kReasonAt) {
    if (line.back() == '\r') line.remove_suffix(1);
    fault = reason_fault(line.substr(kReasonAt));
  }
  return fault == Outcome::kOk ? Outcome::kTruncated : fault;
}

bool ResponseParser::complete() {
  phase_ = Phase::kComplete;
  return false;
}

bool ResponseParser::fail(Outcome why) {
  phase_ = Phase::kFailed;
  outcome_ = why;
  keep_alive_ = false;
  return false;
}

}  // namespace gend::http
