#include "target/ws_frames.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace gend::target {
namespace {

constexpr std::uint64_t kSmallPayload = 125, kMediumPayload = 0xFFFF;

// Of a client's frame: RFC 6455 5.2, with the mask.
std::uint64_t head_size(std::uint64_t payload) {
  const std::uint64_t extended = payload <= kSmallPayload ? 0 : payload <= kMediumPayload ? 2 : 8;
  constexpr std::uint64_t kMask = 4;
  return 2 + extended + kMask;
}

}  // namespace

std::size_t append_frame_head(std::string& out, WsOpcode opcode, std::size_t size,
                              bool compressed) {
  char head[10];
  std::size_t used = 2;
  head[0] = static_cast<char>(0x80 | (compressed ? 0x40 : 0) | static_cast<int>(opcode));
  const auto put = [&](std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
      head[used++] = static_cast<char>(size >> (8 * (bytes - 1 - i)));
  };
  if (size <= kSmallPayload) {
    head[1] = static_cast<char>(size);
  } else if (size <= kMediumPayload) {
    head[1] = 126;
    put(2);
  } else {
    head[1] = 127;
    put(8);
  }
  out.append(head, used);
  return used;
}

void append_close(std::string& out, std::uint16_t code, std::string_view reason) {
  constexpr std::size_t kMostReason = kSmallPayload - 2;
  reason = reason.substr(0, kMostReason);
  append_frame_head(out, WsOpcode::kClose, 2 + reason.size());
  out += static_cast<char>(code >> 8);
  out += static_cast<char>(code & 0xFF);
  out += reason;
}

std::uint16_t code_of_close(std::string_view payload) {
  if (payload.empty()) return ws_code::kNoStatus;
  if (payload.size() == 1) return ws_code::kProtocol;
  const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                               static_cast<unsigned char>(payload[1]));
  const bool defined = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
                        code != 1006) ||
                       (code >= 3000 && code <= 4999);
  if (!defined) return ws_code::kProtocol;
  return is_utf8(payload.substr(2)) ? code : ws_code::kBadText;
}

WsReader::WsReader() {
  constexpr wslay_frame_callbacks kCallbacks{nullptr, &WsReader::take, nullptr};
  wslay_frame_context_ptr made = nullptr;
  const int failed = ::wslay_frame_context_init(&made, &kCallbacks, this);
  GEND_ASSERT(failed == 0);
  context_.reset(made);
}

void WsReader::trim() {
  constexpr std::size_t kKeptCapacity = 64 * 1024;
  if (message_.capacity() > kKeptCapacity) std::string{}.swap(message_);
}

ssize_t WsReader::take(std::uint8_t* to, std::size_t size, int, void* user) {
  std::string_view& input = static_cast<WsReader*>(user)->input_;
  const std::size_t taken = std::min(size, input.size());
  if (taken > 0) std::memcpy(to, input.data(), taken);
  input.remove_prefix(taken);
  return static_cast<ssize_t>(taken);
}

// What wslay's frame parser leaves to its caller: the rules of a server and of messages.
std::uint16_t WsReader::begin_frame(const wslay_frame_iocb& frame, bool deflate) {
  in_frame_ = true;
  left_ = frame.payload_length;
  parsed_ += head_size(frame.payload_length) + frame.payload_length;
  opcode_ = static_cast<WsOpcode>(frame.opcode);
  fin_ = frame.fin != 0;
  if (frame.mask == 0) return ws_code::kProtocol;
  const bool data = frame.opcode <= 2, control = frame.opcode >= 8 && frame.opcode <= 10;
  if (!data && !control) return ws_code::kProtocol;
  const bool begins = opcode_ == WsOpcode::kText || opcode_ == WsOpcode::kBinary;
  if (frame.rsv != 0 && !(frame.rsv == WSLAY_RSV1_BIT && deflate && begins))
    return ws_code::kProtocol;
  if (control) return 0;
  if (begins == in_message_) return ws_code::kProtocol;
  if (begins) {
    message_opcode_ = opcode_;
    compressed_ = frame.rsv != 0;
  }
  return message_.size() + frame.payload_length > limits::kTargetMessageBytes ? ws_code::kTooBig
                                                                              : 0;
}

}  // namespace gend::target
