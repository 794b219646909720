#include "target/hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/limits.h"
#include "target/app.h"
#include "target/room_message.h"
#include "target/text.h"
#include "target/truth.h"

namespace gend::target {
namespace {

constexpr Duration kClosePatience = std::chrono::seconds{5};  // for the answer to our close frame
constexpr std::size_t kSpareReaders = 64;
constexpr std::size_t kKeptCapacity = 16 * 1024;  // of a buffer that once carried more

}  // namespace

Hub::Hub(App& app, unsigned thread, net::Io& io, unsigned connections)
    : sio_{app.options().sio},
      world_{app.world},
      counts_{world_.sessions.of_thread(thread)},
      io_{io},
      thread_{thread},
      fanout_{world_, thread},
      villages_{app, fanout_, counts_},
      clients_(connections) {
  world_.exchange.attach(thread, io);
}

Hub::~Hub() {
  for (auto& client : clients_) {
    if (!client) continue;
    timers_.cancel(*client);
    fanout_.forget(*client);
  }
  for (auto& [sid, session] : sessions_) {
    timers_.cancel(*session);
    fanout_.forget(*session);
  }
  for (auto& feed : feeds_) feed_timers_.cancel(*feed);
}

TimePoint Hub::next() const {
  // What a closing connection left behind.
  if (fanout_.busy()) return TimePoint{};
  return std::min({timers_.next(), feed_timers_.next(), fanout_.next()});
}

// ---- connections -------------------------------------------------------------------------------

void Hub::open(net::ConnectionId id, const Opening& opening, std::string_view head,
               TimePoint now) {
  auto made = std::make_unique<Client>();
  Client& client = *made;
  clients_[id] = std::move(made);
  client.number = world_.connections.fetch_add(1) + 1;
  client.id = id;
  client.kind = opening.kind;
  client.deflate = opening.deflate;
  client.close_after = opening.close_after;
  client.close_code = opening.close_code;
  client.ping_every = opening.ping_every;
  client.out.bytes = head;
  bump(counts_.websockets);
  counts_.websockets_open.fetch_add(1, std::memory_order_relaxed);
  if (client.ping_every > Duration::zero()) timers_.arm(client, now + client.ping_every);
  if (client.kind == Opening::Kind::kFeed) begin_feed(client, opening, now);
  if (client.kind == Opening::Kind::kCarrier)
    client.carries = std::make_unique<std::string>(opening.sid);
  if (client.kind == Opening::Kind::kEngine) begin_engine(client, opening, now);
  fanout_.touch(client);
}

void Hub::on_gone(net::ConnectionId id) {
  Client& client = *clients_[id];
  const std::uint16_t code = client.code == 0 ? ws_code::kAbnormal : client.code;
  bump(counts_.closed[code]);
  counts_.websockets_open.fetch_sub(1, std::memory_order_relaxed);
  if (client.carries)
    post_letter(thread_of(*client.carries),
                {.kind = Letter::Kind::kGone,
                 .link = {thread_, id, client.number},
                 .sid = *client.carries},
                io_.now());
  if (client.engine) counts_.socketio_open.fetch_sub(1, std::memory_order_relaxed);
  timers_.cancel(client);
  fanout_.forget(client);
  clients_[id].reset();
}

void Hub::on_sent(net::ConnectionId id) {
  Client& client = *clients_[id];
  client.sending = false;
  fanout_.handed(client.under_way, io_.submitted_at(id));
  client.under_way.clear();
  if (client.under_way.bytes.capacity() > kKeptCapacity) std::string{}.swap(client.under_way.bytes);
  if (!client.out.bytes.empty() || client.state == Client::State::kDone) fanout_.touch(client);
}

void Hub::flush(Client& client, TimePoint now) {
  client.dirty = false;
  if (client.id == net::kNoConnection) return flush_session(client, now);
  if (client.out.bytes.size() > limits::kTargetPendingBytes) {
    bump(counts_.slow);
    return closing_.push_back(client.id);
  }
  if (client.sending) return;
  if (client.out.bytes.empty()) {
    if (client.state == Client::State::kDone) closing_.push_back(client.id);
    return;
  }
  std::swap(client.out, client.under_way);
  client.sending = true;
  io_.send(client.id, client.under_way.bytes.data(), client.under_way.bytes.size());
}

void Hub::work(TimePoint now) {
  const std::uint64_t before = faults_version_;
  world_.faults.refresh(faults_, faults_version_);
  if (before != faults_version_) fanout_.set_faults(faults_);
  timers_.expire(now, [&](Timer& timer) { on_timer(static_cast<Client&>(timer), now); });
  feed_timers_.expire(now, [&](Timer& timer) { on_feed(static_cast<Feed&>(timer), now); });
  fanout_.expire(now);
  world_.exchange.take(thread_, mail_);
  for (const Broadcast& message : mail_.broadcasts) fanout_.deliver(message, now);
  for (Letter& letter : mail_.letters) on_letter(letter, now);
  mail_.broadcasts.clear();
  mail_.letters.clear();
  // A session's packets may make its WebSocket dirty in turn.
  std::vector<Client*>& dirty = fanout_.dirty();
  for (std::size_t i = 0; i < dirty.size(); ++i)
    if (Client* client = std::exchange(dirty[i], nullptr)) flush(*client, now);
  dirty.clear();
  for (unsigned t = 0; t < fanout_.outboxes().size(); ++t)
    if (!fanout_.outboxes()[t].empty()) world_.exchange.post(t, fanout_.outboxes()[t]);
}

// ---- reading -----------------------------------------------------------------------------------

std::unique_ptr<WsReader> Hub::take_reader() {
  if (readers_.empty()) return std::make_unique<WsReader>();
  auto reader = std::move(readers_.back());
  readers_.pop_back();
  return reader;
}

void Hub::give_back(std::unique_ptr<WsReader> reader) {
  if (readers_.size() >= kSpareReaders) return;
  reader->trim();
  readers_.push_back(std::move(reader));
}

void Hub::on_bytes(net::ConnectionId id, std::string_view bytes, TimePoint now) {
  Client& client = *clients_[id];
  if (client.state == Client::State::kDone) return;
  if (!client.reader) client.reader = take_reader();
  const std::uint16_t wrong =
      client.reader->feed(bytes, client.deflate, [&](const WsMessage& message) {
        on_message(client, message, now);
        return client.state != Client::State::kDone;
      });
  if (wrong != 0) return fail(client, wrong);
  if (client.reader->clean()) give_back(std::move(client.reader));
}

void Hub::on_message(Client& client, const WsMessage& message, TimePoint now) {
  switch (message.opcode) {
    case WsOpcode::kClose: return on_close_frame(client, message.payload);
    case WsOpcode::kPong: return bump(counts_.pongs_in);
    case WsOpcode::kPing:
      bump(counts_.pings_in);
      if (client.state != Client::State::kOpen) return;
      bump(counts_.pongs_out);
      append_frame(client.out.bytes, WsOpcode::kPong, message.payload);
      return fanout_.touch(client);
    case WsOpcode::kText:
    case WsOpcode::kBinary:
    case WsOpcode::kContinuation: break;
  }
  if (client.state == Client::State::kOpen) on_data(client, message, now);
}

void Hub::on_data(Client& client, const WsMessage& message, TimePoint now) {
  bump(counts_.messages_in);
  std::string_view payload = message.payload;
  if (message.compressed) {
    const auto plain = deflate_.inflate(payload);
    if (!plain) return fail(client, ws_code::kBadText);
    if (message.opcode == WsOpcode::kText && !is_utf8(*plain))
      return fail(client, ws_code::kBadText);
    payload = *plain;
  }
  switch (client.kind) {
    case Opening::Kind::kEcho: echo(client, message.opcode, payload, message.compressed); break;
    case Opening::Kind::kRooms:
      if (message.opcode == WsOpcode::kText)
        on_room_message(client, payload, now);
      else
        say(client, R"({"type":"error","error":"not a text message"})");
      break;
    case Opening::Kind::kEngine: return on_engine_data(client, message.opcode, payload, now);
    case Opening::Kind::kCarrier:
      return on_carrier_data(client, message.opcode, payload, now);
    case Opening::Kind::kFeed:
    case Opening::Kind::kPollOpen:
    case Opening::Kind::kPoll:
    case Opening::Kind::kPost:
    case Opening::Kind::kNone: break;
  }
  if (client.close_after > 0 && --client.close_after == 0)
    begin_close(client, client.close_code, "", now);
}

void Hub::on_close_frame(Client& client, std::string_view payload) {
  if (client.state == Client::State::kOpen) {
    const std::uint16_t code = code_of_close(payload);
    client.code = code;
    if (code == ws_code::kNoStatus)
      append_frame(client.out.bytes, WsOpcode::kClose, "");
    else
      append_close(client.out.bytes, code);
  }
  finish(client);
}

// No more is read and nothing further is sent but what is there.
void Hub::finish(Client& client) {
  timers_.cancel(client);
  fanout_.withdraw(client);
  client.state = Client::State::kDone;
  fanout_.touch(client);
}

// The client broke a rule: it is told which, and heard no more.
void Hub::fail(Client& client, std::uint16_t code) {
  if (client.code == 0) client.code = code;
  if (client.state == Client::State::kOpen) append_close(client.out.bytes, code);
  finish(client);
}

void Hub::begin_close(Client& client, std::uint16_t code, std::string_view reason,
                      TimePoint now) {
  if (client.state != Client::State::kOpen) return;
  client.code = code;
  if (code == ws_code::kNoStatus)
    append_frame(client.out.bytes, WsOpcode::kClose, "");
  else
    append_close(client.out.bytes, code, reason);
  client.state = Client::State::kClosing;
  fanout_.withdraw(client);
  timers_.cancel(client);
  timers_.arm(client, now + kClosePatience);
  fanout_.touch(client);
}

void Hub::on_timer(Client& client, TimePoint now) {
  if (client.state != Client::State::kOpen) return closing_.push_back(client.id);
  if (client.kind == Opening::Kind::kEngine) return on_engine_timer(client, now);
  bump(counts_.pings_out);
  append_frame(client.out.bytes, WsOpcode::kPing, "gentarget");
  timers_.arm(client, now + client.ping_every);
  fanout_.touch(client);
}

// ---- what is said ------------------------------------------------------------------------------

void Hub::echo(Client& client, WsOpcode opcode, std::string_view payload, bool compressed) {
  if (compressed) payload = deflate_.compress(payload);
  append_frame_head(client.out.bytes, opcode, payload.size(), compressed);
  client.out.bytes += payload;
  ++client.out.messages;
  fanout_.touch(client);
}

void Hub::say(Client& client, std::string_view text) {
  append_frame(client.out.bytes, WsOpcode::kText, text);
  ++client.out.messages;
  fanout_.touch(client);
}

void Hub::on_room_message(Client& client, std::string_view text, TimePoint now) {
  std::string storage;
  const RoomMessage message = read_room_message(text, storage);
  switch (message.type) {
    case RoomMessage::Type::kPublish: return publish(client, text, message, now);
    case RoomMessage::Type::kSubscribe:
    case RoomMessage::Type::kUnsubscribe: return membership(client, message);
    case RoomMessage::Type::kUnknown:
      return say(client, R"({"type":"error","error":"type is not known"})");
    case RoomMessage::Type::kMalformed:
      return say(client, R"({"type":"error","error":"type and channel are missing"})");
  }
}

void Hub::membership(Client& client, const RoomMessage& message) {
  Room* room = fanout_.room(message.channel);
  const bool in = message.type == RoomMessage::Type::kSubscribe;
  if (room == nullptr)
    return say(client, R"({"type":"error","error":"the channel's name is too long or empty"})");
  if (!in)
    fanout_.leave(client, *room);
  else if (fanout_.join(client, *room) == Fanout::Joined::kTooMany)
    return say(client, R"({"type":"error","error":"too many channels"})");
  std::string answer = in ? R"({"type":"subscribed","channel":)"
                          : R"({"type":"unsubscribed","channel":)";
  append_json(answer, message.channel);
  say(client, answer += '}');
}

void Hub::publish(Client& client, std::string_view text, const RoomMessage& message,
                  TimePoint now) {
  Room* room = fanout_.room(message.channel);
  if (room == nullptr)
    return say(client, R"({"type":"error","error":"the channel's name is too long or empty"})");
  Broadcast made{.room = room,
                 .sender = client.number,
                 .sequence = ++client.sequence,
                 .except = message.to_itself ? 0 : client.number,
                 .received = now};
  made.frame.reserve(text.size() + 10);
  made.head = static_cast<std::uint8_t>(
      append_frame_head(made.frame, WsOpcode::kText, text.size()));
  made.frame += text;
  fanout_.publish(std::move(made), now);
}

// ---- channels that the server feeds ------------------------------------------------------------

void Hub::begin_feed(Client& client, const Opening& opening, TimePoint now) {
  Room* room = fanout_.room(opening.channel);
  if (room == nullptr) return begin_close(client, ws_code::kPolicy, "no such channel", now);
  fanout_.join(client, *room);
  if (!world_.feeds.claim(*room)) return;
  auto feed = std::make_unique<Feed>();
  feed->room = room;
  feed->every = Duration{static_cast<std::int64_t>(1e9 / opening.rate)};
  feed->number = world_.connections.fetch_add(1) + 1;
  feed_timers_.arm(*feed, now + feed->every);
  feeds_.push_back(std::move(feed));
}

void Hub::on_feed(Feed& feed, TimePoint now) {
  if (world_.feeds.release(*feed.room, world_.exchange.threads())) {
    std::erase_if(feeds_, [&](const auto& each) { return each.get() == &feed; });
    return;
  }
  const std::uint64_t sequence = world_.feeds.next_sequence(*feed.room);
  std::string text = fmt::format(R"({{"seq":{},"mono_ns":{},"channel":)", sequence,
                                 io_.now().time_since_epoch().count());
  append_json(text, feed.room->name);
  text += '}';
  Broadcast made{.room = feed.room, .sender = feed.number, .sequence = sequence, .received = now};
  made.head = static_cast<std::uint8_t>(
      append_frame_head(made.frame, WsOpcode::kText, text.size()));
  made.frame += text;
  // From when it was due: a late turn is caught up with.
  feed_timers_.arm(feed, feed.at() + feed.every);
  fanout_.publish(std::move(made), now);
}

}  // namespace gend::target
