#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "extract/json_path.h"
#include "plan/http_request.h"
#include "plan/inspect.h"
#include "plan/template.h"

// Sessions of a plan, compiled: connections that a user opens, talks over, and closes. Between
// kSessionOpen and kSessionEnd stand the steps of its flow; those of other flows may stand among
// them. Steps that use a session name it by its index, so a user may have several open.
namespace gend::plan {

enum class SessionKind : std::uint8_t { kWebSocket, kSocketIo };

// How a Socket.IO client reaches its server. A list of both begins with polling and upgrades.
enum class Transports : std::uint8_t { kWebSocket, kPolling, kUpgrade };

// Slots of the series of one session step. Those of the other kind of session stay 0.
struct SessionSeries {
  std::uint32_t connecting = 0;      // trend ws_connecting, or sio_connecting
  std::uint32_t connect_failed = 0;  // rate ws_connect_failed, of first connects and reconnects
  std::uint32_t sessions = 0;        // counter ws_sessions
  std::uint32_t duration = 0;        // trend ws_session_duration
  std::uint32_t failed = 0;          // rate ws_session_failed: ended, and not by the plan
  std::uint32_t errors = 0;          // tally ws_errors: everything that went wrong, by its outcome
  std::uint32_t sent = 0, received = 0;  // counters ws_msgs_sent, ws_msgs_received
  std::uint32_t ping = 0;                // trend ws_ping
  std::uint32_t reconnects = 0;          // counter ws_reconnects: that succeeded
  std::uint32_t unasked = 0;             // counter ws_msgs_unasked: acks and replies that answer
                                         // nothing (any more)
  std::uint32_t upgrade = 0;             // trend sio_upgrade
  std::uint32_t disconnects = 0;         // counter sio_disconnects
  std::uint32_t ping_missed = 0;         // counter sio_ping_missed
};

struct Reconnect {
  std::uint32_t max = 0;  // attempts in a row; 0: none
  Backoff backoff{.initial = std::chrono::milliseconds{500},
                  .factor = 2,
                  .max = std::chrono::seconds{30},
                  .jitter = Jitter::kFull};
};

struct Session {
  SessionKind kind = SessionKind::kWebSocket;
  // The handshake: a GET without a body, in the plan's words only. What the protocol adds (Upgrade,
  // Connection, Sec-WebSocket-*; EIO, transport and sid in the query) is added when it is sent. Its
  // timeouts, captures, checks, expects, facets and cookies count as in any request; its http_*
  // series do not exist. Of Socket.IO: the path and query of the engine.
  HttpRequest request{};
  std::vector<std::string> subprotocols{};
  bool deflate = false;     // permessage-deflate is offered
  bool fixed_mask = false;  // `masking: fixed`: one key for all frames, said in the report
  bool validates_utf8 = true;
  Reconnect reconnect{};
  std::uint32_t inflight = 0;  // unanswered messages at most; 0: no cap
  Duration idle{};             // `idleTimeout`: nothing received for so long ends it; 0: never
  Duration ping_every{};       // `pingInterval`; 0: only the plan's own pings
  Duration pong{std::chrono::seconds{10}};  // `pongTimeout`: a ping is answered in time
  Duration close{std::chrono::seconds{5}};  // `closeTimeout`: so is a close frame
  std::uint64_t message_bytes = limits::kMessageBytes;  // received, `maxMessage`
  // Socket.IO
  std::string name_space{"/"};
  std::optional<Template> auth{};  // JSON
  Transports transports = Transports::kUpgrade;

  std::uint32_t open_step = 0;   // its kSessionOpen
  std::uint32_t end_step = 0;    // its kSessionEnd
  // After a reconnect the steps from open_step's successor up to this one (its last `listen` that
  // stands directly in its flow) are done again, and then the user goes on where it was; 0: none.
  std::uint32_t rejoin_step = 0;
  bool listens = false;  // has a `listen`: it waits for what it is owed before it closes
  SessionSeries series{};
};

// What stands in a message. Text is JSON or plain; the ledger's stamp is a piece of it.
struct Message {
  bool binary = false;
  Template payload{};
  bool stamped = false;            // has a ${stamp}
  std::optional<Template> room{};  // `room`: the stamp's; else that of the session's latest listen
};

// Which messages a step looks at, and what it does with them.
struct MessageMatch {
  std::optional<std::string> event{};  // Socket.IO: its name; else any event
  std::vector<Check> all{};  // all of them hold; `series` unused. Text may be a template: it is
                             // rendered when the wait begins
};

// A reply that is awaited while the user goes on: the message whose `key` says the same as `is`.
struct Reply {
  Extraction key{};
  Template is{};  // rendered when the message is sent
  Duration timeout{std::chrono::seconds{10}};
  std::uint32_t duration = 0;  // trend slot of ws_msg_duration
  std::uint32_t series = 0;    // rate slot of `checks`: "reply in time"
};

struct Send {
  std::uint32_t session = 0;  // index into Program::sessions
  Message message{};
  std::optional<Reply> reply{};
};

struct Ack {
  bool waits = true;  // `wait: false`: the user goes on meanwhile
  Duration timeout{std::chrono::seconds{10}};
  std::vector<Check> checks{}, expects{};
  std::vector<Capture> captures{};
  bool stops_on_failure = false;
  std::uint32_t duration = 0;  // trend slot of sio_ack
};

struct Emit {
  std::uint32_t session = 0;
  std::string event{};  // as written, for reports
  // The JSON array ["event", …]. `attachments`, if any, follow it as binary messages; the payload
  // has their placeholders.
  Message message{};
  std::vector<Template> attachments{};
  std::optional<Ack> ack{};
};

struct Receive {
  std::uint32_t session = 0;
  MessageMatch match{};
  Duration timeout{std::chrono::seconds{10}};
  std::vector<Check> checks{}, expects{};
  std::vector<Capture> captures{};
  bool stops_on_failure = false;  // has an `expect`: its failure or the timeout ends the iteration
  std::uint32_t duration = 0;     // trend slot of ws_msg_duration: since the session's latest send
  std::uint32_t series = 0;       // rate slot of `checks`: "a message in time"
};

enum class SentClock : std::uint8_t { kMonotonicNs, kRealtimeMs, kRealtimeNs };

// Slots of the series of deliveries. Index 0: the whole; rooms that the plan's data names have
// facets of their own.
struct DeliverySeries {
  std::uint32_t latency = 0, spread = 0;  // trends delivery_latency, delivery_spread
  std::uint32_t lost = 0, duplicated = 0, reordered = 0, late = 0, reach = 0;  // rates
  std::uint32_t missed_away = 0;                                               // counter
};

struct Listen {
  std::uint32_t session = 0;
  std::optional<std::string> event{};  // Socket.IO; else any
  Template room{};
  std::optional<extract::JsonPath> sequence{}, sent_at{};  // the server's own
  SentClock clock = SentClock::kMonotonicNs;
  bool own = true;  // the user is owed what it sends itself
  Duration late{std::chrono::seconds{1}};
  Duration drain{std::chrono::seconds{5}};  // waited at most for what is owed, once it leaves
  DeliverySeries series{};
  // Rooms with series of their own: their names, sorted, and their series in the same order. The
  // last one may be "other", for all further rooms.
  std::vector<std::string> rooms{};
  std::vector<DeliverySeries> room_series{};
};

struct Close {
  std::uint32_t session = 0;
  std::uint16_t code = 1000;
  std::string reason{};
};

}  // namespace gend::plan
