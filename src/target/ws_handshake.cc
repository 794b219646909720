#include "target/ws_handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/base64.h"

namespace gend::target {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The first element of a list, trimmed; removed from it.
std::string_view take_element(std::string_view& list, char separator) {
  const std::string_view element = list.substr(0, list.find(separator));
  list.remove_prefix(element.size() + (element.size() < list.size() ? 1 : 0));
  return trimmed(element);
}

bool list_has(std::string_view list, std::string_view word) {
  while (!list.empty())
    if (same_word(take_element(list, ','), word)) return true;
  return false;
}

WsHandshake refused(int status, std::string_view why, std::string headers = {}) {
  return {.status = status, .why = why, .headers = std::move(headers)};
}

}  // namespace

bool wants_websocket(const Request& request) {
  return list_has(request.header("upgrade"), "websocket");
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string{key} + std::string{kGuid};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done =
      ::EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  GEND_ASSERT(done == 1);
  return base64_of({reinterpret_cast<const char*>(digest.data()), size}, Base64::kStandard);
}

bool offers_deflate(std::string_view extensions) {
  while (!extensions.empty()) {
    std::string_view offer = take_element(extensions, ',');
    if (!same_word(take_element(offer, ';'), "permessage-deflate")) continue;
    bool kept = true;
    while (!offer.empty()) {
      std::string_view parameter = take_element(offer, ';');
      const std::string_view name = take_element(parameter, '=');
      const bool no_takeover = same_word(name, "server_no_context_takeover") ||
                               same_word(name, "client_no_context_takeover");
      const bool full_window = same_word(name, "server_max_window_bits") && parameter == "15";
      if (!no_takeover && !full_window && !same_word(name, "client_max_window_bits")) kept = false;
    }
    if (kept) return true;
  }
  return false;
}

WsHandshake shake_hands(const Request& request) {
  if (request.method != "GET") return refused(400, "a WebSocket begins with GET");
  if (!wants_websocket(request))
    return refused(426, "this path speaks WebSocket", "Upgrade: websocket\r\n");
  if (!list_has(request.header("connection"), "upgrade"))
    return refused(400, "Connection does not say Upgrade");
  if (request.header("sec-websocket-version") != "13")
    return refused(426, "Sec-WebSocket-Version is not 13",
                   "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  const std::string_view key = request.header("sec-websocket-key");
  const auto nonce = decode_base64(key, Base64::kStandard);
  constexpr std::size_t kNonceBytes = 16;
  if (!nonce || nonce->size() != kNonceBytes)
    return refused(400, "Sec-WebSocket-Key is not 16 bytes in base64");
  WsHandshake shaken;
  shaken.headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
  shaken.headers += accept_key(key);
  shaken.headers += "\r\n";
  std::string_view offered = request.header("sec-websocket-protocol");
  if (const auto first = take_element(offered, ','); !first.empty())
    shaken.headers.append("Sec-WebSocket-Protocol: ").append(first).append("\r\n");
  shaken.deflate = offers_deflate(request.header("sec-websocket-extensions"));
  if (shaken.deflate)
    shaken.headers += "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
                      "client_no_context_takeover\r\n";
  return shaken;
}

}  // namespace gend::target
