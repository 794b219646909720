#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.h"
#include "base/outcome.h"
#include "ws/frame.h"
#include "ws/spill.h"
#include "ws/utf8.h"

namespace gend::ws {

class Inflater;

enum class Utf8Check : std::uint8_t { kYes, kNo };  // of text messages; RFC 6455 8.1 asks for it
enum class DeflateUse : std::uint8_t { kNo, kAgreed };  // permessage-deflate, RFC 7692

struct ReaderOptions {
  std::uint64_t message_bytes = limits::kMessageBytes;  // of one message, also when inflated
  Utf8Check utf8 = Utf8Check::kYes;
  DeflateUse deflate = DeflateUse::kNo;
};

// What a server sends, cut into messages (RFC 6455 5), incrementally and in place. Strict: each
// rule that is broken has its own Outcome, at the first byte that breaks it, however the bytes are
// split.
class MessageReader {
 public:
  enum class Kind : std::uint8_t { kNeedMore, kText, kBinary, kPing, kPong, kClose, kFailed };

  struct Item {
    Kind kind = Kind::kNeedMore;
    Outcome outcome = Outcome::kOk;   // of kFailed: the rule that was broken
    std::uint16_t close_code = 0;     // of kClose; 1005 when the frame had none
    bool compressed = false;          // the payload is as it came; inflate() makes it readable
    std::uint32_t frames = 0;         // of this message
    std::uint64_t wire_bytes = 0;     // of this message, with the headers of its frames
    std::string_view payload;         // of kClose: the reason
  };

  // Forgets everything and expects a frame. Nothing may be borrowed: end() comes first when there
  // was a session before.
  void begin(const ReaderOptions& options);

  // Takes from the front of `bytes`. To be called again until it says kNeedMore; then `bytes` is
  // empty. The payload of a message that is one frame and lies whole in `bytes` is a view into
  // them, any other one into `spill`; valid until the next call. What follows a close frame is not
  // looked at (RFC 6455 5.5.1). After kFailed only end() and begin() may follow.
  Item next(std::string_view& bytes, Spill& spill);

  // Replaces the payload of a compressed item, the one that next() gave last, with the message: a
  // view into `inflater`, valid until its next use. The item becomes kFailed when the payload is no
  // deflate data, is too long, or is text and no UTF-8. Who looks at no payload need not call it.
  void inflate(Item& item, Inflater& inflater, Spill& spill);

  // Nothing of a message is there and nothing is borrowed: begin() would change nothing. Only after
  // kNeedMore.
  bool between_messages() const {
    return phase_ == Phase::kHeader && header_size_ == 0 && !within_message();
  }

  // Gives back what was borrowed; the session ended, maybe in the middle of a message.
  void end(Spill& spill);

 private:
  enum class Phase : std::uint8_t { kHeader, kPayload, kClosed, kFailed };

  std::string_view carried() const { return {header_, header_size_}; }
  bool take_header(std::string_view& bytes, const Spill& spill, Outcome& fault);
  Outcome start_fault(std::string_view header) const;
  Outcome first_byte_fault(unsigned byte) const;
  Outcome begin_frame(std::string_view header, const Spill& spill);
  // Both take what there is of the payload of this frame; kNeedMore when a message is not complete.
  Item take_control(std::string_view piece, Spill& spill);
  Item take_data(std::string_view piece, Spill& spill);
  Item deliver_close(std::string_view payload, Spill& spill);
  Item fail(Outcome why, Spill& spill);
  bool is_control() const { return static_cast<unsigned>(frame_) >= 8; }
  bool within_message() const { return message_ != Opcode::kContinuation; }

  std::uint64_t limit_ = 0;       // of a message as it comes
  std::uint64_t left_ = 0;        // of the payload of this frame
  std::uint64_t wire_bytes_ = 0;  // of this message so far
  std::uint32_t frames_ = 0;
  Spill::Slot pieces_ = Spill::kNone;          // of this message
  Spill::Slot control_pieces_ = Spill::kNone;  // of a control frame
  char header_[10];                            // of a frame whose header came in pieces
  std::uint8_t header_size_ = 0;
  Phase phase_ = Phase::kFailed;
  Opcode frame_ = Opcode::kContinuation;
  Opcode message_ = Opcode::kContinuation;  // none
  Fin fin_ = Fin::kLast;
  Utf8 utf8_;
  Utf8Check check_ = Utf8Check::kYes;
  DeflateUse deflate_ = DeflateUse::kNo;
  bool compressed_ = false;  // this message
  bool gave_pieces_ = false;  // the last item was a view into what is borrowed
};

static_assert(sizeof(MessageReader) <= 64, "one for every session");

}  // namespace gend::ws
