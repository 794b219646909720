// Engine.IO sessions that began with polling: their requests and the WebSocket they are upgraded to
// come to any thread, while the session stays with the one whose number its sid begins with.
#include <utility>

#include "base/base64.h"
#include "target/hub.h"
#include "target/truth.h"

namespace gend::target {
namespace {

constexpr std::string_view kUnknown = R"({"code":1,"message":"Session ID unknown"})";
constexpr std::string_view kBadRequest = R"({"code":3,"message":"Bad request"})";

std::string_view one(const char& packet) {
  return {&packet, 1};
}

bool same(const std::optional<EngineLink>& link, const EngineLink& other) {
  return link && link->thread == other.thread && link->connection == other.connection &&
         link->serial == other.serial;
}

// A polling payload of ours as frames of WebSocket.
std::string frames_of(std::string_view payload) {
  std::string frames;
  while (!payload.empty()) {
    const std::string_view packet = payload.substr(0, payload.find(eio::kSeparator));
    payload.remove_prefix(packet.size() + (packet.size() < payload.size() ? 1 : 0));
    if (packet.starts_with(eio::kBinary))
      append_frame(frames, WsOpcode::kBinary,
                   decode_base64(packet.substr(1), Base64::kStandard).value_or(""));
    else
      append_frame(frames, WsOpcode::kText, packet);
  }
  return frames;
}

}  // namespace

unsigned thread_of(std::string_view sid) {
  unsigned thread = 0;
  for (const char c : sid.substr(0, 2))
    thread = thread * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
  return thread;
}

void Hub::post_letter(unsigned to, Letter letter, TimePoint now) {
  if (to == thread_) return on_letter(letter, now);
  fanout_.outboxes()[to].letters.push_back(std::move(letter));
}

// ---- where a request or WebSocket is -----------------------------------------------------------

void Hub::on_poll(net::ConnectionId id, std::uint64_t serial, Opening& opening, TimePoint now) {
  const EngineLink link{thread_, id, serial};
  if (opening.kind == Opening::Kind::kPollOpen) {
    auto made = std::make_unique<Client>();
    Client& session = *made;
    session.number = world_.connections.fetch_add(1) + 1;
    session.kind = Opening::Kind::kEngine;
    session.polling = true;
    begin_engine(session, opening, now);
    session.engine->poll = link;
    world_.sids.add(session.engine->sid);
    waiting_[id] = session.engine->sid;
    sessions_.emplace(session.engine->sid, std::move(made));
    return;
  }
  const bool post = opening.kind == Opening::Kind::kPost;
  if (!post) waiting_[id] = opening.sid;
  post_letter(thread_of(opening.sid),
              {.kind = post ? Letter::Kind::kPost : Letter::Kind::kPoll,
               .link = link,
               .sid = opening.sid,
               .text = std::move(opening.body)},
              now);
}

void Hub::on_poll_sent(net::ConnectionId id) {
  const auto found = answered_.find(id);
  if (found == answered_.end()) return;
  fanout_.handed(found->second, io_.submitted_at(id));
  answered_.erase(found);
}

void Hub::on_poll_gone(net::ConnectionId id, std::uint64_t serial, TimePoint now) {
  if (const auto found = answered_.find(id); found != answered_.end()) {
    fanout_.lost(found->second);
    answered_.erase(found);
  }
  const auto waiting = waiting_.find(id);
  if (waiting == waiting_.end()) return;
  const std::string sid = std::move(waiting->second);
  waiting_.erase(waiting);
  post_letter(thread_of(sid),
              {.kind = Letter::Kind::kPollGone, .link = {thread_, id, serial}, .sid = sid}, now);
}

void Hub::on_carrier_data(Client& client, WsOpcode opcode, std::string_view payload,
                          TimePoint now) {
  if (payload.size() > eio::kMaxPayload) return fail(client, ws_code::kTooBig);
  Letter::Kind kind = opcode == WsOpcode::kText ? Letter::Kind::kText : Letter::Kind::kBinary;
  if (opcode == WsOpcode::kText && payload == "2probe") {
    say(client, "3probe");
    kind = Letter::Kind::kProbe;
  } else if (opcode == WsOpcode::kText && payload == one(eio::kUpgrade)) {
    kind = Letter::Kind::kUpgrade;
  }
  post_letter(thread_of(*client.carries),
              {.kind = kind,
               .link = {thread_, client.id, client.number},
               .sid = *client.carries,
               .text = std::string{payload}},
              now);
}

Client* Hub::carrier_of(const EngineLink& link) {
  Client* client = clients_[link.connection].get();
  return client != nullptr && client->number == link.serial ? client : nullptr;
}

// ---- letters -----------------------------------------------------------------------------------

void Hub::on_letter(Letter& letter, TimePoint now) {
  if (letter.kind == Letter::Kind::kAnswer) return answers_.push_back(std::move(letter));
  if (letter.kind == Letter::Kind::kPackets) return on_packets_letter(letter);
  if (letter.kind == Letter::Kind::kClose) {
    if (Client* carrier = carrier_of(letter.link))
      begin_close(*carrier, ws_code::kNoStatus, "", now);
    return;
  }
  const auto found = sessions_.find(letter.sid);
  if (found != sessions_.end() && found->second->state == Client::State::kOpen)
    return on_session_letter(*found->second, letter, now);
  if (letter.kind == Letter::Kind::kPoll || letter.kind == Letter::Kind::kPost)
    answer_poll(letter.link, 400, kUnknown, now);
  else if (letter.kind != Letter::Kind::kGone && letter.kind != Letter::Kind::kPollGone)
    close_carrier(letter.link, now);
}

void Hub::close_carrier(const EngineLink& link, TimePoint now) {
  post_letter(link.thread, {.kind = Letter::Kind::kClose, .link = link}, now);
}

void Hub::on_packets_letter(Letter& letter) {
  Client* carrier = carrier_of(letter.link);
  if (carrier == nullptr || carrier->state != Client::State::kOpen) return fanout_.lost(letter.out);
  carrier->out.bytes += letter.out.bytes;
  carrier->out.messages += letter.out.messages;
  carrier->out.marks.insert(carrier->out.marks.end(), letter.out.marks.begin(),
                            letter.out.marks.end());
  fanout_.touch(*carrier);
}

void Hub::on_session_letter(Client& session, Letter& letter, TimePoint now) {
  EngineSession& engine = *session.engine;
  auto verdict = VillageServer::Verdict::kGoOn;
  switch (letter.kind) {
    case Letter::Kind::kPoll: return on_poll_letter(session, letter.link, now);
    case Letter::Kind::kPost: return on_post_letter(session, letter, now);
    case Letter::Kind::kPollGone:
      if (same(engine.poll, letter.link)) {
        engine.poll.reset();
        verdict = VillageServer::Verdict::kClose;
      }
      break;
    case Letter::Kind::kProbe:
      engine.carrier = letter.link;
      if (engine.poll && session.out.bytes.empty()) villages_.say(session, one(eio::kNoop));
      break;
    case Letter::Kind::kUpgrade: return upgrade_session(session, letter.link, now);
    case Letter::Kind::kText:
    case Letter::Kind::kBinary:
      // Before the upgrade nothing but the probe may come that way.
      if (session.polling || !same(engine.carrier, letter.link))
        return close_carrier(letter.link, now);
      verdict = letter.kind == Letter::Kind::kText
                    ? on_engine_packet(session, letter.text, now)
                    : villages_.on_binary(session, letter.text, now);
      break;
    case Letter::Kind::kGone:
      // A probe that failed leaves the session to its polling.
      if (!same(engine.carrier, letter.link)) return;
      engine.carrier.reset();
      if (!session.polling) verdict = VillageServer::Verdict::kClose;
      break;
    case Letter::Kind::kAnswer:
    case Letter::Kind::kPackets:
    case Letter::Kind::kClose: break;
  }
  if (verdict == VillageServer::Verdict::kClose) end_engine(session, now);
}

// ---- at the session ----------------------------------------------------------------------------

void Hub::answer_poll(const EngineLink& to, int status, std::string_view body, TimePoint now) {
  Letter answer{.kind = Letter::Kind::kAnswer, .link = to, .status = status};
  answer.out.bytes = body;
  post_letter(to.thread, std::move(answer), now);
}

void Hub::on_poll_letter(Client& session, const EngineLink& link, TimePoint now) {
  EngineSession& engine = *session.engine;
  bump(counts_.polls);
  if (!session.polling) return answer_poll(link, 400, kBadRequest, now);
  if (engine.poll) {  // two at once: the client is out of its mind
    answer_poll(link, 400, kBadRequest, now);
    return end_engine(session, now);
  }
  engine.poll = link;
  // While a WebSocket probes no request may be kept waiting.
  if (engine.carrier && session.out.bytes.empty()) villages_.say(session, one(eio::kNoop));
  fanout_.touch(session);
}

void Hub::on_post_letter(Client& session, const Letter& letter, TimePoint now) {
  bump(counts_.posts);
  const auto packets = split_payload(letter.text);
  auto verdict = packets && session.polling ? VillageServer::Verdict::kGoOn
                                            : VillageServer::Verdict::kClose;
  for (std::size_t i = 0; verdict == VillageServer::Verdict::kGoOn && i < packets->size(); ++i) {
    const std::string_view packet = (*packets)[i];
    bump(counts_.messages_in);
    if (!packet.starts_with(eio::kBinary)) {
      verdict = on_engine_packet(session, packet, now);
      continue;
    }
    const auto bytes = decode_base64(packet.substr(1), Base64::kStandard);
    verdict = bytes ? villages_.on_binary(session, *bytes, now) : VillageServer::Verdict::kClose;
  }
  const bool close = verdict == VillageServer::Verdict::kClose;
  if (packets && session.polling)
    answer_poll(letter.link, 200, "ok", now);
  else
    answer_poll(letter.link, 400, kBadRequest, now);
  if (close) end_engine(session, now);
}

void Hub::upgrade_session(Client& session, const EngineLink& link, TimePoint now) {
  EngineSession& engine = *session.engine;
  if (!session.polling || !same(engine.carrier, link)) return close_carrier(link, now);
  bump(counts_.upgrades);
  // A request that still waits has nothing to wait for any more.
  if (engine.poll) answer_poll(*std::exchange(engine.poll, std::nullopt), 200, "6", now);
  session.out.bytes = frames_of(session.out.bytes);
  session.polling = false;
  fanout_.touch(session);
}

void Hub::flush_session(Client& session, TimePoint now) {
  EngineSession& engine = *session.engine;
  const bool over = session.out.bytes.size() > limits::kTargetPendingBytes;
  if (over) bump(counts_.slow);
  if (!session.out.bytes.empty() && (session.polling ? engine.poll : engine.carrier)) {
    const EngineLink link = session.polling ? *std::exchange(engine.poll, std::nullopt)
                                            : *engine.carrier;
    Letter letter{.kind = session.polling ? Letter::Kind::kAnswer : Letter::Kind::kPackets,
                  .link = link};
    letter.out = std::exchange(session.out, {});
    post_letter(link.thread, std::move(letter), now);
  }
  if (session.state != Client::State::kDone && !over) return;
  if (engine.carrier) close_carrier(*engine.carrier, now);
  counts_.socketio_open.fetch_sub(1, std::memory_order_relaxed);
  world_.sids.remove(engine.sid);
  timers_.cancel(session);
  fanout_.forget(session);
  const std::string sid = engine.sid;
  sessions_.erase(sid);
}

}  // namespace gend::target
