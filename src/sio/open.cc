#include "sio/open.h"

#include <charconv>
#include <limits>
#include <optional>

#include "base/limits.h"
#include "sio/json.h"

namespace gend::sio {
namespace {

std::optional<std::uint64_t> integer(std::string_view value, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (fault != std::errc{} || end != value.data() + value.size() || number > most)
    return std::nullopt;
  return number;
}

bool is_sid(std::string_view sid) {
  if (sid.empty() || sid.size() > limits::kSioIdBytes) return false;
  for (const char c : sid)
    if (c <= ' ' || c > '~' || c == '\\') return false;
  return true;
}

// An array of strings.
std::optional<WebSocketUpgrade> upgrades(std::string_view value) {
  if (!value.starts_with('[')) return std::nullopt;
  WebSocketUpgrade found = WebSocketUpgrade::kNone;
  value.remove_prefix(1);
  while (!(value = without_json_spaces(value)).starts_with(']')) {
    const std::string_view item = value.substr(0, json_value_size(value));
    const auto text = json_text(item);
    if (!text) return std::nullopt;
    if (same_json_text(*text, "websocket")) found = WebSocketUpgrade::kOffered;
    value = without_json_spaces(value.substr(item.size()));
    if (value.starts_with(',')) value.remove_prefix(1);
  }
  return found;
}

bool take(std::optional<std::uint64_t> number, std::chrono::milliseconds& into) {
  if (!number || *number == 0) return false;
  into = std::chrono::milliseconds{*number};
  return true;
}

bool take_member(const JsonMembers::Member& member, Open& open) {
  if (member.name == "sid") {
    const auto sid = json_text(member.value);
    if (!sid || !is_sid(*sid)) return false;
    open.sid = *sid;
  } else if (member.name == "upgrades") {
    const auto upgrade = upgrades(member.value);
    if (!upgrade) return false;
    open.upgrade = *upgrade;
  } else if (member.name == "pingInterval") {
    return take(integer(member.value, limits::kSioHeartbeatMs), open.ping_interval);
  } else if (member.name == "pingTimeout") {
    return take(integer(member.value, limits::kSioHeartbeatMs), open.ping_timeout);
  } else if (member.name == "maxPayload" && member.value != "null") {  // null: Infinity there
    const auto bytes = integer(member.value, std::numeric_limits<std::uint64_t>::max());
    if (!bytes) return false;
    open.max_payload = *bytes;
  }
  return true;
}

}  // namespace

std::expected<Open, Outcome> parse_open(std::string_view data) noexcept {
  const std::unexpected malformed{Outcome::kSioPacket};
  if (data.size() > limits::kSioOpenBytes || !data.starts_with('{') || !is_json(data))
    return malformed;
  Open open;
  JsonMembers members{data};
  while (const auto member = members.next())
    if (!take_member(*member, open)) return malformed;
  if (open.sid.empty() || open.ping_interval.count() == 0 || open.ping_timeout.count() == 0)
    return malformed;
  return open;
}

Outcome refusal(int status, std::string_view body) noexcept {
  body = without_json_spaces(body);
  if (status == 400 && body.starts_with('{') && is_json(body)) {
    const std::string_view code = json_member(body, "code");
    if (code == "1") return Outcome::kSioUnknownSession;
    if (code == "5") return Outcome::kSioVersion;
  }
  if (status >= 400 && status < 500) return Outcome::kStatus4xx;
  if (status >= 500 && status < 600) return Outcome::kStatus5xx;
  return Outcome::kNotUpgraded;
}

}  // namespace gend::sio
