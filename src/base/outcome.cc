#include "base/outcome.h"

#include <array>

#include "base/assert.h"

namespace gend {
namespace {

struct Row {
  Outcome outcome;
  std::string_view tag, name, sentence;
};

using enum Outcome;

constexpr std::array<Row, kOutcomeCount> kRows{{
    {kOk, "", "ok", "answered as expected"},
    {kStatus4xx, "status_4xx", "status.4xx", "the server answered with a 4xx status"},
    {kStatus5xx, "status_5xx", "status.5xx", "the server answered with a 5xx status"},
    {kDns, "dns", "dns", "the name did not resolve"},
    {kConnectRefused, "connect_refused", "connect.refused", "the server refused the connection"},
    {kConnectTimeout, "connect_timeout", "connect.timeout",
     "no connection within the connect timeout"},
    {kConnectUnreachable, "connect_unreachable", "connect.unreachable",
     "no route to the host or network"},
    {kConnectFailed, "connect_failed", "connect.failed", "the connection could not be made"},
    {kResetBeforeResponse, "reset", "reset.before_response",
     "the connection was reset before any byte of the response"},
    {kResetInResponse, "reset", "reset.in_response",
     "the connection was reset in the middle of the response"},
    {kClosedBeforeResponse, "closed", "closed.before_response",
     "the server closed the connection before any byte of the response"},
    {kTruncated, "closed", "closed.truncated",
     "the server closed the connection in the middle of the response"},
    {kTimeoutFirstByte, "timeout", "timeout.first_byte",
     "no byte of the response within the first-byte timeout"},
    {kTimeoutTotal, "timeout", "timeout.total", "no complete response within the timeout"},
    {kTls, "tls", "tls", "the TLS handshake or record layer failed"},
    {kTlsCertificateExpired, "tls", "tls.certificate_expired",
     "the server's certificate has expired or is not valid yet"},
    {kTlsCertificateUntrusted, "tls", "tls.certificate_untrusted",
     "the server's certificate is not signed by an authority that is trusted here"},
    {kTlsCertificateSelfSigned, "tls", "tls.certificate_self_signed",
     "the server's certificate is signed by itself"},
    {kTlsWrongName, "tls", "tls.wrong_name", "the server's certificate is for another name"},
    {kTlsAlert, "tls", "tls.alert", "the server refused the TLS handshake"},
    {kTlsProtocol, "tls", "tls.protocol",
     "the server speaks no TLS, or no version or cipher that both sides take"},
    {kTlsTimeout, "tls", "tls.timeout", "no TLS handshake within the connect timeout"},
    {kBadStatusLine, "malformed", "malformed.status_line", "the status line is not HTTP/1.x"},
    {kBadVersion, "malformed", "malformed.version", "the HTTP version is not 1.0 or 1.1"},
    {kBadHeaderName, "malformed", "malformed.header_name", "a header name is not a token"},
    {kBadHeaderValue, "malformed", "malformed.header_value",
     "a header value holds a forbidden byte"},
    {kBadLineEnding, "malformed", "malformed.line_ending", "a line does not end in CR LF"},
    {kObsFold, "malformed", "malformed.obs_fold", "a header is folded over two lines"},
    {kNulByte, "malformed", "malformed.nul", "a NUL byte in the response head"},
    {kBadContentLength, "malformed", "malformed.content_length",
     "Content-Length is not a number in range"},
    {kConflictingLength, "malformed", "malformed.conflicting_length",
     "the response gives two different lengths"},
    {kBadTransferEncoding, "malformed", "malformed.transfer_encoding",
     "Transfer-Encoding is not understood"},
    {kBadChunkSize, "malformed", "malformed.chunk_size", "a chunk size is not a number in range"},
    {kBadChunkEnd, "malformed", "malformed.chunk_end", "a chunk does not end in CR LF"},
    {kBadTrailer, "malformed", "malformed.trailer", "a trailer field is malformed"},
    {kUnexpectedUpgrade, "malformed", "malformed.upgrade",
     "the server switched protocols unasked (101)"},
    {kStrayBytes, "malformed", "malformed.stray_bytes", "bytes that answer no request"},
    {kBadContentEncoding, "malformed", "malformed.content_encoding",
     "the body is not what its Content-Encoding says"},
    {kHeaderTooLarge, "malformed", "limit.header_bytes",
     "the response head is longer than the limit"},
    {kTooManyHeaders, "malformed", "limit.header_count", "more headers than the limit"},
    {kTooManyInterim, "malformed", "limit.interim_responses", "more 1xx responses than the limit"},
    {kBodyTooLarge, "malformed", "limit.body_bytes",
     "a body that a check has to read is longer than the limit"},
    {kRedirectLimit, "redirect", "redirect.limit", "more redirects than the limit"},
    {kRedirectElsewhere, "redirect", "redirect.elsewhere",
     "a redirect leads to a server that the plan does not name"},
    {kRedirectInvalid, "redirect", "redirect.invalid",
     "a redirect without a Location that could be followed"},
    {kNotUpgraded, "refused", "ws.not_upgraded",
     "the server answered the handshake with a status other than 101"},
    {kWsUpgradeHeader, "malformed", "ws.upgrade_header",
     "the 101 lacks \"Upgrade: websocket\" or \"Connection: Upgrade\""},
    {kWsAccept, "malformed", "ws.accept", "Sec-WebSocket-Accept is not what the key asks for"},
    {kWsSubprotocol, "malformed", "ws.subprotocol",
     "the server chose a subprotocol that was not offered"},
    {kWsExtension, "malformed", "ws.extension",
     "the server chose an extension that was not offered"},
    {kWsMasked, "malformed", "ws.masked", "the server masked a frame"},
    {kWsReservedBits, "malformed", "ws.reserved_bits", "a frame has reserved bits set"},
    {kWsOpcode, "malformed", "ws.opcode", "a frame has a reserved opcode"},
    {kWsControlFrame, "malformed", "ws.control_frame",
     "a control frame is fragmented or longer than 125 bytes"},
    {kWsContinuation, "malformed", "ws.continuation",
     "a continuation without a start, or a message within another one"},
    {kWsLength, "malformed", "ws.length", "a frame's length is not in its shortest form"},
    {kWsUtf8, "malformed", "ws.utf8", "a text message is not UTF-8"},
    {kWsClosePayload, "malformed", "ws.close_payload",
     "a close frame has a code that may not be sent, or a malformed reason"},
    {kWsDeflate, "malformed", "ws.deflate", "a compressed message cannot be decompressed"},
    {kWsTooLarge, "malformed", "limit.message_bytes", "a message is longer than the limit"},
    {kWsClosed, "closed", "ws.closed", "the server closed the session before the plan did"},
    {kWsAbnormal, "closed", "ws.abnormal", "the connection ended without a close frame"},
    {kIdleTimeout, "timeout", "timeout.idle", "nothing came within the idle timeout"},
    {kPongTimeout, "timeout", "timeout.pong", "no pong within the timeout"},
    {kReplyTimeout, "timeout", "timeout.reply", "no matching message within the timeout"},
    {kCloseTimeout, "timeout", "timeout.close", "the close frame was not answered in time"},
    {kSioVersion, "refused", "sio.version",
     "the server speaks Socket.IO 2 or older (Engine.IO 3); 3 or newer is needed"},
    {kSioPacket, "malformed", "sio.packet", "a packet is not Engine.IO 4 or Socket.IO 5"},
    {kSioNamespace, "malformed", "sio.namespace", "a packet for a namespace that was not joined"},
    {kSioAttachment, "malformed", "sio.attachment",
     "a binary attachment is missing or was not announced"},
    {kSioRefused, "refused", "sio.connect_error", "the server refused the namespace"},
    {kSioUnknownSession, "refused", "sio.unknown_session", "the server does not know the session"},
    {kSioUpgrade, "refused", "sio.upgrade", "the upgrade to WebSocket failed"},
    {kSioPingTimeout, "timeout", "timeout.ping", "the server's ping did not come in time"},
    {kSioAckTimeout, "timeout", "timeout.ack", "no acknowledgement within the timeout"},
    {kSioDisconnected, "closed", "sio.disconnected", "the server disconnected the session"},
    {kHostDescriptors, "host_limit", "host.descriptors",
     "this host ran out of descriptors; not the target's doing"},
    {kHostPorts, "host_limit", "host.ports",
     "this host ran out of local ports; not the target's doing"},
    {kHostMemory, "host_limit", "host.memory",
     "this host ran out of memory; not the target's doing"},
    {kHostOther, "host_limit", "host.other", "this host refused an operation"},
    {kInterrupted, "interrupted", "interrupted", "the run ended first"},
}};

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].outcome) != i) return false;
  return true;
}
static_assert(rows_in_order(), "the table is indexed by outcome");

const Row& row(Outcome o) noexcept {
  const auto index = static_cast<std::size_t>(o);
  GEND_ASSERT(index < kRows.size());
  return kRows[index];
}

}  // namespace

std::string_view error_tag(Outcome outcome) noexcept {
  return row(outcome).tag;
}
std::string_view name_of(Outcome outcome) noexcept {
  return row(outcome).name;
}
std::string_view describe(Outcome outcome) noexcept {
  return row(outcome).sentence;
}

}  // namespace gend
