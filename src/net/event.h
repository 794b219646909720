#pragma once

#include <cstdint>
#include <string_view>

#include "base/outcome.h"
#include "base/time.h"

namespace gend::net {

// One connection of a shard; names the same socket until close() or a kClosed / kFailed /
// kConnectFailed event, and is reused afterwards.
using ConnectionId = std::uint32_t;
inline constexpr ConnectionId kNoConnection = ~ConnectionId{0};

enum class EventKind : std::uint8_t {
  kConnected,
  kConnectFailed,  // `error` says why; the connection is gone
  kSent,           // the whole send was taken by the kernel
  kReceived,       // `bytes`, valid during the call only
  kClosed,         // the peer closed its side (FIN); the connection is gone
  kFailed,         // reset or another error; the connection is gone
  kTlsFailed,      // handshake or record layer, `outcome` says how; the connection is gone
  kAccepted        // a listener's new connection
};

// A completion of the connection of `owner` is about to be told: kFar before kNear. A sink that has
// foresee(owner, Foresight) may prefetch what it will touch.
enum class Foresight : std::uint8_t { kFar, kNear };

// Whose clock says when bytes came: ours, read when a wait ends, once for all that came; or the
// kernel's, when the host received them. That is the truer one, as we may be late, and costs some
// 0.7 us a receive (docs/performance.md).
enum class Stamps : std::uint8_t { kOurs, kKernel };

// What happened to one connection. `owner` is the number given to open(): an index of the layer
// above, which `net` does not know more about.
struct Event {
  EventKind kind;
  std::uint32_t owner;
  ConnectionId connection;
  TimePoint at;  // when it came, or when the batch of completions was looked at (net::Stamps)
  std::string_view bytes{};
  int error = 0;  // errno, positive
  // kTlsFailed: what went wrong. kClosed: kTruncated when the end may be forged: a FIN without the
  // close_notify of TLS (RFC 8446 section 6.1).
  Outcome outcome = Outcome::kOk;
};

// The outcome of a connect that failed with this errno.
Outcome connect_outcome(int error) noexcept;

}  // namespace gend::net
