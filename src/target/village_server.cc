#include "target/village_server.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "target/app.h"
#include "target/json_scan.h"
#include "target/text.h"
#include "target/truth.h"

namespace gend::target {
namespace {

constexpr std::array<std::string_view, 2> kSpaces{"/", "/villages"};
constexpr std::size_t kVillages = 1;

std::optional<std::size_t> space_of(std::string_view name) {
  for (std::size_t i = 0; i < kSpaces.size(); ++i)
    if (kSpaces[i] == name) return i;
  return std::nullopt;
}

std::int64_t unix_ms_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

// The array of `event` without its first element.
std::string_view behind_name(std::string_view data, std::string_view name) {
  const auto after = static_cast<std::size_t>(name.data() + name.size() - data.data());
  std::size_t at = skip_json_space(data, after);
  if (at < data.size() && data[at] == ',') at = skip_json_space(data, at + 1);
  return data.substr(at);
}

}  // namespace

// ---- packets out -------------------------------------------------------------------------------

void VillageServer::say(Client& client, std::string_view packet) {
  if (client.polling) {
    if (!client.out.bytes.empty()) client.out.bytes += eio::kSeparator;
    client.out.bytes += packet;
  } else {
    append_frame(client.out.bytes, WsOpcode::kText, packet);
  }
  ++client.out.messages;
  fanout_.touch(client);
}

void VillageServer::say_binary(Client& client, std::string_view bytes) {
  if (client.polling)
    return say(client, eio::kBinary + base64_of(bytes, Base64::kStandard));
  append_frame(client.out.bytes, WsOpcode::kBinary, bytes);
  ++client.out.messages;
  fanout_.touch(client);
}

void VillageServer::send(Client& client, const SioPacket& packet) {
  packet_.clear();
  append_sio(packet_, packet);
  say(client, packet_);
}

void VillageServer::acknowledge(Client& client, const Event& event, std::string_view arguments) {
  if (!event.packet.id) return;
  send(client, {.type = SioPacket::Type::kAck,
                .name_space = kSpaces[event.space],
                .id = event.packet.id,
                .data = arguments});
}

void VillageServer::refuse(Client& client, std::string_view name_space, std::string_view why,
                           std::string_view data) {
  bump(counts_.connect_errors);
  const std::string text = fmt::format(R"({{"message":"{}"{}{}}})", why,
                                       data.empty() ? "" : ",\"data\":", data);
  send(client,
       {.type = SioPacket::Type::kConnectError, .name_space = name_space, .data = text});
}

// ---- packets in --------------------------------------------------------------------------------

VillageServer::Verdict VillageServer::on_text(Client& client, std::string_view text,
                                              TimePoint now) {
  EngineSession& session = *client.engine;
  const auto packet = parse_sio(text);
  if (!packet || session.attachments_due > 0) return Verdict::kClose;
  const bool binary = packet->type == SioPacket::Type::kBinaryEvent ||
                      packet->type == SioPacket::Type::kBinaryAck;
  if (binary && placeholders_in(packet->data) != packet->attachments) return Verdict::kClose;
  if (packet->attachments == 0) return on_packet(client, *packet, now);
  session.binary_packet = text;
  session.attachments_due = packet->attachments;
  return Verdict::kGoOn;
}

VillageServer::Verdict VillageServer::on_binary(Client& client, std::string_view bytes,
                                                TimePoint now) {
  EngineSession& session = *client.engine;
  if (session.attachments_due == 0) return Verdict::kClose;
  session.attachments.emplace_back(bytes);
  if (--session.attachments_due > 0) return Verdict::kGoOn;
  const std::string text = std::exchange(session.binary_packet, {});
  const Verdict verdict = on_packet(client, *parse_sio(text), now);
  session.attachments.clear();
  return verdict;
}

VillageServer::Verdict VillageServer::on_packet(Client& client, const SioPacket& packet,
                                                TimePoint now) {
  if (packet.type == SioPacket::Type::kConnect) {
    connect(client, packet);
    return Verdict::kGoOn;
  }
  const auto space = space_of(packet.name_space);
  // As the servers everybody knows: whoever speaks to a namespace it is not in is sent away.
  if (!space || !client.engine->spaces[*space].connected) return Verdict::kClose;
  switch (packet.type) {
    case SioPacket::Type::kDisconnect: disconnect(client, *space); return Verdict::kGoOn;
    case SioPacket::Type::kAck:
    case SioPacket::Type::kBinaryAck: return Verdict::kGoOn;  // nothing was asked for
    case SioPacket::Type::kConnect:
    case SioPacket::Type::kConnectError: return Verdict::kClose;
    case SioPacket::Type::kEvent:
    case SioPacket::Type::kBinaryEvent: break;
  }
  std::string_view elements[2];
  const auto count = scan_json_array(packet.data, elements);
  const auto name = count && *count > 0 ? plain_string(elements[0]) : std::nullopt;
  if (!name) {
    // Not plain: a whole parser says whether it is wrong, or only unusual and of no name of ours.
    const auto json = nlohmann::json::parse(packet.data, nullptr, false);
    const bool event = json.is_array() && !json.empty() && json[0].is_string();
    return event ? Verdict::kGoOn : Verdict::kClose;
  }
  return on_event(client,
                  {.space = *space,
                   .packet = packet,
                   .name = *name,
                   .first = *count > 1 ? elements[1] : std::string_view{},
                   .arguments = behind_name(packet.data, elements[0])},
                  now);
}

VillageServer::Verdict VillageServer::on_event(Client& client, const Event& event,
                                               TimePoint now) {
  if (event.name == "village_message") {
    spread(client, event, now);
  } else if (event.name == "join_village") {
    join(client, event);
  } else if (event.name == "leave_village") {
    leave(client, event);
  } else if (event.name == "echo") {
    echo(client, event);
  } else if (event.name == "kick") {
    send(client, {.type = SioPacket::Type::kDisconnect, .name_space = kSpaces[event.space]});
    disconnect(client, event.space);
    if (event.first == "true") return Verdict::kClose;
  }
  return Verdict::kGoOn;
}

// ---- namespaces --------------------------------------------------------------------------------

void VillageServer::connect(Client& client, const SioPacket& packet) {
  const auto space = space_of(packet.name_space);
  if (!space) return refuse(client, packet.name_space, "Invalid namespace", {});
  EngineSession& session = *client.engine;
  EngineSession::NameSpace& at = session.spaces[*space];
  if (at.connected) return;
  const auto auth = nlohmann::json::parse(packet.data.empty() ? "{}" : packet.data, nullptr, false);
  const auto token = auth.is_object() ? auth.find("token") : auth.end();
  std::optional<demo::Account> account = session.account;
  const char* wrong = nullptr;
  if (token != auth.end()) {
    demo::Account found;
    const bool valid = token->is_string() &&
                       app_.check_token(token->get_ref<const std::string&>(), unix_ms_now(),
                                        found) == App::Credentials::kValid;
    if (valid)
      account = found;
    else
      wrong = R"({"code":"invalid_token"})";
  }
  const SioAuth needs = app_.options().sio.auth;
  const bool needed =
      needs == SioAuth::kAll || (needs == SioAuth::kVillages && *space == kVillages);
  if (wrong == nullptr && needed && !account) wrong = R"({"code":"missing_token"})";
  if (wrong != nullptr) return refuse(client, kSpaces[*space], "invalid token", wrong);
  at.connected = true;
  at.account = account;
  bump(counts_.connects);
  const std::string data = fmt::format(R"({{"sid":"{}{}"}})", session.sid, "rv"[*space]);
  send(client, {.type = SioPacket::Type::kConnect, .name_space = kSpaces[*space], .data = data});
}

void VillageServer::disconnect(Client& client, std::size_t space) {
  client.engine->spaces[space] = {};
  const bool root = space != kVillages;
  for (std::size_t i = client.places.size(); i-- > 0;)
    if (client.places[i].room->name.starts_with('/') != root)
      fanout_.leave(client, *client.places[i].room);
}

// ---- villages ----------------------------------------------------------------------------------

std::optional<std::uint32_t> VillageServer::village_of(const Client& client, std::size_t space,
                                                       std::string_view raw) const {
  const demo::Sizes& sizes = app_.options().sizes;
  const auto id = number(plain_string(raw).value_or(raw), sizes.villages);
  if (!id || *id == 0) return std::nullopt;
  const auto village = static_cast<std::uint32_t>(*id);
  const auto& account = client.engine->spaces[space].account;
  if (!account || account->kind == demo::Kind::kAdmin) return village;
  const bool member = account->kind == demo::Kind::kUser &&
                      demo::village_of(account->number, sizes) == village;
  return member ? std::optional{village} : std::nullopt;
}

Room* VillageServer::room_of(std::size_t space, std::uint32_t village) {
  room_name_.clear();
  fmt::format_to(std::back_inserter(room_name_), "{}village:{}",
                 space == kVillages ? "/villages," : "", village);
  return fanout_.room(room_name_);
}

void VillageServer::join(Client& client, const Event& event) {
  const auto village = village_of(client, event.space, event.first);
  Room* room = village ? room_of(event.space, *village) : nullptr;
  if (room == nullptr || fanout_.join(client, *room) == Fanout::Joined::kTooMany)
    return acknowledge(client, event, R"([{"ok":false}])");
  acknowledge(client, event, fmt::format(R"([{{"ok":true,"village":{}}}])", event.first));
}

void VillageServer::leave(Client& client, const Event& event) {
  const auto village = village_of(client, event.space, event.first);
  Room* room = village ? room_of(event.space, *village) : nullptr;
  if (room == nullptr || !fanout_.leave(client, *room))
    return acknowledge(client, event, R"([{"ok":false}])");
  acknowledge(client, event, fmt::format(R"([{{"ok":true,"village":{}}}])", event.first));
}

void VillageServer::spread(Client& client, const Event& event, TimePoint now) {
  JsonField fields[] = {{"village"}};
  const bool plain = event.packet.attachments == 0 && scan_json_object(event.first, fields);
  const auto village =
      plain ? village_of(client, event.space, fields[0].value) : std::nullopt;
  Room* room = village ? room_of(event.space, *village) : nullptr;
  if (room == nullptr) return acknowledge(client, event, R"([{"ok":false}])");
  packet_.clear();
  append_sio(packet_, {.name_space = kSpaces[event.space], .data = event.packet.data});
  Broadcast message{.room = room,
                    .sender = client.number,
                    .sequence = ++client.sequence,
                    .received = now};
  message.frame.reserve(packet_.size() + 10);
  message.head = static_cast<std::uint8_t>(
      append_frame_head(message.frame, WsOpcode::kText, packet_.size()));
  message.frame += packet_;
  fanout_.publish(std::move(message), now);
  acknowledge(client, event, R"([{"ok":true}])");
}

void VillageServer::echo(Client& client, const Event& event) {
  const std::vector<std::string>& attachments = client.engine->attachments;
  const bool binary = event.packet.attachments > 0;
  const auto follow = [&] {
    for (const std::string& each : attachments) say_binary(client, each);
  };
  if (event.packet.id) {
    const std::string arguments = '[' + std::string{event.arguments};
    send(client, {.type = binary ? SioPacket::Type::kBinaryAck : SioPacket::Type::kAck,
                  .attachments = event.packet.attachments,
                  .name_space = kSpaces[event.space],
                  .id = event.packet.id,
                  .data = arguments});
    follow();
  }
  send(client, {.type = event.packet.type,
                .attachments = event.packet.attachments,
                .name_space = kSpaces[event.space],
                .data = event.packet.data});
  follow();
}

}  // namespace gend::target
