// Engine.IO sessions of a thread: what the hub does for them.
#include <fmt/format.h>

#include "base/rng.h"
#include "target/hub.h"
#include "target/truth.h"

namespace gend::target {
namespace {

Duration milliseconds(std::int64_t n) {
  return std::chrono::milliseconds{n};
}

}  // namespace

void Hub::begin_engine(Client& client, const Opening& opening, TimePoint now) {
  client.engine = std::make_unique<EngineSession>();
  client.engine->account = opening.account;
  std::uint64_t mixed = world_.seed ^ (client.number << 8);
  client.engine->sid = fmt::format("{:02x}{:016x}", thread_, splitmix64(mixed));
  bump(counts_.socketio);
  counts_.socketio_open.fetch_add(1, std::memory_order_relaxed);
  const Upgrades upgrades = client.polling ? Upgrades::kWebSocket : Upgrades::kNone;
  villages_.say(client, open_packet(client.engine->sid, upgrades, sio_.times));
  timers_.arm(client, now + milliseconds(sio_.times.ping_interval_ms));
}

void Hub::on_engine_data(Client& client, WsOpcode opcode, std::string_view payload,
                         TimePoint now) {
  if (payload.size() > eio::kMaxPayload) return fail(client, ws_code::kTooBig);
  const auto verdict = opcode == WsOpcode::kText ? on_engine_packet(client, payload, now)
                                                 : villages_.on_binary(client, payload, now);
  if (verdict == VillageServer::Verdict::kClose) end_engine(client, now);
}

VillageServer::Verdict Hub::on_engine_packet(Client& client, std::string_view packet,
                                             TimePoint now) {
  if (packet.empty()) return VillageServer::Verdict::kClose;
  switch (packet.front()) {
    case eio::kMessage: return villages_.on_text(client, packet.substr(1), now);
    case eio::kPong:
      bump(counts_.sio_pongs);
      client.engine->pong_due = false;
      timers_.cancel(client);
      timers_.arm(client, now + milliseconds(sio_.times.ping_interval_ms));
      return VillageServer::Verdict::kGoOn;
    default: return VillageServer::Verdict::kClose;  // also a ping: in version 4 the server's
  }
}

void Hub::on_engine_timer(Client& client, TimePoint now) {
  if (client.engine->pong_due) {
    bump(counts_.ping_timeouts);
    return end_engine(client, now);
  }
  client.engine->pong_due = true;
  bump(counts_.sio_pings);
  villages_.say(client, std::string_view{&eio::kPing, 1});
  timers_.arm(client, now + milliseconds(sio_.times.ping_timeout_ms));
}

void Hub::end_engine(Client& client, TimePoint now) {
  if (client.id != net::kNoConnection) return begin_close(client, ws_code::kNoStatus, "", now);
  if (client.state == Client::State::kDone) return;
  // By polling, whoever waits is told.
  if (client.polling) villages_.say(client, std::string_view{&eio::kClose, 1});
  finish(client);
}

}  // namespace gend::target
