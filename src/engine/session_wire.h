#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/rng.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/frame_output.h"
#include "engine/handshake_bytes.h"
#include "engine/pool.h"
#include "engine/request_bytes.h"
#include "engine/session.h"
#include "net/event.h"
#include "plan/program.h"
#include "stats/snapshot.h"
#include "ws/deflate.h"
#include "ws/frame.h"
#include "ws/handshake.h"
#include "ws/message_reader.h"

namespace gend::engine {

// The connection of a session: connects, shakes hands, cuts what comes into messages, frames what
// goes out, pings, closes. What it means is Up's business:
//   up.on_handshake(s, outcome, at)  the answer has come, or none; kOk: it is a WebSocket now
//   up.on_message(s, text or binary, payload, at)
//   up.on_close(s, code, at)         the server closes, or answers our close
//   up.on_unrendered(s, fault, at)   the handshake could not be rendered
//   up.on_lost(s, outcome, at)       the connection is gone; or it is there, a close frame is on
//                                    its way out, and nothing that comes in counts any more
//   up.user_context(s, now) · up.jar(s) · up.add_query(s, out) · up.scenario_of(s)
// Every call of Up may end the session: `life` tells.
template <class Io, class Up>
class SessionWire {
 public:
  // Marks the owner of a connection as a session.
  static constexpr std::uint32_t kOwner = std::uint32_t{1} << 31;

  SessionWire(const plan::Program& program, Io& io, TimerQueue& timers, Up& up)
      : program_{program},
        io_{io},
        timers_{timers},
        up_{up},
        rng_{Rng::for_stream(program.seed, std::uint64_t{1} << 61)} {
    for (const plan::Session& each : program.sessions) {
      offers_.push_back({each.subprotocols,
                         each.deflate ? ws::DeflateUse::kAgreed : ws::DeflateUse::kNo});
      offer_lines_.push_back(ws::offer_header_lines(offers_.back()));
    }
    for (const plan::Send& each : program.sends) prepared_.push_back(prepare(each));
  }

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }

  // ---- opening ----------------------------------------------------------------------------------

  void connect(Session& s, TimePoint now) {
    const plan::HttpRequest& r = plan_of(s).request;
    s.wire = WireState::kConnecting;
    s.connection = io_.open(kOwner | s.index, r.endpoint);
    s.wire_due = now + std::min(r.timeout.connect, r.timeout.total);
    if (s.connection == net::kNoConnection) return fail(s, Outcome::kHostDescriptors, now);
    watch(s, s.wire_due);
  }

  // ---- out --------------------------------------------------------------------------------------

  // Appends a message that `render(out)` renders, and sends it as soon as what is under way allows.
  template <class Render>
  plan::RenderFault send(Session& s, ws::Opcode opcode, Render&& render) {
    plan::TextBuffer& out = output(s);
    const std::size_t before = out.size();
    ws::Deflater* const deflater = s.deflate == ws::DeflateUse::kAgreed ? &deflater_for() : nullptr;
    const auto fault = append_frame(out, opcode, key_for(s), deflater, render);
    hand_over(s, out.size() - before);
    return fault;
  }
  void send_bytes(Session& s, ws::Opcode opcode, std::string_view payload) {
    plan::TextBuffer& out = output(s);
    const std::size_t before = out.size();
    append_frame(out, opcode, key_for(s), nullptr, [&](plan::TextBuffer& to) {
      to.append(payload);
      return plan::RenderFault::kNone;
    });
    hand_over(s, out.size() - before);
  }

  // The whole frame of a message that is always the same, masked when the run began (`masking:
  // fixed`); empty: it has to be made each time.
  std::string_view prepared(const Session& s, const plan::Send& send) const {
    if (s.deflate == ws::DeflateUse::kAgreed) return {};
    return prepared_[static_cast<std::size_t>(&send - program_.sends.data())];
  }
  void send_prepared(Session& s, std::string_view frame) {
    output(s).append(frame);
    hand_over(s, frame.size());
  }

  void ping(Session& s, TimePoint now) {
    const bool first = !s.pinged();
    const PingStamp stamp{.ns = now.time_since_epoch().count(), .number = ++s.ping};
    char payload[sizeof stamp.ns + sizeof stamp.number];
    std::memcpy(payload, &stamp.ns, sizeof stamp.ns);
    std::memcpy(payload + sizeof stamp.ns, &stamp.number, sizeof stamp.number);
    send_bytes(s, ws::Opcode::kPing, {payload, sizeof payload});
    if (!first) return;  // the oldest one's deadline holds
    s.waits_since = now;
    watch(s, now + plan_of(s).pong);
  }

  // Begins the closing handshake, or answers it.
  void close(Session& s, std::uint16_t code, std::string_view reason) {
    char frame[ws::kMaxControlFrame];
    const std::size_t size = ws::write_close(frame, code, reason, key_for(s));
    output(s).append({frame, size});
    hand_over(s, size);
  }

  // The session is over, but the server may close the connection first: then the port is free at
  // once (RFC 6455 7.1.1).
  void linger(Session& s, TimePoint now) {
    s.state = SessionState::kLingering;
    s.deadline = now + kLinger;
    watch(s, s.deadline);
  }

  // The connection and all that is borrowed; the slot stays.
  void drop(Session& s) {
    if (s.connection != net::kNoConnection) io_.close(s.connection);
    forget(s);
  }

  // ---- in ---------------------------------------------------------------------------------------

  void on_event(Session& s, const net::Event& event) {
    if (event.connection != s.connection) return;  // of an earlier life
    switch (event.kind) {
      case net::EventKind::kConnected: return on_connected(s, event.at);
      case net::EventKind::kSent: return on_sent(s);
      case net::EventKind::kReceived: return on_received(s, event.bytes, event.at);
      case net::EventKind::kConnectFailed:
        return fail(s, net::connect_outcome(event.error), event.at);
      case net::EventKind::kTlsFailed: return fail(s, event.outcome, event.at);
      case net::EventKind::kClosed:
      case net::EventKind::kFailed: return on_ended(s, event);
      case net::EventKind::kAccepted: break;
    }
    GEND_ASSERT(!"an event that no session can wait for");
  }

  // Looks at the deadlines of a session that has a connection; true when one has passed and Up was
  // told. Arms its timer for the next one otherwise.
  bool on_timer(Session& s, TimePoint now) {
    switch (s.wire) {
      case WireState::kConnecting: return timed_out(s, Outcome::kConnectTimeout, now);
      case WireState::kUpgrading: return timed_out(s, Outcome::kTimeoutTotal, now);
      case WireState::kDown: return false;
      case WireState::kUp: break;
    }
    const plan::Session& p = plan_of(s);
    if (s.pinged() && now >= s.waits_since + p.pong) return lose(s, Outcome::kPongTimeout, now);
    if (p.idle > Duration::zero() && now >= s.last_received + p.idle)
      return lose(s, Outcome::kIdleTimeout, now);
    if (now >= s.wire_due) {
      s.wire_due = now + p.ping_every;
      ping(s, now);
    }
    watch(s, next_look(s));
    return false;
  }

  // Makes sure that the timer looks in time; an earlier look costs little.
  void watch(Session& s, TimePoint deadline) {
    if (deadline == kNever || (s.armed() && s.at() <= deadline)) return;
    timers_.cancel(s);
    timers_.arm(s, deadline);
  }

  const plan::Session& plan_of(const Session& s) const { return program_.sessions[s.plan]; }

 private:
  static constexpr Duration kLinger = std::chrono::seconds{1};

  struct PingStamp {
    std::int64_t ns = 0;
    std::uint16_t number = 0;
  };

  std::string prepare(const plan::Send& send) const {
    const plan::Session& session = program_.sessions[send.session];
    const plan::Template& payload = send.message.payload;
    if (!session.fixed_mask || payload.lifetime != plan::Lifetime::kFixed) return {};
    plan::TextBuffer frame;
    const auto opcode = send.message.binary ? ws::Opcode::kBinary : ws::Opcode::kText;
    append_frame(frame, opcode, ws::kFixedKey, nullptr, [&](plan::TextBuffer& out) {
      for (const plan::Piece& piece : payload.pieces) out.append(piece.text);
      return plan::RenderFault::kNone;
    });
    return std::string{frame.view()};
  }

  std::uint32_t key_for(const Session& s) {
    return ws::next_key(plan_of(s).fixed_mask ? ws::Masking::kFixed : ws::Masking::kRandom, rng_);
  }
  ws::Deflater& deflater_for() {
    if (!deflater_) deflater_ = std::make_unique<ws::Deflater>();
    return *deflater_;
  }
  const plan::ScenarioSeries& scenario_of(const Session& s) const {
    return program_.scenarios[up_.scenario_of(s)].series;
  }
  void count_sent(const Session& s, std::size_t bytes) {
    into_->recorder.count(scenario_of(s).data_sent, bytes);
  }

  plan::TextBuffer& output(Session& s) {
    if (s.pending == nullptr) {
      s.pending = buffers_.take();
      s.pending->clear();
    }
    return *s.pending;
  }

  // So many bytes were appended to output().
  void hand_over(Session& s, std::size_t bytes) {
    count_sent(s, bytes);
    flush(s);
  }
  void flush(Session& s) {
    if (s.pending == nullptr || s.pending->size() == 0 || s.sending != nullptr) return;
    s.sending = std::exchange(s.pending, nullptr);
    io_.send(s.connection, s.sending->data(), s.sending->size());
  }

  void on_sent(Session& s) {
    if (s.wire == WireState::kUpgrading) return;  // the request is the exchange's
    buffers_.put(s.sending);
    flush(s);
  }

  void on_connected(Session& s, TimePoint at) {
    // Not before: thousands may wait for their turn to connect.
    s.opening = openings_.take();
    Opening& opening = *s.opening;
    opening.exchange.begin();
    const plan::HttpRequest& r = plan_of(s).request;
    s.waits_since = std::min(s.waits_since, io_.submitted_at(s.connection));
    if (io_.tcp_connected_at(s.connection) != kNever) {
      into_->recorder.count(scenario_of(s).tls_handshakes);
      into_->recorder.rate(scenario_of(s).tls_resumed, io_.resumed(s.connection));
    }
    s.wire = WireState::kUpgrading;
    const plan::RenderContext context = up_.user_context(s, at);
    plan::TextBuffer& out = opening.exchange.rendered;
    const auto fault =
        render_bytes(r, program_.endpoints[r.endpoint], up_.jar(s), context, opening.exchange);
    if (fault != plan::RenderFault::kNone) return up_.on_unrendered(s, fault, at);
    add_protocol(s, out);
    opening.exchange.kept.want_body = r.reads_body;
    opening.exchange.kept.want_headers = true;
    opening.exchange.parser.begin(false, &opening.exchange.kept, http::Upgrade::kAsked);
    s.wire_due = at + r.timeout.total;
    watch(s, s.wire_due);
    count_sent(s, out.size());
    io_.send(s.connection, out.data(), out.size());
  }

  void add_protocol(Session& s, plan::TextBuffer& out) {
    if (plan_of(s).kind == plan::SessionKind::kSocketIo) up_.add_query(s, out);
    s.opening->key = ws::make_key(rng_);
    lines_.assign(offer_lines_[s.plan]);
    lines_.append("Sec-WebSocket-Key: ").append(s.opening->key.data(), s.opening->key.size());
    lines_.append("\r\n");
    add_header_lines(out, lines_);
  }

  void on_received(Session& s, std::string_view bytes, TimePoint at) {
    into_->recorder.count(scenario_of(s).data_received, bytes.size());
    s.last_received = at;
    if (s.wire == WireState::kConnecting) return lose_opening(s, Outcome::kStrayBytes, at);
    if (s.wire == WireState::kUpgrading) return take_answer(s, bytes, at);
    take_frames(s, bytes, at);
  }

  void take_answer(Session& s, std::string_view bytes, TimePoint at) {
    Opening& opening = *s.opening;
    const auto progress = opening.exchange.parser.feed(bytes);
    switch (progress.state) {
      case http::ResponseParser::State::kNeedMore: return;
      case http::ResponseParser::State::kFailed:
        return lose_opening(s, opening.exchange.parser.outcome(), at);
      case http::ResponseParser::State::kComplete: break;
    }
    if (opening.exchange.parser.status() != 101) return lose_opening(s, Outcome::kNotUpgraded, at);
    ws::Agreement agreed;
    const std::string_view key{opening.key.data(), opening.key.size()};
    const Outcome outcome =
        ws::check_upgrade(opening.exchange.kept, key, offers_[s.plan], agreed);
    if (outcome != Outcome::kOk) return lose_opening(s, outcome, at);
    begin_frames(s, agreed, at);
    const std::uint16_t life = s.life;
    up_.on_handshake(s, Outcome::kOk, at);
    if (s.life != life) return;
    openings_.put(s.opening);
    take_frames(s, bytes.substr(progress.consumed), at);
  }

  void begin_frames(Session& s, const ws::Agreement& agreed, TimePoint at) {
    const plan::Session& p = plan_of(s);
    s.wire = WireState::kUp;
    s.deflate = agreed.deflate;
    s.ping = s.pong = 0;
    s.wire_due = p.ping_every > Duration::zero() ? at + p.ping_every : kNever;
    watch(s, next_look(s));
  }

  void take_frames(Session& s, std::string_view bytes, TimePoint at) {
    using Kind = ws::MessageReader::Kind;
    const std::uint16_t life = s.life;
    const net::ConnectionId connection = s.connection;
    while (s.life == life && s.connection == connection && reads(s)) {
      if (s.reader == nullptr) begin_reading(s);
      auto item = s.reader->next(bytes, spill_);
      if (item.compressed && (item.kind == Kind::kText || item.kind == Kind::kBinary))
        s.reader->inflate(item, inflater_for(), spill_);
      switch (item.kind) {
        case Kind::kNeedMore:
          if (s.reader->between_messages()) readers_.put(s.reader);
          return;
        case Kind::kText: up_.on_message(s, ws::Opcode::kText, item.payload, at); break;
        case Kind::kBinary: up_.on_message(s, ws::Opcode::kBinary, item.payload, at); break;
        case Kind::kPing:
          if (s.state != SessionState::kClosing) send_bytes(s, ws::Opcode::kPong, item.payload);
          break;
        case Kind::kPong: take_pong(s, item.payload, at); break;
        case Kind::kClose: return up_.on_close(s, item.close_code, at);
        case Kind::kFailed: return break_off(s, item.outcome, at);
      }
    }
  }

  // A session that hears nothing has no reader, and those that hear much share one, which is in the
  // cache: it is kept only in the middle of a message, and after a close frame.
  void begin_reading(Session& s) {
    const plan::Session& p = plan_of(s);
    s.reader = readers_.take();
    s.reader->begin({.message_bytes = p.message_bytes,
                     .utf8 = p.validates_utf8 ? ws::Utf8Check::kYes : ws::Utf8Check::kNo,
                     .deflate = s.deflate});
  }

  static bool reads(const Session& s) {
    return s.wire == WireState::kUp && s.state != SessionState::kLingering;
  }

  void take_pong(Session& s, std::string_view payload, TimePoint at) {
    PingStamp stamp;
    // Unasked pongs are allowed (RFC 6455 5.5.3).
    if (payload.size() != sizeof stamp.ns + sizeof stamp.number) return;
    std::memcpy(&stamp.ns, payload.data(), sizeof stamp.ns);
    std::memcpy(&stamp.number, payload.data() + sizeof stamp.ns, sizeof stamp.number);
    const TimePoint sent{Duration{stamp.ns}};
    const auto out = static_cast<std::uint16_t>(s.ping - s.pong);
    const auto further = static_cast<std::uint16_t>(stamp.number - s.pong - 1);
    if (further >= out || sent < s.opened_at || sent > at) return;
    s.pong = stamp.number;
    s.waits_since = s.pinged() ? at : s.waits_since;
    into_->recorder.trend(plan_of(s).series.ping, at - sent);
  }

  // What breaks the protocol is told why, and gets no second chance (RFC 6455 7.1.7).
  void break_off(Session& s, Outcome outcome, TimePoint at) {
    close(s, ws::close_code_for(outcome), {});
    up_.on_lost(s, outcome, at);
  }

  void on_ended(Session& s, const net::Event& event) {
    const bool reset = event.kind == net::EventKind::kFailed;
    if (s.wire == WireState::kConnecting) return fail(s, Outcome::kClosedBeforeResponse, event.at);
    if (s.wire == WireState::kUpgrading) {
      const bool started = s.opening->exchange.parser.started();
      if (reset)
        return fail(s, started ? Outcome::kResetInResponse : Outcome::kResetBeforeResponse,
                    event.at);
      if (s.opening->exchange.parser.finish() == http::ResponseParser::State::kComplete)
        return fail(s, Outcome::kNotUpgraded, event.at);
      return fail(s, s.opening->exchange.parser.outcome(), event.at);
    }
    s.wire = WireState::kDown;
    s.connection = net::kNoConnection;
    up_.on_lost(s, reset ? Outcome::kResetInResponse : Outcome::kWsAbnormal, event.at);
  }

  // The connection is gone already.
  void fail(Session& s, Outcome outcome, TimePoint at) {
    s.connection = net::kNoConnection;
    s.wire = WireState::kDown;
    up_.on_handshake(s, outcome, at);
  }
  void lose_opening(Session& s, Outcome outcome, TimePoint at) {
    io_.close(s.connection);
    fail(s, outcome, at);
  }
  bool lose(Session& s, Outcome outcome, TimePoint at) {
    io_.close(s.connection);
    s.connection = net::kNoConnection;
    s.wire = WireState::kDown;
    up_.on_lost(s, outcome, at);
    return true;
  }
  bool timed_out(Session& s, Outcome outcome, TimePoint now) {
    if (now < s.wire_due) {
      watch(s, s.wire_due);
      return false;
    }
    if (outcome == Outcome::kConnectTimeout && io_.tcp_connected_at(s.connection) != kNever)
      outcome = Outcome::kTlsTimeout;
    lose_opening(s, outcome, now);
    return true;
  }

  void forget(Session& s) {
    s.connection = net::kNoConnection;
    s.wire = WireState::kDown;
    if (s.reader != nullptr) s.reader->end(spill_);
    readers_.put(s.reader);
    buffers_.put(s.sending);
    buffers_.put(s.pending);
    openings_.put(s.opening);
  }

  TimePoint next_look(const Session& s) const {
    const plan::Session& p = plan_of(s);
    TimePoint next = s.wire_due;
    if (s.pinged()) next = std::min(next, s.waits_since + p.pong);
    if (p.idle > Duration::zero()) next = std::min(next, s.last_received + p.idle);
    return next;
  }

  ws::Inflater& inflater_for() {
    if (!inflater_) inflater_ = std::make_unique<ws::Inflater>();
    return *inflater_;
  }

  const plan::Program& program_;
  Io& io_;
  TimerQueue& timers_;
  Up& up_;
  stats::Snapshot* into_ = nullptr;
  Rng rng_;  // masks and handshake keys
  std::vector<ws::Offer> offers_;  // by session of the plan
  std::vector<std::string> offer_lines_;
  std::vector<std::string> prepared_;  // by send of the plan
  std::string lines_;
  ws::Spill spill_;
  std::unique_ptr<ws::Inflater> inflater_;
  std::unique_ptr<ws::Deflater> deflater_;
  Pool<plan::TextBuffer> buffers_;
  Pool<Opening> openings_;
  Pool<ws::MessageReader> readers_;
};

}  // namespace gend::engine
