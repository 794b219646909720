#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <wslay/wslay.h>

#include "base/rng.h"

namespace gend::test {

// A message as wslay heard it.
struct Heard {
  unsigned opcode = 0;
  std::uint16_t close_code = 0;  // of a close frame; 0 when it had none
  std::string payload;           // of a close frame: the reason
  friend bool operator==(const Heard&, const Heard&) = default;
};

// One side of a connection, played by wslay: what it makes of the bytes that it gets, and what it
// answers of its own accord (pongs, close frames).
class WslayPeer {
 public:
  enum class Role : std::uint8_t { kServer, kClient };

  WslayPeer(Role role, std::uint64_t most_bytes);
  ~WslayPeer();
  WslayPeer(const WslayPeer&) = delete;
  WslayPeer& operator=(const WslayPeer&) = delete;

  // Gives it bytes. It stops reading after a close frame and after a fault.
  void feed(std::string_view bytes);
  // The bytes broke a rule of wslay's.
  bool failed() const;
  // The code of the close frame that it answered.
  std::uint16_t close_code_sent() const;

  std::vector<Heard> heard;
  std::string said;

 private:
  static ssize_t receive(wslay_event_context_ptr, std::uint8_t* to, std::size_t size, int, void*);
  static ssize_t send(wslay_event_context_ptr, const std::uint8_t* bytes, std::size_t size, int,
                      void* self);
  static int make_mask(wslay_event_context_ptr, std::uint8_t* to, std::size_t size, void* self);
  static void hear(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* self);

  wslay_event_context_ptr context_ = nullptr;
  std::string_view input_;
};

// Frames of a server, one by one, written by wslay.
class WslayWriter {
 public:
  WslayWriter();
  ~WslayWriter();
  WslayWriter(const WslayWriter&) = delete;
  WslayWriter& operator=(const WslayWriter&) = delete;

  void write(unsigned opcode, bool last, std::string_view payload);

  std::string bytes;

 private:
  static ssize_t send(const std::uint8_t* bytes, std::size_t size, int, void* self);

  wslay_frame_context_ptr context_ = nullptr;
};

}  // namespace gend::test
