#include "ws/handshake.h"

#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "base/base64.h"
#include "http/response_parser.h"
#include "support/seed.h"

namespace gend::test {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 1.3
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::string_view kPlain =
    "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n";
constexpr std::string_view kGranted =
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

struct Checked {
  Outcome outcome;
  std::string subprotocol;
  bool deflate;
};

Checked check(std::string headers, const ws::Offer& offer = {}) {
  http::Kept kept;
  kept.headers = std::move(headers);
  ws::Agreement agreement;
  const Outcome outcome = ws::check_upgrade(kept, kKey, offer, agreement);
  return {outcome, std::string{agreement.subprotocol},
          agreement.deflate == ws::DeflateUse::kAgreed};
}

Outcome with(std::string_view lines, const ws::Offer& offer = {}) {
  return check(std::string{kPlain} + std::string{lines}, offer).outcome;
}

std::string accept_of(std::string_view key) {
  const auto accept = ws::accept_of(key);
  return {accept.data(), accept.size()};
}

TEST_CASE("a key is answered as RFC 6455 1.3 shows") {
  CHECK(accept_of(kKey) == kAccept);
  CHECK(accept_of(kKey) == kAccept);  // the digest begins again each time
  CHECK(accept_of("") == "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=");  // SHA-1 of the GUID alone
}

TEST_CASE("keys are 16 bytes of base64, all different, the same from the same seed") {
  Rng rng{seed()}, again{seed()};
  std::set<std::string> keys;
  for (int i = 0; i < 1000; ++i) {
    const ws::HandshakeKey key = ws::make_key(rng);
    CHECK(key == ws::make_key(again));
    const std::string text{key.data(), key.size()};
    const auto bytes = decode_base64(text, Base64::kStandard);
    REQUIRE(bytes.has_value());
    CHECK(bytes->size() == 16);
    keys.insert(text);
  }
  CHECK(keys.size() == 1000);
}

TEST_CASE("the request names what is offered") {
  CHECK(ws::offer_header_lines({}) ==
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
  const ws::Offer offer{{"chat", "v2.chat"}, ws::DeflateUse::kAgreed};
  CHECK(ws::offer_header_lines(offer) ==
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: chat, v2.chat\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; "
        "server_no_context_takeover\r\n");
}

TEST_CASE("an upgrade needs its Upgrade and Connection headers, in any case") {
  using enum Outcome;
  const std::string accept = "Sec-WebSocket-Accept: " + std::string{kAccept} + "\n";
  const std::string upgrade = "Upgrade: websocket\n", connection = "Connection: Upgrade\n";
  CHECK(check(std::string{kPlain}).outcome == kOk);
  CHECK(check("uPGRADE: WebSocket\ncONNECTION: keep-alive ,\tUPGRADE\n" + accept).outcome == kOk);
  CHECK(check(upgrade + "Connection: close\n" + connection + accept).outcome == kOk);
  CHECK(check("").outcome == kWsUpgradeHeader);
  CHECK(check(connection + accept).outcome == kWsUpgradeHeader);
  CHECK(check(upgrade + accept).outcome == kWsUpgradeHeader);
  CHECK(check("Upgrade: \n" + connection + accept).outcome == kWsUpgradeHeader);
  CHECK(check("Upgrade: h2c\n" + connection + accept).outcome == kWsUpgradeHeader);
  CHECK(check("Upgrade: websockets\n" + connection + accept).outcome == kWsUpgradeHeader);
  CHECK(check("Upgrade: h2c, websocket\n" + connection + accept).outcome == kWsUpgradeHeader);
  CHECK(check(upgrade + upgrade + connection + accept).outcome == kWsUpgradeHeader);
  CHECK(check(upgrade + "Connection: \n" + accept).outcome == kWsUpgradeHeader);
  CHECK(check(upgrade + "Connection: upgraded, up grade\n" + accept).outcome == kWsUpgradeHeader);
}

TEST_CASE("an upgrade needs the one right Sec-WebSocket-Accept") {
  using enum Outcome;
  const std::string start = "Upgrade: websocket\nConnection: Upgrade\n";
  const std::string name = "sec-websocket-ACCEPT: ", right{kAccept};
  CHECK(check(start + name + right + "\n").outcome == kOk);
  CHECK(check(start).outcome == kWsAccept);
  CHECK(check(start + name + "\n").outcome == kWsAccept);
  CHECK(check(start + name + "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n").outcome == kWsAccept);
  CHECK(check(start + name + right + "=\n").outcome == kWsAccept);
  CHECK(check(start + name + right.substr(0, 27) + "\n").outcome == kWsAccept);
  CHECK(check(start + name + "\"" + right + "\"\n").outcome == kWsAccept);
  CHECK(check(start + name + right + "\n" + name + right + "\n").outcome == kWsAccept);
}

TEST_CASE("a subprotocol is one of those that were asked for, or none") {
  using enum Outcome;
  const ws::Offer offer{{"chat", "v2.chat"}, ws::DeflateUse::kNo};
  const auto agreed = [&](std::string_view lines) {
    return check(std::string{kPlain} + std::string{lines}, offer);
  };
  CHECK(agreed("").outcome == kOk);
  CHECK(agreed("").subprotocol == "");
  CHECK(agreed("Sec-WebSocket-Protocol: v2.chat\n").outcome == kOk);
  CHECK(agreed("Sec-WebSocket-Protocol: v2.chat\n").subprotocol == "v2.chat");
  CHECK(agreed("Sec-WebSocket-Protocol: Chat\n").outcome == kWsSubprotocol);
  CHECK(agreed("Sec-WebSocket-Protocol: chat, v2.chat\n").outcome == kWsSubprotocol);
  CHECK(agreed("Sec-WebSocket-Protocol: \n").outcome == kWsSubprotocol);
  CHECK(agreed("Sec-WebSocket-Protocol: chat\nSec-WebSocket-Protocol: chat\n").outcome ==
        kWsSubprotocol);
  CHECK(with("Sec-WebSocket-Protocol: chat\n") == kWsSubprotocol);
}

TEST_CASE("an extension is the one that was asked for, with parameters that may be answered") {
  using enum Outcome;
  const ws::Offer offer{{}, ws::DeflateUse::kAgreed};
  const std::string name = "Sec-WebSocket-Extensions: ", granted{kGranted};
  const auto answer = [&](const std::string& value) { return with(name + value + "\n", offer); };
  CHECK_FALSE(check(std::string{kPlain}, offer).deflate);
  CHECK(check(std::string{kPlain} + name + granted + "\n", offer).deflate);
  CHECK(answer(granted) == kOk);
  CHECK(answer("permessage-deflate;server_no_context_takeover") == kOk);
  for (const char* bits : {"8", "9", "10", "15", "\"12\""})
    CHECK(answer(granted + "; server_max_window_bits=" + bits) == kOk);
  CHECK(answer(granted + " ; server_max_window_bits = 11") == kOk);

  CHECK(with(name + granted + "\n") == kWsExtension);  // nothing was asked for
  CHECK(with(name + granted + "\n" + name + granted + "\n", offer) == kWsExtension);
  CHECK(answer("") == kWsExtension);
  CHECK(answer("permessage-bzip2") == kWsExtension);
  CHECK(answer("x-webkit-deflate-frame") == kWsExtension);
  CHECK(answer(granted + ", permessage-deflate") == kWsExtension);
  CHECK(answer(granted + ";") == kWsExtension);
  CHECK(answer("permessage-deflate;; server_no_context_takeover") == kWsExtension);
  // Context takeover, which we did not offer.
  CHECK(answer("permessage-deflate") == kWsExtension);
  CHECK(answer("permessage-deflate; client_no_context_takeover") == kWsExtension);
  CHECK(answer(granted + "; client_max_window_bits=15") == kWsExtension);  // was not offered
  CHECK(answer(granted + "; unknown") == kWsExtension);
  CHECK(answer(granted + "; server_no_context_takeover") == kWsExtension);
  CHECK(answer("permessage-deflate; server_no_context_takeover=1") == kWsExtension);
  CHECK(answer("permessage-deflate; server_no_context_takeover=") == kWsExtension);
  for (const char* bits : {"7", "16", "08", "0", "", "1", "1x", "100", "\"\"", "\"", "-9", "\"8"})
    CHECK_MESSAGE(answer(granted + "; server_max_window_bits=" + bits) == kWsExtension, bits);
  CHECK(answer(granted + "; server_max_window_bits") == kWsExtension);
  CHECK(answer(granted + "; server_max_window_bits=9; server_max_window_bits=9") == kWsExtension);
}

}  // namespace
}  // namespace gend::test
