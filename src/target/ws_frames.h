#pragma once

#include <wslay/wslay.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/free.h"
#include "base/limits.h"
#include "target/text.h"

namespace gend::target {

enum class WsOpcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

namespace ws_code {
inline constexpr std::uint16_t kNormal = 1000, kProtocol = 1002, kNoStatus = 1005,
                               kAbnormal = 1006, kBadText = 1007, kPolicy = 1008, kTooBig = 1009,
                               kInternal = 1011;
}

// Appends the header of a whole, unmasked frame whose payload of that size follows; returns its
// size, at most 10.
std::size_t append_frame_head(std::string& out, WsOpcode opcode, std::size_t size,
                              bool compressed = false);
inline void append_frame(std::string& out, WsOpcode opcode, std::string_view payload) {
  append_frame_head(out, opcode, payload.size());
  out += payload;
}
void append_close(std::string& out, std::uint16_t code, std::string_view reason = {});

// The code of a close frame's payload: kNoStatus when there is none; kProtocol when the payload or
// the code is not allowed (RFC 6455 7.4), kBadText when the reason is not UTF-8.
std::uint16_t code_of_close(std::string_view payload);

// One whole message or control frame of a client.
struct WsMessage {
  WsOpcode opcode;
  std::string_view payload;  // valid during the call
  bool compressed = false;   // permessage-deflate: its text has not been looked at
};

// Reads a client's frames with wslay's frame parser and puts messages together. Only a connection
// in the middle of one needs a reader of its own.
class WsReader {
 public:
  WsReader();
  WsReader(const WsReader&) = delete;
  WsReader& operator=(const WsReader&) = delete;

  // Calls sink(const WsMessage&), which returns false to hear no more. 0, or the code to close
  // with; after that the reader is of no use.
  template <class Sink>
  std::uint16_t feed(std::string_view bytes, bool deflate, Sink&& sink);

  // Nothing that was fed is waiting for more: any other connection may use it.
  bool clean() const { return fed_ == parsed_ && !in_message_; }
  // Gives back what a large message took.
  void trim();

 private:
  static ssize_t take(std::uint8_t* to, std::size_t size, int flags, void* user);
  std::uint16_t begin_frame(const wslay_frame_iocb& frame, bool deflate);
  template <class Sink>
  std::uint16_t end_frame(std::string_view payload, Sink& sink, bool& go_on);

  std::unique_ptr<wslay_frame_context, Free<wslay_frame_context_free>> context_;
  std::string_view input_;
  std::uint64_t fed_ = 0, parsed_ = 0;  // bytes; parsed_: of whole frames
  std::uint64_t left_ = 0;              // of the frame's payload
  std::string message_;                 // fragments so far
  std::string control_;                 // a control frame that comes in pieces
  WsOpcode opcode_ = WsOpcode::kText;   // of the frame
  WsOpcode message_opcode_ = WsOpcode::kText;
  bool in_frame_ = false, in_message_ = false, fin_ = false, compressed_ = false;
};

// ---- the parts that call the sink --------------------------------------------------------------

template <class Sink>
std::uint16_t WsReader::end_frame(std::string_view payload, Sink& sink, bool& go_on) {
  in_frame_ = false;
  if (opcode_ >= WsOpcode::kClose) {
    go_on = sink(WsMessage{opcode_, payload});
    control_.clear();
    return 0;
  }
  if (!fin_) {
    in_message_ = true;
    return 0;
  }
  in_message_ = false;
  if (message_opcode_ == WsOpcode::kText && !compressed_ && !is_utf8(payload))
    return ws_code::kBadText;
  go_on = sink(WsMessage{message_opcode_, payload, compressed_});
  message_.clear();
  return 0;
}

template <class Sink>
std::uint16_t WsReader::feed(std::string_view bytes, bool deflate, Sink&& sink) {
  input_ = bytes;
  fed_ += bytes.size();
  for (bool go_on = true; go_on;) {
    wslay_frame_iocb frame{};
    const ssize_t read = ::wslay_frame_recv(context_.get(), &frame);
    if (read == WSLAY_ERR_WANT_READ) return 0;  // it takes all there is before it asks for more
    if (read < 0) return ws_code::kProtocol;
    if (!in_frame_)
      if (const std::uint16_t code = begin_frame(frame, deflate); code != 0) return code;
    const std::string_view piece{reinterpret_cast<const char*>(frame.data), frame.data_length};
    const bool whole = piece.size() == frame.payload_length;
    left_ -= piece.size();
    std::string& parts = opcode_ >= WsOpcode::kClose ? control_ : message_;
    const bool in_place = whole && parts.empty() && (fin_ || opcode_ >= WsOpcode::kClose);
    if (!in_place) parts += piece;
    if (left_ > 0) continue;
    if (const std::uint16_t code = end_frame(in_place ? piece : parts, sink, go_on); code != 0)
      return code;
  }
  return 0;
}

}  // namespace gend::target
