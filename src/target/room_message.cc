#include "target/room_message.h"

#include <array>

#include <nlohmann/json.hpp>

#include "target/json_scan.h"

namespace gend::target {
namespace {

RoomMessage::Type type_of(std::string_view name) {
  if (name == "publish") return RoomMessage::Type::kPublish;
  if (name == "subscribe") return RoomMessage::Type::kSubscribe;
  if (name == "unsubscribe") return RoomMessage::Type::kUnsubscribe;
  return RoomMessage::Type::kUnknown;
}

RoomMessage read_whole(std::string_view text, std::string& storage) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return {};
  const auto type = json.find("type"), channel = json.find("channel"), echo = json.find("echo");
  if (type == json.end() || !type->is_string()) return {};
  RoomMessage message{.type = type_of(type->get_ref<const std::string&>())};
  if (message.type == RoomMessage::Type::kUnknown) return message;
  if (channel == json.end() || !channel->is_string()) return {};
  storage = channel->get_ref<const std::string&>();
  message.channel = storage;
  message.to_itself = echo == json.end() || *echo != false;
  return message;
}

}  // namespace

RoomMessage read_room_message(std::string_view text, std::string& storage) {
  std::array<JsonField, 3> fields{{{"type"}, {"channel"}, {"echo"}}};
  if (!scan_json_object(text, fields)) return read_whole(text, storage);
  const auto type = plain_string(fields[0].value);
  if (!type) return {};
  RoomMessage message{.type = type_of(*type)};
  if (message.type == RoomMessage::Type::kUnknown) return message;
  const auto channel = plain_string(fields[1].value);
  if (!channel) return {};
  message.channel = *channel;
  message.to_itself = fields[2].value != "false";
  return message;
}

}  // namespace gend::target
