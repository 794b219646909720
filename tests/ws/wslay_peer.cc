#include "ws/wslay_peer.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace gend::test {

WslayPeer::WslayPeer(Role role, std::uint64_t most_bytes) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = &WslayPeer::receive;
  callbacks.send_callback = &WslayPeer::send;
  callbacks.genmask_callback = &WslayPeer::make_mask;
  callbacks.on_msg_recv_callback = &WslayPeer::hear;
  const int result = role == Role::kServer
                         ? wslay_event_context_server_init(&context_, &callbacks, this)
                         : wslay_event_context_client_init(&context_, &callbacks, this);
  GEND_ASSERT(result == 0);
  wslay_event_config_set_max_recv_msg_length(context_, most_bytes);
}

WslayPeer::~WslayPeer() { wslay_event_context_free(context_); }

void WslayPeer::feed(std::string_view bytes) {
  input_ = bytes;
  while (!input_.empty() && wslay_event_get_read_enabled(context_)) {
    const int result = wslay_event_recv(context_);
    // A header that is wrong in itself looks to wslay like a connection that is.
    GEND_ASSERT(result == 0 || result == WSLAY_ERR_CALLBACK_FAILURE);
    while (wslay_event_want_write(context_)) GEND_ASSERT(wslay_event_send(context_) == 0);
  }
}

bool WslayPeer::failed() const {
  return !wslay_event_get_read_enabled(context_) && !wslay_event_get_close_received(context_);
}

std::uint16_t WslayPeer::close_code_sent() const {
  return wslay_event_get_status_code_sent(context_);
}

ssize_t WslayPeer::receive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size, int,
                           void* self) {
  std::string_view& input = static_cast<WslayPeer*>(self)->input_;
  if (input.empty()) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  const std::size_t take = std::min(size, input.size());
  std::memcpy(to, input.data(), take);
  input.remove_prefix(take);
  return static_cast<ssize_t>(take);
}

ssize_t WslayPeer::send(wslay_event_context_ptr, const std::uint8_t* bytes, std::size_t size, int,
                        void* self) {
  static_cast<WslayPeer*>(self)->said.append(reinterpret_cast<const char*>(bytes), size);
  return static_cast<ssize_t>(size);
}

int WslayPeer::make_mask(wslay_event_context_ptr, std::uint8_t* to, std::size_t size, void*) {
  std::memset(to, 'm', size);
  return 0;
}

void WslayPeer::hear(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message,
                     void* self) {
  std::string payload{reinterpret_cast<const char*>(message->msg), message->msg_length};
  const bool close = message->opcode == WSLAY_CONNECTION_CLOSE;
  if (close) payload.erase(0, 2);
  static_cast<WslayPeer*>(self)->heard.push_back(
      {message->opcode, close ? message->status_code : std::uint16_t{0}, std::move(payload)});
}

WslayWriter::WslayWriter() {
  wslay_frame_callbacks callbacks{};
  callbacks.send_callback = &WslayWriter::send;
  const int result = wslay_frame_context_init(&context_, &callbacks, this);
  GEND_ASSERT(result == 0);
}

WslayWriter::~WslayWriter() { wslay_frame_context_free(context_); }

void WslayWriter::write(unsigned opcode, bool last, std::string_view payload) {
  wslay_frame_iocb frame{};
  frame.fin = last;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  frame.payload_length = payload.size();
  do {
    frame.data = reinterpret_cast<const std::uint8_t*>(payload.data());
    frame.data_length = payload.size();
    const ssize_t taken = wslay_frame_send(context_, &frame);
    GEND_ASSERT(taken >= 0);
    payload.remove_prefix(static_cast<std::size_t>(taken));
  } while (!payload.empty());
}

ssize_t WslayWriter::send(const std::uint8_t* bytes, std::size_t size, int, void* self) {
  static_cast<WslayWriter*>(self)->bytes.append(reinterpret_cast<const char*>(bytes), size);
  return static_cast<ssize_t>(size);
}

}  // namespace gend::test
