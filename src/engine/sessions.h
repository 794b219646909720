#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/outcome.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/conversation.h"
#include "engine/retry.h"
#include "engine/session.h"
#include "engine/session_record.h"
#include "engine/session_table.h"
#include "engine/session_wire.h"
#include "engine/sio_client.h"
#include "engine/sio_polling.h"
#include "engine/vu.h"
#include "ledger/board.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// The sessions of a shard's users: opens, closes and reopens them, carries out their steps, and
// works off what comes in.
//   owner.session_over(vu, SessionNext, at)   a step that waited is over
//   owner.cut(vu, pc, at)      a session ended around the user: it goes on there
//   owner.rejoin(vu, s, at)    a session is back, its steps up to rejoin_step come first
//   owner.render_context(vu, now) · owner.watch(vu, at) · owner.wall_ns(at)
template <class Io, class Owner>
class Sessions {
 public:
  using Wire = SessionWire<Io, Sessions>;

  Sessions(const plan::Program& program, Io& io, const SessionHost& host, Owner& owner)
      : program_{program},
        io_{io},
        users_{host.users},
        owner_{owner},
        table_{host.most},
        wire_{program, io, timers_, *this},
        polling_{program, io, *this},
        sio_{program, *this, *this},
        talk_{program, io, host.users, *host.board, host.shard, *this, owner} {}
  ~Sessions() {
    for (std::uint32_t i = 0; i < table_.made(); ++i) timers_.cancel(table_[i]);
  }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  void record_into(stats::Snapshot* snapshot) {
    into_ = snapshot;
    wire_.record_into(snapshot);
    polling_.record_into(snapshot);
    sio_.record_into(snapshot);
    talk_.record_into(snapshot);
  }

  static bool owns(std::uint32_t owner) { return (owner & Wire::kOwner) != 0; }
  Session& of(std::uint32_t owner) { return table_[owner & ~Wire::kOwner]; }
  void on_event(const net::Event& event) {
    Session& s = of(event.owner);
    if (event.connection == s.connection) return wire_.on_event(s, event);
    polling_.on_event(s, event);
  }

  // For the wait policy: sessions that may hear something, and how long that takes lately.
  std::uint64_t open_now() const { return table_.taken(); }
  Duration typical() const { return talk_.typical(); }

  TimePoint next() const { return timers_.next(); }
  void expire(TimePoint now) {
    timers_.expire(now, [&](Timer& timer) { on_timer(static_cast<Session&>(timer), now); });
  }

  // ---- steps ------------------------------------------------------------------------------------

  static bool is_step(plan::StepKind kind) {
    return kind >= plan::StepKind::kSessionOpen && kind <= plan::StepKind::kClose;
  }

  // Begins the step at which the user is.
  std::optional<SessionNext> begin(Vu& vu, const plan::Step& step, TimePoint now) {
    using enum plan::StepKind;
    if (step.kind == kSend || step.kind == kEmit) return say(vu, step, now);
    if (step.kind == kReceive) return receive(vu, step, now);
    if (step.kind == kListen) return listen(vu, step, now);
    if (step.kind == kPing) return ping(vu, step, now);
    if (step.kind == kEcho) return echo(vu, step);
    if (step.kind == kSessionOpen) return open(vu, step, now);
    if (step.kind == kSessionEnd) return leave(vu, find(vu, step.body), step, now);
    GEND_ASSERT(step.kind == kClose);
    return leave(vu, find(vu, program_.closes[step.body].session), step, now);
  }

  // The user waited for a message until now.
  void on_user_timer(Vu& vu, TimePoint now) { talk_.missed(vu, now); }

  // The iteration ends here: its sessions are closed behind its back.
  void abandon(Vu& vu, TimePoint now) {
    while (vu.session != kNoSession) {
      Session& s = table_[vu.session];
      vu.session = s.outer;
      leave_behind(s, now);
    }
  }

  void resume_later(Session& s, const Resume& resume) { table_.resume_later(s, resume); }
  Session& at(std::uint32_t index) { return table_[index]; }
  const plan::Session& plan_of(const Session& s) const { return program_.sessions[s.plan]; }

  // ---- the transport of Conversation and SioClient ----------------------------------------------

  template <class Render>
  plan::RenderFault send(Session& s, ws::Opcode opcode, Render&& render) {
    if (s.wire == WireState::kUp && !polling_.is_used(s)) return wire_.send(s, opcode, render);
    return polling_.send(s, opcode, render);
  }
  void send_bytes(Session& s, ws::Opcode opcode, std::string_view payload) {
    send(s, opcode, [&](plan::TextBuffer& out) {
      out.append(payload);
      return plan::RenderFault::kNone;
    });
  }
  template <class Render>
  plan::RenderFault send_message(Session& s, const plan::Send& what, Render&& render) {
    if (const std::string_view frame = wire_.prepared(s, what); !frame.empty()) {
      wire_.send_prepared(s, frame);
      return plan::RenderFault::kNone;
    }
    return send(s, what.message.binary ? ws::Opcode::kBinary : ws::Opcode::kText, render);
  }
  template <class Render>
  plan::RenderFault send_event(Session& s, const plan::Emit& what, std::optional<std::uint64_t> ack,
                               Render&& render, const plan::RenderContext& context) {
    return sio_.send_event(s, what, ack, render, context);
  }
  std::uint64_t next_ack(Session& s) { return sio_.next_ack(s); }
  void watch(Session& s, TimePoint deadline) { wire_.watch(s, deadline); }

  // ---- for SessionWire and SioPolling -----------------------------------------------------------

  plan::RenderContext user_context(const Session& s, TimePoint now) {
    return owner_.render_context(users_[s.user], now);
  }
  // The cookies that its handshake sends; null: none.
  http::CookieJar* jar(const Session& s) {
    http::CookieJar& cookies = users_[users_[s.user].user].jar;
    return plan_of(s).request.sends_cookies && cookies.size() > 0 ? &cookies : nullptr;
  }
  std::uint16_t scenario_of(const Session& s) const { return users_[s.user].scenario; }
  void add_query(Session& s, plan::TextBuffer& out) { polling_.add_query(s, "websocket", out); }

  void on_unrendered(Session& s, plan::RenderFault fault, TimePoint at) {
    Vu& vu = users_[s.user];
    if (!is_opening(vu, s)) return refuse(s, Outcome::kInterrupted, at);
    pop(vu, s);
    release(s);
    owner_.session_over(vu, {.failed = plan::reason_of(fault)}, at);
  }

  // The answer to what opens the session; status 0: none came.
  void inspect_handshake(Session& s, int status, const http::Kept& kept, TimePoint at) {
    const plan::HttpRequest& r = plan_of(s).request;
    const Inspection what{r.checks, r.expects, r.captures};
    if (what.empty()) return;
    const Answer answer{.status = status,
                        .latency = s.waits_since == kNever ? Duration{} : at - s.waits_since,
                        .kept = &kept,
                        .body = kept.body,
                        .body_bytes = kept.body.size(),
                        .url = {}};
    s.expects_held = talk_.inspector().look(answer, what, &r, user_context(s, at)).expects_held;
  }

  // The WebSocket is there, or will not be.
  void on_handshake(Session& s, Outcome outcome, TimePoint at) {
    if (s.sio != nullptr && polling_.is_used(s)) return polling_.on_wire(s, outcome, at);
    const bool answered = outcome == Outcome::kOk || outcome == Outcome::kNotUpgraded;
    static const http::Kept kNothing;
    inspect_handshake(s, answered ? s.opening->exchange.parser.status() : 0,
                      s.opening == nullptr ? kNothing : s.opening->exchange.kept, at);
    if (outcome != Outcome::kOk) return refuse(s, outcome, at);
    if (plan_of(s).kind == plan::SessionKind::kWebSocket) return opened(s, at);
    sio_.begin(s);
    s.deadline = at + plan_of(s).request.timeout.total;
    watch(s, s.deadline);
  }

  void on_message(Session& s, ws::Opcode opcode, std::string_view payload, TimePoint at) {
    if (s.sio != nullptr) return on_packet(s, opcode, payload, at);
    const std::uint16_t life = s.life;
    talk_.hear(s, {payload, payload}, at);
    if (s.life != life) return;
    if (talk_.waits_for(users_[s.user], s, VuState::kEchoing)) {
      into_->recorder.count(plan_of(s).series.sent);
      wire_.send_bytes(s, opcode, payload);
    }
    close_when_complete(s, at);
  }

  void on_close(Session& s, std::uint16_t code, TimePoint at) {
    if (s.state == SessionState::kClosing) return closed(s, at);
    const bool echoes = talk_.waits_for(users_[s.user], s, VuState::kEchoing);
    wire_.close(s, code, {});  // answered with its own code
    on_lost(s, echoes && code < 1002 ? Outcome::kOk : Outcome::kWsClosed, at);
  }

  void on_lost(Session& s, Outcome outcome, TimePoint at) {
    if (s.state == SessionState::kLingering) return release(s);
    if (s.state == SessionState::kOpening) return refuse(s, outcome, at);
    // It took our close and went; by polling, the request that waits may hear of it first.
    const bool as_asked = outcome == Outcome::kWsAbnormal || outcome == Outcome::kWsClosed;
    if (s.state == SessionState::kClosing && as_asked) return closed(s, at);
    if (outcome != Outcome::kOk) record_error(*into_, plan_of(s).series, outcome);
    const bool again = s.state == SessionState::kOpen && outcome != Outcome::kOk &&
                       outcome != Outcome::kSioDisconnected && !s.detached;
    if (again && plan_of(s).reconnect.max > 0) return go_away(s, outcome, at);
    over(s, outcome, at);
  }

  // ---- for SioClient ----------------------------------------------------------------------------

  void on_opened(Session& s, TimePoint at) { polling_.on_opened(s, at); }
  void on_joined(Session& s, TimePoint at) { opened(s, at); }
  void on_refused(Session& s, Outcome outcome, TimePoint at) { refuse(s, outcome, at); }
  void on_event(Session& s, const Incoming& in, TimePoint at) {
    const std::uint16_t life = s.life;
    talk_.hear(s, in, at);
    if (s.life == life) close_when_complete(s, at);
  }
  void on_ack(Session& s, std::uint64_t id, const Incoming& in, TimePoint at) {
    if (!talk_.hear_ack(s, id, in, at)) into_->recorder.count(plan_of(s).series.unasked);
  }

  // ---- for SioPolling ---------------------------------------------------------------------------

  void on_packet(Session& s, const sio::EnginePacket& packet, TimePoint at) {
    sio_.take(s, packet, at);
  }
  void on_polled_out(Session& s, TimePoint at) { closed(s, at); }
  void fail_soon(Session& s, Outcome outcome, TimePoint at) {
    s.fails_soon = outcome;
    watch(s, at);
  }
  void book_error(const Session& s, Outcome outcome) {
    record_error(*into_, plan_of(s).series, outcome);
  }
  TimePoint now() const { return io_.now(); }
  void connect_wire(Session& s, TimePoint at) { wire_.connect(s, at); }
  Wire& wire() { return wire_; }

 private:
  const plan::Step& current(const Vu& vu) const { return program_.steps[vu.pc]; }

  // The user's open session of that step of the plan; null: it is not open (any more).
  Session* find(const Vu& vu, std::uint32_t plan) {
    for (std::uint32_t i = vu.session; i != kNoSession; i = table_[i].outer)
      if (table_[i].plan == plan) return &table_[i];
    return nullptr;
  }
  bool is_opening(const Vu& vu, const Session& s) const {
    return !s.detached && vu.state == VuState::kOpening && vu.session == s.index;
  }
  void wait(Vu& vu, const Session& s, VuState state) {
    vu.state = state;
    vu.waits_for = s.index;
  }
  void pop(Vu& vu, const Session& s) {
    GEND_ASSERT(vu.session == s.index);
    vu.session = s.outer;
  }
  void drop(Session& s) {
    wire_.drop(s);
    polling_.drop(s);
  }
  void release(Session& s) {
    GEND_ASSERT(s.state != SessionState::kFree);
    drop(s);
    sio_.release(s);
    timers_.cancel(s);
    GEND_ASSERT(s.rooms == nullptr && s.awaited == nullptr);
    Vu& vu = users_[s.user];
    if (vu.rejoin == s.index) vu.rejoin = kNoSession;
    s.state = SessionState::kFree;
    ++s.life;
    table_.put(s);
  }
  // It has ended: the slot goes back when the connection has gone.
  void retire(Session& s, TimePoint at) {
    s.detached = true;
    if (s.wire == WireState::kUp)
      wire_.linger(s, at);
    else
      release(s);
  }

  // ---- opening ----------------------------------------------------------------------------------

  std::optional<SessionNext> open(Vu& vu, const plan::Step& step, TimePoint now) {
    Session* s = table_.take();
    if (s == nullptr) {
      record_error(*into_, program_.sessions[step.body].series, Outcome::kHostDescriptors);
      return SessionNext{.pc = step.on_failure};
    }
    s->plan = static_cast<std::uint16_t>(step.body);
    s->user = vu.slot;
    s->outer = vu.session;
    s->detached = s->joined = false;
    s->expects_held = true;
    s->fails_soon = Outcome::kOk;
    s->attempt = 0;
    s->opened_at = s->last_sent = s->deadline = s->wire_due = kNever;
    vu.session = s->index;
    wait(vu, *s, VuState::kOpening);
    connect(*s, now);
    return std::nullopt;
  }

  void connect(Session& s, TimePoint now) {
    s.state = SessionState::kOpening;
    s.waits_since = kNever;
    s.deadline = kNever;
    const plan::Session& p = plan_of(s);
    const bool polls = p.kind == plan::SessionKind::kSocketIo &&
                       p.transports != plan::Transports::kWebSocket;
    if (!polls) return wire_.connect(s, now);
    sio_.begin(s);
    s.deadline = now + p.request.timeout.total;
    watch(s, s.deadline);
    polling_.begin(s, now);
  }

  void opened(Session& s, TimePoint at) {
    const plan::Session& p = plan_of(s);
    Vu& vu = users_[s.user];
    record_opened(*into_, p.series, at - s.waits_since);
    s.state = SessionState::kOpen;
    s.deadline = kNever;
    s.attempt = 0;
    if (std::exchange(s.opened_at, std::min(s.opened_at, at)) == kNever) {
      into_->recorder.count(p.series.sessions);
      const plan::Step& step = program_.steps[p.open_step];
      const bool goes_on = s.expects_held || !p.request.stops_on_failure;
      return owner_.session_over(vu, {.pc = goes_on ? step.on_success : step.on_failure}, at);
    }
    into_->recorder.count(p.series.reconnects);
    if (p.rejoin_step != 0) return owner_.rejoin(vu, s, at);
    talk_.go_on_sending(s, at);
  }

  // It could not be opened, or not again.
  void refuse(Session& s, Outcome outcome, TimePoint at) {
    const plan::Session& p = plan_of(s);
    record_refusal(*into_, p.series, outcome,
                   outcome == Outcome::kNotUpgraded ? s.opening->exchange.parser.status() : 0);
    drop(s);
    const bool again = s.opened_at != kNever;
    if (s.attempt < p.reconnect.max && !s.detached) return wait_to_reconnect(s, at);
    if (again) return over(s, outcome, at);
    Vu& vu = users_[s.user];
    const std::uint32_t pc = program_.steps[p.open_step].on_failure;
    pop(vu, s);
    release(s);
    owner_.session_over(vu, {.pc = pc}, at);
  }

  void go_away(Session& s, Outcome outcome, TimePoint at) {
    talk_.deliveries().pause(s.rooms);
    const std::uint16_t life = s.life;
    s.state = SessionState::kAway;
    s.deadline = kNever;
    drop(s);
    talk_.forget(s, outcome, at);
    if (s.life == life) wait_to_reconnect(s, at);
  }

  void wait_to_reconnect(Session& s, TimePoint at) {
    s.state = SessionState::kAway;
    s.deadline = at + backoff(plan_of(s).reconnect.backoff, s.attempt, users_[s.user].rng);
    ++s.attempt;
    timers_.cancel(s);
    timers_.arm(s, s.deadline);
  }

  // ---- steps of an open session -----------------------------------------------------------------

  std::optional<SessionNext> say(Vu& vu, const plan::Step& step, TimePoint now) {
    const bool emits = step.kind == plan::StepKind::kEmit;
    const std::uint32_t session =
        emits ? program_.emits[step.body].session : program_.sends[step.body].session;
    Session* const s = find(vu, session);
    return s == nullptr ? gone(session) : say_in(*s, vu, step, now);
  }
  // The result is made in place: a copy of it would wait for all that was stored before it.
  std::optional<SessionNext> say_in(Session& s, Vu& vu, const plan::Step& step, TimePoint now) {
    bool waits = false;
    std::optional<SessionNext> next =
        s.state != SessionState::kOpen       ? std::optional<SessionNext>{}
        : step.kind == plan::StepKind::kEmit ? talk_.emit(vu, s, step, now, waits)
                                             : talk_.send(vu, s, step, now);
    if (next && (!waits || next->failed)) return next;
    wait(vu, s, next ? VuState::kAcking : VuState::kHeld);
    next.reset();
    return next;
  }

  std::optional<SessionNext> receive(Vu& vu, const plan::Step& step, TimePoint now) {
    const plan::Receive& what = program_.receives[step.body];
    Session* const s = find(vu, what.session);
    if (s == nullptr) return gone(what.session);
    wait(vu, *s, VuState::kReceiving);
    owner_.watch(vu, now + what.timeout);
    return std::nullopt;
  }

  std::optional<SessionNext> listen(Vu& vu, const plan::Step& step, TimePoint now) {
    const plan::Listen& what = program_.listens[step.body];
    Session* const s = find(vu, what.session);
    if (s == nullptr) return gone(what.session);
    scratch_.clear();
    const auto fault = plan::render(what.room, owner_.render_context(vu, now), scratch_);
    if (fault != plan::RenderFault::kNone) return SessionNext{.failed = plan::reason_of(fault)};
    talk_.deliveries().join(s->rooms, what, scratch_.view(), now);
    SessionNext next{.pc = step.on_success};
    if (vu.pc != plan_of(*s).rejoin_step) return next;
    s->joined = true;
    next.resume = table_.resumed(*s);
    return next;
  }

  std::optional<SessionNext> ping(const Vu& vu, const plan::Step& step, TimePoint now) {
    Session* const s = find(vu, step.body);
    if (s != nullptr && s->state == SessionState::kOpen && s->wire == WireState::kUp)
      wire_.ping(*s, now);
    return SessionNext{.pc = step.on_success};
  }

  std::optional<SessionNext> echo(Vu& vu, const plan::Step& step) {
    Session* const s = find(vu, step.body);
    if (s == nullptr) return SessionNext{.pc = step.on_success};
    wait(vu, *s, VuState::kEchoing);
    return std::nullopt;
  }

  // The step's session is not open: it went while the user was elsewhere.
  SessionNext gone(std::uint32_t session) const {
    return {.pc = program_.sessions[session].end_step};
  }

  void on_packet(Session& s, ws::Opcode opcode, std::string_view payload, TimePoint at) {
    if (polling_.is_used(s)) return polling_.on_probe(s, payload, at);
    if (opcode == ws::Opcode::kBinary) return sio_.take(s, sio::binary_packet(payload), at);
    const auto packet = sio::parse_engine_packet(payload);
    if (!packet) return on_lost(s, packet.error(), at);
    sio_.take(s, *packet, at);
  }

  // ---- the end ----------------------------------------------------------------------------------

  // Its user leaves: what it is owed may still come, then it closes.
  std::optional<SessionNext> leave(Vu& vu, Session* s, const plan::Step& step, TimePoint now) {
    if (s == nullptr) return SessionNext{.pc = step.on_success};
    drop_inner(vu, *s, now);
    if (s->state != SessionState::kOpen) {  // lost, and not back yet
      end(*s, Outcome::kWsAbnormal, now);
      pop(vu, *s);
      release(*s);
      return SessionNext{.pc = step.on_success};
    }
    wait(vu, *s, VuState::kClosing);
    talk_.deliveries().leave(s->rooms, now);
    s->state = SessionState::kDraining;
    s->deadline = now + talk_.deliveries().drain(s->rooms);
    watch(*s, s->deadline);
    close_when_complete(*s, now);
    return std::nullopt;
  }

  void close_when_complete(Session& s, TimePoint at) {
    if (s.state == SessionState::kDraining && talk_.deliveries().complete(s.rooms)) close(s, at);
  }

  void close(Session& s, TimePoint at) {
    talk_.deliveries().settle(s.rooms, at);
    if (s.sio != nullptr) sio_.leave(s);
    const plan::Step& step = current(users_[s.user]);
    const bool said = step.kind == plan::StepKind::kClose;
    const std::uint16_t code = said ? program_.closes[step.body].code : std::uint16_t{1000};
    const std::string_view reason =
        said ? std::string_view{program_.closes[step.body].reason} : std::string_view{};
    s.state = SessionState::kClosing;
    s.deadline = at + plan_of(s).close;
    watch(s, s.deadline);
    if (polling_.is_used(s)) return polling_.close(s);
    wire_.close(s, code, reason);
  }

  // The closing handshake is done.
  void closed(Session& s, TimePoint at) {
    Vu& vu = users_[s.user];
    const bool waited_for = !s.detached && vu.state == VuState::kClosing && vu.session == s.index;
    end(s, Outcome::kOk, at);
    if (waited_for) pop(vu, s);
    retire(s, at);
    if (waited_for) owner_.session_over(vu, {.pc = current(vu).on_success}, at);
  }

  // Books the session's end; nothing of it is waited for any more.
  void end(Session& s, Outcome outcome, TimePoint at) {
    if (outcome != Outcome::kOk) talk_.deliveries().pause(s.rooms);
    talk_.deliveries().settle(s.rooms, at);
    s.detached = true;
    talk_.forget(s, outcome == Outcome::kOk ? Outcome::kInterrupted : outcome, at);
    if (s.opened_at != kNever) record_end(*into_, plan_of(s).series, outcome, at - s.opened_at);
  }

  // The session has ended, and the plan did not do it: its user goes on behind it.
  void over(Session& s, Outcome outcome, TimePoint at) {
    Vu& vu = users_[s.user];
    const std::uint32_t end_step = plan_of(s).end_step;
    const bool detached = s.detached;
    end(s, outcome, at);
    if (!detached) {
      drop_inner(vu, s, at);
      pop(vu, s);
    }
    retire(s, at);
    if (!detached) owner_.cut(vu, end_step, at);
  }

  // Sessions that were opened within this one end with it.
  void drop_inner(Vu& vu, const Session& s, TimePoint at) {
    while (vu.session != s.index) {
      Session& inner = table_[vu.session];
      vu.session = inner.outer;
      leave_behind(inner, at);
    }
  }

  void leave_behind(Session& s, TimePoint at) {
    end(s, Outcome::kInterrupted, at);
    const bool speaks = s.state == SessionState::kOpen || s.state == SessionState::kDraining;
    if (speaks && s.wire == WireState::kUp) wire_.close(s, 1001, {});
    retire(s, at);
  }

  void on_timer(Session& s, TimePoint now) {
    if (s.fails_soon != Outcome::kOk)
      return on_lost(s, std::exchange(s.fails_soon, Outcome::kOk), now);
    if (s.awaited != nullptr) {
      const std::uint16_t life = s.life;
      talk_.expire(s, now);
      if (s.life != life) return;
    }
    if (now >= s.deadline) return on_deadline(s, now);
    watch(s, s.deadline);
    if (s.state == SessionState::kAway || s.state == SessionState::kLingering) return;
    if (sio_.on_timer(s, now)) return;
    watch(s, sio_.next_look(s));
    wire_.on_timer(s, now);
  }

  void on_deadline(Session& s, TimePoint now) {
    switch (s.state) {
      case SessionState::kFree:
      case SessionState::kOpen: return;
      case SessionState::kOpening: return refuse(s, Outcome::kTimeoutTotal, now);
      case SessionState::kDraining: return close(s, now);
      case SessionState::kLingering: return release(s);
      case SessionState::kAway: return connect(s, now);
      case SessionState::kClosing:
        drop(s);
        record_error(*into_, plan_of(s).series, Outcome::kCloseTimeout);
        return over(s, Outcome::kCloseTimeout, now);
    }
  }

  const plan::Program& program_;
  Io& io_;
  Vu* users_;
  Owner& owner_;
  TimerQueue timers_;
  SessionTable table_;
  Wire wire_;
  SioPolling<Io, Sessions> polling_;
  SioClient<Sessions, Sessions> sio_;
  Conversation<Io, Owner, Sessions> talk_;
  plan::TextBuffer scratch_;
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
