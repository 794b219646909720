#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "sio/open.h"
#include "sio/session.h"

namespace gend::engine {

struct PollState;

// What a session of Socket.IO needs beside its WebSocket.
struct SioState {
  PollState* poll = nullptr;  // while it polls
  sio::Session protocol;
  sio::Open open;            // its texts are in `sid`
  std::string sid;           // of the engine
  std::string pid, offset;   // to recover the session with, when the server does that
  std::string held;          // an event whose attachments are on their way
  std::uint64_t next_ack = 0;
  TimePoint ping_deadline = kNever;
};

}  // namespace gend::engine
