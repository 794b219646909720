#pragma once

#include <cstdint>
#include <memory>

#include "base/rng.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/record.h"
#include "http/response_parser.h"
#include "net/event.h"
#include "plan/values.h"

namespace gend::engine {

enum class VuState : std::uint8_t {
  kIdle,        // no iteration under way
  kConnecting,  // waits for the connection of its request
  kWaiting,     // a request is out, its response is not complete
  kThinking
};

// One virtual user: a row in a shard's array, not a thread of control. What it is doing is its
// program counter and its state.
//
// It is its own timer: the end of a think time, or the next look at `deadline`.
struct Vu : Timer {
  VuState state = VuState::kIdle;
  bool active = false;    // has an iteration, from its start until its executor heard of its end
  bool retiring = false;  // ends with its iteration: the curve of its scenario fell
  std::uint16_t scenario = 0;
  std::uint32_t slot = 0;                             // its place in the shard's array
  std::uint32_t pc = 0;                               // index into Program::steps
  net::ConnectionId connection = net::kNoConnection;  // of the request under way
  TimePoint retire_at{};        // while retiring: when its iteration is cut off
  std::uint64_t number = 0;     // global, from 0; ${vu} is one more
  std::uint64_t iteration = 0;  // of this user, from 0

  TimePoint free_since{};  // open model: its last iteration ended
  TimePoint iteration_intended{};
  RequestTimes times;                 // of the request under way; `intended` of any step
  TimePoint total_deadline = kNever;  // of the request under way
  TimePoint deadline = kNever;        // the next one that counts: connect, first byte or total
  std::uint64_t sent_bytes = 0;       // of the request under way

  http::ResponseParser parser;
  std::unique_ptr<http::Kept> kept;  // made when a step first looks at a body or header
  plan::TextBuffer rendered;  // made when a step first renders; lives until the send ended
  Rng rng{0};
};

}  // namespace gend::engine
