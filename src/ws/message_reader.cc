#include "ws/message_reader.h"

#include <algorithm>

#include "base/assert.h"
#include "ws/deflate.h"

namespace gend::ws {
namespace {

constexpr std::uint16_t kNoCloseCode = 1005;  // RFC 6455 7.4.1
constexpr unsigned kFinBit = 0x80, kRsv1 = 0x40, kRsv2And3 = 0x30, kMaskBit = 0x80;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Of a header that may not be whole yet, and whose frame is not masked.
std::size_t header_size(std::string_view start) {
  if (start.size() < 2) return 2;
  const unsigned length = byte_at(start, 1) & 0x7F;
  if (length < 126) return 2;
  return length == 126 ? 4 : 10;
}

constexpr bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

MessageReader::Kind kind_of(Opcode opcode) {
  using enum MessageReader::Kind;
  switch (opcode) {
    case Opcode::kText: return kText;
    case Opcode::kBinary: return kBinary;
    case Opcode::kPing: return kPing;
    case Opcode::kPong: return kPong;
    case Opcode::kClose: return kClose;
    case Opcode::kContinuation: break;
  }
  return kNeedMore;
}

}  // namespace

void MessageReader::begin(const ReaderOptions& options) {
  GEND_ASSERT(pieces_ == Spill::kNone && control_pieces_ == Spill::kNone);
  GEND_ASSERT(options.message_bytes <= limits::kMessageBytesMost);
  *this = MessageReader{};
  check_ = options.utf8;
  deflate_ = options.deflate;
  limit_ = options.message_bytes;
  phase_ = Phase::kHeader;
}

void MessageReader::end(Spill& spill) {
  spill.give_back(pieces_);
  spill.give_back(control_pieces_);
  gave_pieces_ = false;
  phase_ = Phase::kFailed;
}

MessageReader::Item MessageReader::next(std::string_view& bytes, Spill& spill) {
  GEND_ASSERT(phase_ != Phase::kFailed);
  if (gave_pieces_) {
    spill.give_back(is_control() ? control_pieces_ : pieces_);
    gave_pieces_ = false;
  }
  if (phase_ == Phase::kClosed) bytes.remove_prefix(bytes.size());
  while (!bytes.empty()) {
    if (phase_ == Phase::kHeader) {
      Outcome fault = Outcome::kOk;
      const bool whole = take_header(bytes, spill, fault);
      if (fault != Outcome::kOk) return fail(fault, spill);
      if (!whole) break;
    }
    const std::string_view piece = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
    bytes.remove_prefix(piece.size());
    left_ -= piece.size();
    phase_ = left_ == 0 ? Phase::kHeader : Phase::kPayload;
    const Item item = is_control() ? take_control(piece, spill) : take_data(piece, spill);
    if (item.kind != Kind::kNeedMore || left_ > 0) return item;
  }
  return {};
}

// False when there is not enough of it. A rule that is broken shows as soon as its byte is there,
// and the rules are looked at in the order of the bytes: so no split changes the verdict.
bool MessageReader::take_header(std::string_view& bytes, const Spill& spill, Outcome& fault) {
  if (header_size_ == 0 && bytes.size() >= header_size(bytes)) {
    const std::string_view header = bytes.substr(0, header_size(bytes));
    bytes.remove_prefix(header.size());
    fault = begin_frame(header, spill);
    return true;
  }
  while (header_size_ < header_size(carried())) {
    if (bytes.empty()) {
      fault = start_fault(carried());
      return false;
    }
    header_[header_size_++] = bytes.front();
    bytes.remove_prefix(1);
  }
  fault = begin_frame(carried(), spill);
  header_size_ = 0;
  return true;
}

Outcome MessageReader::first_byte_fault(unsigned byte) const {
  const unsigned opcode = byte & 0x0F;
  const bool starts_message = opcode == 1 || opcode == 2;
  if (byte & kRsv2And3) return Outcome::kWsReservedBits;
  if ((byte & kRsv1) && !(deflate_ == DeflateUse::kAgreed && starts_message))
    return Outcome::kWsReservedBits;
  if (!is_known(opcode)) return Outcome::kWsOpcode;
  if (opcode >= 8) return byte & kFinBit ? Outcome::kOk : Outcome::kWsControlFrame;
  return within_message() == starts_message ? Outcome::kWsContinuation : Outcome::kOk;
}

// The rules of the first two bytes, as far as they are there.
Outcome MessageReader::start_fault(std::string_view header) const {
  if (header.empty()) return Outcome::kOk;
  const Outcome fault = first_byte_fault(byte_at(header, 0));
  if (fault != Outcome::kOk || header.size() < 2) return fault;
  if (byte_at(header, 1) & kMaskBit) return Outcome::kWsMasked;
  const bool control = byte_at(header, 0) & 0x08;
  return control && byte_at(header, 1) > kMaxControlPayload ? Outcome::kWsControlFrame
                                                            : Outcome::kOk;
}

Outcome MessageReader::begin_frame(std::string_view header, const Spill& spill) {
  const Outcome fault = start_fault(header);
  if (fault != Outcome::kOk) return fault;
  std::uint64_t length = byte_at(header, 1);
  if (header.size() > 2) {
    length = 0;
    for (std::size_t i = 2; i < header.size(); ++i) length = length << 8 | byte_at(header, i);
    const std::uint64_t least = header.size() == 4 ? 126 : 0x10000;
    if (length < least || length >> 63) return Outcome::kWsLength;
  }
  frame_ = static_cast<Opcode>(byte_at(header, 0) & 0x0F);
  left_ = length;
  if (is_control()) return Outcome::kOk;

  fin_ = byte_at(header, 0) & kFinBit ? Fin::kLast : Fin::kMore;
  if (!within_message()) {
    message_ = frame_;
    compressed_ = byte_at(header, 0) & kRsv1;
    frames_ = 0;
    wire_bytes_ = 0;
    utf8_.reset();
  }
  const std::uint64_t limit = compressed_ ? compressed_limit(limit_) : limit_;
  const std::uint64_t before = pieces_ == Spill::kNone ? 0 : spill.at(pieces_).size();
  if (length > limit - before || ++frames_ > limits::kMessageFrames) return Outcome::kWsTooLarge;
  wire_bytes_ += header.size() + length;
  return Outcome::kOk;
}

MessageReader::Item MessageReader::take_control(std::string_view piece, Spill& spill) {
  std::string_view payload = piece;
  if (left_ > 0 || control_pieces_ != Spill::kNone) {
    if (control_pieces_ == Spill::kNone) control_pieces_ = spill.borrow();
    payload = spill.at(control_pieces_).append(piece);
    if (left_ > 0) return {};
    gave_pieces_ = true;
  }
  if (frame_ == Opcode::kClose) return deliver_close(payload, spill);
  Item item;
  item.kind = kind_of(frame_);
  item.frames = 1;
  item.wire_bytes = 2 + payload.size();
  item.payload = payload;
  return item;
}

MessageReader::Item MessageReader::deliver_close(std::string_view payload, Spill& spill) {
  Item item;
  item.kind = Kind::kClose;
  item.close_code = kNoCloseCode;
  item.frames = 1;
  item.wire_bytes = 2 + payload.size();
  if (!payload.empty()) {
    if (payload.size() == 1) return fail(Outcome::kWsClosePayload, spill);
    item.close_code = static_cast<std::uint16_t>(byte_at(payload, 0) << 8 | byte_at(payload, 1));
    item.payload = payload.substr(2);
    if (!is_close_code(item.close_code) || !is_utf8(item.payload))
      return fail(Outcome::kWsClosePayload, spill);
  }
  spill.give_back(pieces_);  // a message that will never be complete
  phase_ = Phase::kClosed;
  return item;
}

MessageReader::Item MessageReader::take_data(std::string_view piece, Spill& spill) {
  const bool checked =
      message_ == Opcode::kText && check_ == Utf8Check::kYes && !compressed_;
  if (checked && !utf8_.take(piece)) return fail(Outcome::kWsUtf8, spill);
  const bool whole = left_ == 0 && fin_ == Fin::kLast;
  if (whole && checked && !utf8_.at_end()) return fail(Outcome::kWsUtf8, spill);
  std::string_view payload = piece;
  if ((!whole && !piece.empty()) || pieces_ != Spill::kNone) {
    if (pieces_ == Spill::kNone) pieces_ = spill.borrow();
    payload = spill.at(pieces_).append(piece);
    gave_pieces_ = whole;
  }
  if (!whole) return {};

  Item item;
  item.kind = kind_of(message_);
  item.compressed = compressed_;
  item.frames = frames_;
  item.wire_bytes = wire_bytes_;
  item.payload = payload;
  message_ = Opcode::kContinuation;
  return item;
}

void MessageReader::inflate(Item& item, Inflater& inflater, Spill& spill) {
  GEND_ASSERT(item.compressed && phase_ != Phase::kFailed);
  const Inflater::Result result = inflater.inflate(item.payload, limit_);
  if (result.outcome != Outcome::kOk) {
    item = fail(result.outcome, spill);
  } else if (item.kind == Kind::kText && check_ == Utf8Check::kYes && !is_utf8(result.message)) {
    item = fail(Outcome::kWsUtf8, spill);
  } else {
    item.payload = result.message;
    item.compressed = false;
  }
}

MessageReader::Item MessageReader::fail(Outcome why, Spill& spill) {
  end(spill);
  Item item;
  item.kind = Kind::kFailed;
  item.outcome = why;
  return item;
}

}  // namespace gend::ws
