#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "base/rng.h"
#include "http/response_parser.h"
#include "ws/message_reader.h"

// The opening handshake of a client (RFC 6455 4.1, RFC 7692 7).
namespace gend::ws {

// Sec-WebSocket-Key: 16 random bytes as base64. Needs to be no secret, only another one each time.
using HandshakeKey = std::array<char, 24>;
HandshakeKey make_key(Rng& rng);

// Sec-WebSocket-Accept, which answers that key.
std::array<char, 28> accept_of(std::string_view key);

struct Offer {
  std::vector<std::string> subprotocols;  // tokens, in the order of preference
  // kAgreed offers permessage-deflate, always with client_no_context_takeover and
  // server_no_context_takeover.
  DeflateUse deflate = DeflateUse::kNo;
};

struct Agreement {
  std::string_view subprotocol;  // one of the offer's, or empty: the server named none
  DeflateUse deflate = DeflateUse::kNo;
};

// The header lines of the request, each with its CR LF, but for Host and Sec-WebSocket-Key.
std::string offer_header_lines(const Offer& offer);

// Looks at a 101 whose headers were kept: kOk and the agreement, which refers to `offer`, or
// kWsUpgradeHeader, kWsAccept, kWsSubprotocol or kWsExtension. A server that takes
// permessage-deflate without granting server_no_context_takeover breaks RFC 7692 7.1.1.1, and would
// need a window for every session: kWsExtension.
Outcome check_upgrade(const http::Kept& kept, std::string_view key, const Offer& offer,
                      Agreement& agreement);

}  // namespace gend::ws
