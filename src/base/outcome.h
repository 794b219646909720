#pragma once

#include <cstdint>
#include <string_view>

namespace gend {

// How one request ended. Everything a target or a network can do to us is one of these: counted,
// reported, never an error of gend's. The order is free; the names (outcome.cc) are a contract.
enum class Outcome : std::uint8_t {
  kOk,
  kStatus4xx,  // answered, and the plan did not say that this status is expected
  kStatus5xx,

  kDns,  // the name did not resolve

  kConnectRefused,
  kConnectTimeout,
  kConnectUnreachable,  // EHOSTUNREACH, ENETUNREACH
  kConnectFailed,       // any other failure of connect()

  kResetBeforeResponse,  // RST after the request was handed over, before any byte came back
  kResetInResponse,      // RST in the middle of the response

  kClosedBeforeResponse,  // FIN before any byte of the response
  kTruncated,             // FIN in the middle of the response

  kTimeoutFirstByte,
  kTimeoutTotal,

  // TLS: kTls is what none of the others says. The certificate rules are the first that failed.
  kTls,
  kTlsCertificateExpired,  // expired, or not valid yet
  kTlsCertificateUntrusted,
  kTlsCertificateSelfSigned,
  kTlsWrongName,
  kTlsAlert,     // the server refused the handshake
  kTlsProtocol,  // what came is no TLS, or no version or cipher that both sides take
  kTlsTimeout,   // no handshake within the connect timeout

  // Malformed HTTP/1.1 (RFC 9112, RFC 9110); each rule has its own name.
  kBadStatusLine,
  kBadVersion,
  kBadHeaderName,
  kBadHeaderValue,
  kBadLineEnding,  // bare CR, or a line that does not end as the RFC allows
  kObsFold,
  kNulByte,
  kBadContentLength,
  kConflictingLength,  // two Content-Length values, or Content-Length beside Transfer-Encoding
  kBadTransferEncoding,
  kBadChunkSize,
  kBadChunkEnd,
  kBadTrailer,
  kUnexpectedUpgrade,  // 101 that nobody asked for
  kStrayBytes,         // bytes that belong to no request
  kBadContentEncoding,  // gzip, deflate or br that cannot be decoded

  // Our own guards against hostile peers; still the target's doing.
  kHeaderTooLarge,
  kTooManyHeaders,
  kTooManyInterim,  // endless 1xx
  kBodyTooLarge,    // a body that something has to read is longer than the cap

  kRedirectLimit,
  kRedirectElsewhere,  // to a server that the plan does not name
  kRedirectInvalid,    // no Location, or one that is no http or https URL

  // Sessions (WebSocket, Socket.IO). First the handshake: an answer other than 101 that is neither
  // 4xx nor 5xx, and a 101 that does not say what RFC 6455 4.1 asks for.
  kNotUpgraded,
  kWsUpgradeHeader,
  kWsAccept,
  kWsSubprotocol,  // one that was not asked for
  kWsExtension,    // one that was not asked for, or parameters that were not
  // Malformed frames and messages (RFC 6455 5, RFC 7692).
  kWsMasked,
  kWsReservedBits,
  kWsOpcode,
  kWsControlFrame,  // fragmented, or longer than 125 bytes
  kWsContinuation,  // without a start, or a new message within another one
  kWsLength,        // not the shortest form, or the highest bit set
  kWsUtf8,
  kWsClosePayload,  // one byte, a code that may not be sent, a reason that is no UTF-8
  kWsDeflate,
  kWsTooLarge,  // our own guard: a message longer than the limit
  // How a session ended, when the plan did not end it.
  kWsClosed,    // with a close frame, whatever its code
  kWsAbnormal,  // without one (1006)
  kIdleTimeout,
  kPongTimeout,
  kReplyTimeout,  // a receive, a reply
  kCloseTimeout,  // the close frame was not answered
  // Engine.IO and Socket.IO.
  kSioVersion,     // a server of Socket.IO 2 or older
  kSioPacket,      // no packet of Engine.IO 4 or Socket.IO 5
  kSioNamespace,   // a packet for a namespace that nobody joined
  kSioAttachment,  // a binary attachment that nobody announced, or one that did not come
  kSioRefused,     // connect_error
  kSioUnknownSession,
  kSioUpgrade,       // the probe was not answered as it should
  kSioPingTimeout,   // the server's ping did not come in time
  kSioAckTimeout,
  kSioDisconnected,  // by the server

  // Limits of this host: never charged to the target.
  kHostDescriptors,
  kHostPorts,
  kHostMemory,
  kHostOther,

  kInterrupted,  // the run ended first; neither a success nor a failure of the target
};

inline constexpr std::size_t kOutcomeCount = static_cast<std::size_t>(Outcome::kInterrupted) + 1;

// The coarse taxonomy, the `error` tag of plan-language.md: dns, connect_refused, connect_timeout,
// connect_unreachable, connect_failed, reset, tls, timeout, malformed, redirect, refused,
// status_4xx, status_5xx, closed, host_limit, interrupted; empty for kOk.
std::string_view error_tag(Outcome outcome) noexcept;

// The fine name, for summaries and JSON: "reset.in_response", "malformed.chunk_size", …; "ok".
std::string_view name_of(Outcome outcome) noexcept;

// One sentence for a person: "the server closed the connection in the middle of the response".
std::string_view describe(Outcome outcome) noexcept;

constexpr bool is_host_limit(Outcome o) {
  return o >= Outcome::kHostDescriptors && o <= Outcome::kHostOther;
}

}  // namespace gend
