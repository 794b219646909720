#include "sio/connect.h"

#include "base/limits.h"
#include "sio/engine_packet.h"
#include "sio/json.h"

namespace gend::sio {
namespace {

// An id that can be stored, and sent again as it is.
std::string_view plain_id(std::string_view value) {
  const auto text = json_text(value);
  if (!text || text->size() > limits::kSioIdBytes || text->find('\\') != text->npos) return {};
  return *text;
}

}  // namespace

void append_connect(std::string& out, std::string_view space, std::string_view auth,
                    const Recovery& recovery) {
  out += digit_of(EngineType::kMessage);
  out += static_cast<char>('0' + static_cast<int>(PacketType::kConnect));
  if (space != kRootNamespace) out.append(space) += ',';
  if (recovery.pid.empty()) {
    out += auth;
    return;
  }
  // In the order of the JavaScript client: members of the plan's auth count when names are equal.
  out.append(R"({"pid":")").append(recovery.pid);
  if (!recovery.offset.empty()) out.append(R"(","offset":")").append(recovery.offset);
  out += '"';
  const std::string_view members =
      auth.empty() ? auth : without_json_spaces(without_json_spaces(auth).substr(1));
  if (members.empty()) {
    out += '}';
    return;
  }
  if (!members.starts_with('}')) out += ',';
  out += members;
}

std::expected<Joined, Outcome> parse_joined(std::string_view payload) noexcept {
  const std::string_view sid = plain_id(json_member(payload, "sid"));
  if (sid.empty()) return std::unexpected{Outcome::kSioVersion};
  return Joined{sid, plain_id(json_member(payload, "pid"))};
}

std::string_view refusal_message(std::string_view payload) noexcept {
  if (payload.starts_with('{')) payload = json_member(payload, "message");
  return json_text(payload).value_or(std::string_view{});
}

std::string_view offset_of(const Packet& event) noexcept {
  if (!is_event(event.type) || event.id) return {};
  return plain_id(event.last);
}

}  // namespace gend::sio
