#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/outcome.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/exchange.h"
#include "http/response_parser.h"
#include "net/event.h"
#include "plan/values.h"
#include "ws/handshake.h"
#include "ws/message_reader.h"

namespace gend::engine {

inline constexpr std::uint32_t kNoSession = ~std::uint32_t{0};
inline constexpr std::uint32_t kNoStep = ~std::uint32_t{0};

enum class SessionState : std::uint8_t {
  kFree,
  kOpening,    // connects, shakes hands, joins its namespace
  kOpen,
  kDraining,   // its user leaves; what it is owed may still come
  kClosing,    // our close frame is out, the server's is awaited
  kLingering,  // over; the server may close the connection first (RFC 6455 7.1.1)
  kAway        // lost; connects again at `deadline`
};

// The WebSocket of a session. One that polls has none, or not yet.
enum class WireState : std::uint8_t {
  kDown,
  kConnecting,  // TCP and TLS
  kUpgrading,   // the handshake is out
  kUp
};

// What a handshake needs. Sessions that are open hold none.
struct Opening {
  Exchange exchange;
  ws::HandshakeKey key{};
};

// A message whose answer is awaited while its user goes on.
struct Awaited {
  std::uint64_t key = 0;    // hash of what the answer says, or the number of an acknowledgement
  std::uint32_t step = 0;   // of the program: a kSend or kEmit
  TimePoint sent{};         // when it was wanted
  TimePoint deadline = kNever;
};
using AwaitedList = std::vector<Awaited>;

// Where a user goes on after it has joined again.
struct Resume {
  std::uint32_t pc = kNoStep;
  TimePoint intended{}, until{};
};

struct InRoom;
struct SioState;

// One session of a user: a connection with a protocol on it. Its user does its steps; what comes in
// is worked off whatever the user is doing.
//
// It is its own timer.
struct Session : Timer {
  SessionState state = SessionState::kFree;
  WireState wire = WireState::kDown;
  bool detached : 1 = false;     // its user has gone on
  bool joined : 1 = false;       // its rejoin_step was done once
  bool expects_held : 1 = true;  // of the handshake
  Outcome fails_soon = Outcome::kOk;  // told by its timer
  std::uint8_t attempt = 0;  // to connect again, in a row
  ws::DeflateUse deflate = ws::DeflateUse::kNo;
  std::uint16_t plan = 0;            // index into Program::sessions
  std::uint16_t life = 0;            // one up whenever the slot is taken or given back
  // Pings are numbered. The server may answer the latest one only (RFC 6455 5.5.3); while one is
  // unanswered, a pong must come in time from `waits_since`.
  std::uint16_t ping = 0, pong = 0;
  std::uint32_t index = 0;           // in the table
  std::uint32_t user = 0;            // slot
  std::uint32_t outer = kNoSession;  // of the same user
  net::ConnectionId connection = net::kNoConnection;
  ws::MessageReader* reader = nullptr;  // while a message or a closing is under way
  plan::TextBuffer* sending = nullptr;  // the kernel has it
  plan::TextBuffer* pending = nullptr;  // goes out when that was sent
  Opening* opening = nullptr;
  AwaitedList* awaited = nullptr;
  SioState* sio = nullptr;
  InRoom* rooms = nullptr;
  Resume* resume = nullptr;  // while its user does the steps up to rejoin_step again
  TimePoint deadline = kNever;   // of its state
  TimePoint wire_due = kNever;   // by when the WebSocket must be up; then: the next ping
  // Until it is open: its first connect was handed to the kernel. Then, while pinged(): since when
  // a pong is awaited.
  TimePoint waits_since = kNever;
  TimePoint opened_at{};         // the first time
  TimePoint last_sent = kNever;  // the latest message, when it was wanted
  TimePoint last_received{};

  bool pinged() const { return ping != pong; }
};

static_assert(sizeof(Session) <= 168, "one for every session of every user");

}  // namespace gend::engine
