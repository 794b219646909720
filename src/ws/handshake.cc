#include "ws/handshake.h"

#include <cstring>
#include <memory>
#include <optional>

#include <openssl/evp.h>

#include "base/assert.h"
#include "base/base64.h"
#include "base/free.h"
#include "http/chars.h"

namespace gend::ws {
namespace {

using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
constexpr std::string_view kDeflateOffer =
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

// The header lines of one name.
struct Found {
  std::size_t count = 0;
  std::string_view value;  // the first
};

// Takes one line from Kept::headers; false at their end.
bool next_line(std::string_view& rest, std::string_view& name, std::string_view& value) {
  if (rest.empty()) return false;
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(line.size() + 1);
  const std::size_t colon = line.find(':');
  name = line.substr(0, colon);
  value = line.substr(colon + 2);
  return true;
}

Found find(std::string_view headers, std::string_view lower_case_name) {
  Found found;
  std::string_view name, value;
  while (next_line(headers, name, value)) {
    if (!http::equals_ignoring_case(name, lower_case_name)) continue;
    if (found.count++ == 0) found.value = value;
  }
  return found;
}

// Takes what stands before the next `separator`, without the blanks around it.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(part.size() < rest.size() ? part.size() + 1 : part.size());
  return http::trim_blanks(part);
}

bool connection_upgrades(std::string_view headers) {
  std::string_view name, value;
  while (next_line(headers, name, value)) {
    if (!http::equals_ignoring_case(name, "connection")) continue;
    while (!value.empty())
      if (http::equals_ignoring_case(next_part(value, ','), "upgrade")) return true;
  }
  return false;
}

Outcome take_subprotocol(const Found& found, const Offer& offer, Agreement& agreement) {
  if (found.count == 0) return Outcome::kOk;
  if (found.count > 1) return Outcome::kWsSubprotocol;  // RFC 6455 11.3.4
  for (const std::string& offered : offer.subprotocols) {
    if (offered != found.value) continue;
    agreement.subprotocol = offered;
    return Outcome::kOk;
  }
  return Outcome::kWsSubprotocol;
}

// RFC 7692 7.1.2.1: 8 to 15, without a leading zero; may stand in quotes (RFC 6455 9.1).
bool is_window(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  if (value.size() == 1) return value == "8" || value == "9";
  return value.size() == 2 && value[0] == '1' && value[1] >= '0' && value[1] <= '5';
}

// What a server may answer to our offer. Each parameter at most once (RFC 7692 7.1);
// client_max_window_bits only when it was offered (7.1.2.2), which we never do.
bool is_good_deflate(std::string_view parameters) {
  bool server_forgets = false, client_forgets = false, window = false;
  while (!parameters.empty()) {
    std::string_view value = next_part(parameters, ';');
    const bool has_value = value.find('=') != value.npos;
    const std::string_view name = next_part(value, '=');
    bool* seen = nullptr;
    if (name == "server_no_context_takeover") seen = &server_forgets;
    if (name == "client_no_context_takeover") seen = &client_forgets;
    if (name == "server_max_window_bits") seen = &window;
    if (!seen || *seen) return false;
    *seen = true;
    if (has_value != (seen == &window)) return false;
    if (has_value && !is_window(http::trim_blanks(value))) return false;
  }
  return server_forgets;
}

Outcome take_extensions(const Found& found, const Offer& offer, Agreement& agreement) {
  if (found.count == 0) return Outcome::kOk;
  if (found.count > 1) return Outcome::kWsExtension;  // RFC 6455 11.3.2
  std::string_view rest = found.value;
  const std::string_view name = next_part(rest, ';');
  // A second extension would stand behind a comma, which no parameter may hold.
  const bool good = offer.deflate == DeflateUse::kAgreed && name == "permessage-deflate" &&
                    !rest.ends_with(';') && is_good_deflate(rest);
  if (!good) return Outcome::kWsExtension;
  agreement.deflate = DeflateUse::kAgreed;
  return Outcome::kOk;
}

}  // namespace

HandshakeKey make_key(Rng& rng) {
  const std::uint64_t words[2] = {rng(), rng()};
  char bytes[16];
  std::memcpy(bytes, words, sizeof bytes);
  HandshakeKey key;
  encode_base64({bytes, sizeof bytes}, Base64::kStandard, key.data());
  return key;
}

std::array<char, 28> accept_of(std::string_view key) {
  // Fetched once, and a context for each thread: no allocation and no lock for a handshake.
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  thread_local const Digest context{EVP_MD_CTX_new()};
  GEND_ASSERT(sha1 != nullptr && context != nullptr);
  unsigned char digest[20];
  unsigned size = 0;
  const bool good = EVP_DigestInit_ex2(context.get(), sha1, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), key.data(), key.size()) == 1 &&
                    EVP_DigestUpdate(context.get(), kGuid.data(), kGuid.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest, &size) == 1;
  GEND_ASSERT(good && size == sizeof digest);
  std::array<char, 28> accept;
  encode_base64({reinterpret_cast<const char*>(digest), sizeof digest}, Base64::kStandard,
                accept.data());
  return accept;
}

std::string offer_header_lines(const Offer& offer) {
  std::string lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
  if (!offer.subprotocols.empty()) {
    lines.append("Sec-WebSocket-Protocol: ");
    for (const std::string& name : offer.subprotocols)
      lines.append(&name == offer.subprotocols.data() ? "" : ", ").append(name);
    lines.append("\r\n");
  }
  if (offer.deflate == DeflateUse::kAgreed)
    lines.append("Sec-WebSocket-Extensions: ").append(kDeflateOffer).append("\r\n");
  return lines;
}

Outcome check_upgrade(const http::Kept& kept, std::string_view key, const Offer& offer,
                      Agreement& agreement) {
  agreement = {};
  const Found upgrade = find(kept.headers, "upgrade");
  if (upgrade.count != 1 || !http::equals_ignoring_case(upgrade.value, "websocket"))
    return Outcome::kWsUpgradeHeader;
  if (!connection_upgrades(kept.headers)) return Outcome::kWsUpgradeHeader;

  const Found accept = find(kept.headers, "sec-websocket-accept");
  const std::array<char, 28> expected = accept_of(key);
  if (accept.count != 1 || accept.value != std::string_view{expected.data(), expected.size()})
    return Outcome::kWsAccept;

  const Outcome fault =
      take_subprotocol(find(kept.headers, "sec-websocket-protocol"), offer, agreement);
  if (fault != Outcome::kOk) return fault;
  return take_extensions(find(kept.headers, "sec-websocket-extensions"), offer, agreement);
}

}  // namespace gend::ws
