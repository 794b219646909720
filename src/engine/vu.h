#pragma once

#include <cstdint>

#include "base/outcome.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/exchange.h"
#include "engine/session.h"
#include "http/cookie_jar.h"
#include "net/event.h"
#include "plan/values.h"

namespace gend::engine {

enum class VuState : std::uint8_t {
  kIdle,        // no iteration under way
  kConnecting,  // waits for the connection of its request
  kWaiting,     // a request is out, its response is not complete
  kThinking,    // waits until `deadline`, then goes on at `pc`
  kRetrying,    // waits until `deadline`, then makes its request again
  kPacing,      // its iteration is over; the next one may begin at `deadline`
  kBursting,    // its hands are at work
  // In a session, `waits_for`:
  kOpening,    // it is being opened
  kHeld,       // a message waits until the session is back, or an answer has come
  kReceiving,  // waits for a message until `deadline`
  kAcking,     // waits for an acknowledgement
  kEchoing,    // sends back what comes
  kClosing     // waits for what it is owed, and for the closing handshake
};

// One virtual user: a row in a shard's array, not a thread of control. What it is doing is its
// program counter and its state. The hands of a burst are rows too: they act for their user, with
// its number, values and cookies.
//
// It is its own timer: the end of a wait, or the next look at `deadline`.
struct Vu : Timer {
  VuState state = VuState::kIdle;
  bool active : 1 = false;    // has an iteration, until its executor has heard of its end
  bool retiring : 1 = false;  // ends with its iteration: the curve of its scenario fell
  bool fresh : 1 = false;     // the connection of the request under way was made for it
  std::uint8_t attempt = 0;  // of the request under way, from 0
  std::uint8_t hops = 0;     // redirects followed so far
  std::uint8_t stage = 0;    // of the scenario when the request was wanted
  std::uint8_t burst_failed = 0;  // FailReason + 1 of a hand's round
  std::uint16_t scenario = 0;
  std::uint16_t endpoint = 0;                         // of the request under way
  std::uint32_t slot = 0;                             // its place in the shard's array
  std::uint32_t user = 0;                             // the slot of the user it acts for: its own,
                                                      // or that of the user whose hand it is
  std::uint32_t pc = 0;                               // index into Program::steps
  net::ConnectionId connection = net::kNoConnection;  // of the request under way
  std::uint32_t session = kNoSession;    // the one it opened last, of those that are open
  std::uint32_t waits_for = kNoSession;
  std::uint32_t rejoin = kNoSession;     // is back, and its first steps are to be done again
  std::uint32_t cut = kNoStep;           // a session ended around it: where it goes on
  std::uint32_t round_trip = 0;  // ns that its latest connect took; at most 4 s
  TimePoint retire_at{};        // while retiring: when its iteration is cut off
  std::uint64_t number = 0;     // global, from 0; ${vu} is one more
  std::uint64_t iteration = 0;  // of this user, from 0
  std::uint64_t arrival = 0;    // open model: the arrival it carries out, global

  TimePoint free_since{};  // open model: its last iteration ended
  TimePoint iteration_intended{};
  TimePoint pace_until{};             // the next iteration begins no sooner
  TimePoint intended = kNever, ready = kNever;  // of its step: as in RequestTimes
  TimePoint deadline = kNever;        // the next one that counts: connect, first byte or total

  Exchange* exchange = nullptr;         // of the request under way
  plan::Values* values = nullptr;       // of the user; null when the plan has none
  std::uint64_t* rows = nullptr;        // of the user, one for each data set
  std::int64_t* registers = nullptr;    // its own
  http::CookieJar jar;                  // of the user
  Rng rng{0};

  bool is_hand() const { return user != slot; }
};

static_assert(sizeof(Vu) <= 224, "one for every user");

}  // namespace gend::engine
