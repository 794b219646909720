// Our reading and writing of packets for a program in another language: one JSON object per line
// in, one per line out. See oracle.js.
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/base64.h"
#include "sio/connect.h"
#include "sio/json.h"
#include "sio/open.h"
#include "sio/packet.h"
#include "sio/payload.h"

using namespace gend;
using namespace gend::sio;
using nlohmann::json;

namespace {

// {"packet": TEXT}: what it says.
json read_packet(const std::string& text) {
  const auto packet = parse_packet(text);
  if (!packet) return nullptr;
  json out{{"type", static_cast<int>(packet->type)},
           {"nsp", packet->space},
           {"attachments", packet->attachments},
           {"payload", packet->payload},
           {"last", packet->last}};
  if (packet->id) out["id"] = *packet->id;
  if (is_event(packet->type) || is_ack(packet->type))
    out["arguments"] = "[" + std::string{packet->arguments} + "]";
  if (!is_event(packet->type)) return out;
  std::string name;
  append_json_text(name, packet->name);
  out["name"] = name;
  return out;
}

// {"body": BASE64}: the packets of a polling payload.
json read_payload(const std::string& base64) {
  std::string body = decode_base64(base64, Base64::kStandard).value_or("");
  PayloadReader reader{body};
  json out = json::array();
  while (!reader.done()) {
    const auto packet = reader.next();
    if (!packet) return name_of(packet.error());
    out.push_back({{"type", static_cast<int>(packet->type)},
                   {"binary", packet->content == Content::kBinary},
                   {"data", base64_of(packet->data, Base64::kStandard)}});
  }
  return out;
}

json read_open(const std::string& text) {
  const auto open = parse_open(text);
  if (!open) return nullptr;
  return {{"sid", open->sid},
          {"pingInterval", open->ping_interval.count()},
          {"pingTimeout", open->ping_timeout.count()},
          {"maxPayload", open->max_payload},
          {"upgrades", open->upgrade == WebSocketUpgrade::kOffered}};
}

// {"write": {"type", "nsp", "id", "attachments", "payload"}}: the Engine.IO message.
json write(const json& packet) {
  const auto type = static_cast<PacketType>(packet.at("type").get<int>());
  const std::string space = packet.at("nsp"), payload = packet.at("payload");
  std::string out;
  if (type == PacketType::kConnect) {
    append_connect(out, space, payload, {});
  } else if (type == PacketType::kDisconnect) {
    append_disconnect(out, space);
  } else {
    PacketHead head{type, space, {}, packet.at("attachments").get<std::uint32_t>()};
    if (packet.contains("id")) head.id = packet.at("id").get<std::uint64_t>();
    append_head(out, head);
    out += payload;
  }
  return out;
}

// {"polling": [{"text"} or {"base64"}, …]}: the body.
json write_payload(const json& packets) {
  std::string body;
  for (const json& packet : packets) {
    if (packet.contains("text"))
      append_packet(body, packet.at("text").get<std::string>());
    else
      append_binary_packet(
          body,
          decode_base64(packet.at("base64").get<std::string>(), Base64::kStandard).value_or(""));
  }
  return base64_of(body, Base64::kStandard);
}

json answer(const json& question) {
  if (question.contains("packet")) return read_packet(question.at("packet"));
  if (question.contains("body")) return read_payload(question.at("body"));
  if (question.contains("open")) return read_open(question.at("open"));
  if (question.contains("write")) return write(question.at("write"));
  return write_payload(question.at("polling"));
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(json::parse(line)).dump() << '\n';
}
