#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/assert.h"
#include "base/outcome.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/inspector.h"
#include "engine/record.h"
#include "engine/retry.h"
#include "engine/session.h"
#include "engine/session_table.h"
#include "engine/session_wire.h"
#include "engine/vu.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Where a step of a session leads. Empty: the user waits, and Owner is told when it is over.
struct SessionNext {
  std::uint32_t pc = 0;
  std::optional<plan::FailReason> failed{};  // the iteration has failed
  std::optional<Resume> resume{};            // the user goes on where it was, not at `pc`
};

// The sessions of a shard's users: carries out their steps, and works off what comes in.
//   owner.session_over(vu, SessionNext, at)   a step that waited is over
//   owner.cut(vu, pc, at)      a session ended around the user: it goes on there
//   owner.rejoin(vu, s, at)    a session is back, its steps up to rejoin_step come first
//   owner.render_context(vu, now)
template <class Io, class Owner>
class Sessions {
 public:
  using Wire = SessionWire<Io, Sessions>;

  Sessions(const plan::Program& program, Io& io, Vu* users, std::size_t most, Owner& owner)
      : program_{program},
        users_{users},
        owner_{owner},
        table_{most},
        wire_{program, io, timers_, *this},
        inspector_{program, io} {}
  ~Sessions() {
    for (std::uint32_t i = 0; i < table_.size(); ++i) timers_.cancel(table_[i]);
  }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  void record_into(stats::Snapshot* snapshot) {
    into_ = snapshot;
    wire_.record_into(snapshot);
    inspector_.record_into(snapshot);
  }

  static bool owns(const net::Event& event) { return (event.owner & Wire::kOwner) != 0; }
  void on_event(const net::Event& event) {
    wire_.on_event(table_[event.owner & ~Wire::kOwner], event);
  }

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
    switch (step.kind) {
      case plan::StepKind::kSessionOpen: return open(vu, step, now);
      case plan::StepKind::kSessionEnd: return end(vu, step, now);
      case plan::StepKind::kSend: return send(vu, step, now);
      case plan::StepKind::kReceive: return receive(vu, step, now);
      case plan::StepKind::kListen: return listen(vu, step, now);
      case plan::StepKind::kPing: return ping(vu, step, now);
      case plan::StepKind::kEcho: return echo(vu, step, now);
      case plan::StepKind::kClose: return close(vu, step, now);
      default: break;
    }
    GEND_ASSERT(!"a step of no session");
  }

  // The user's own timer: it waited for a message, or for its turn to send.
  void on_user_timer(Vu& vu, TimePoint now) {
    GEND_ASSERT(vu.state == VuState::kReceiving);
    message_missed(vu, Outcome::kReplyTimeout, now);
  }

  // The iteration ends here: its sessions are closed behind its back.
  void abandon(Vu& vu, Outcome outcome, TimePoint now) {
    while (vu.session != kNoSession) {
      Session& s = table_[vu.session];
      vu.session = s.outer;
      leave_behind(s, outcome, now);
    }
  }

  Session& at(std::uint32_t index) { return table_[index]; }
  const plan::Session& plan_of(const Session& s) const { return program_.sessions[s.plan]; }

  // ---- for SessionWire --------------------------------------------------------------------------

  plan::RenderContext user_context(const Session& s, TimePoint now) {
    return owner_.render_context(users_[s.user], now);
  }
  http::CookieJar& cookies(const Session& s) { return users_[users_[s.user].user].jar; }
  std::uint16_t scenario_of(const Session& s) const { return users_[s.user].scenario; }
  void add_query(Session&, plan::TextBuffer&) {}

  void on_unrendered(Session& s, plan::RenderFault fault, TimePoint at) {
    Vu& vu = users_[s.user];
    if (!is_opening(vu, s)) return on_handshake(s, Outcome::kInterrupted, at);
    pop(vu, s);
    release(s);
    owner_.session_over(vu, {.failed = plan::reason_of(fault)}, at);
  }

  void on_handshake(Session& s, Outcome outcome, TimePoint at) {
    const plan::Session& p = plan_of(s);
    const bool again = s.opened_at != kNever;
    const bool expects_held = inspect_handshake(s, outcome, at);
    if (outcome == Outcome::kOk) {
      into_->recorder.rate(p.series.connect_failed, false);
      into_->recorder.trend(p.series.connecting, at - s.opening->begun);
      opened(s, again, expects_held, at);
      return;
    }
    book_failed_handshake(s, outcome);
    wire_.drop(s);
    if (try_again(s, at)) return;
    Vu& vu = users_[s.user];
    if (again) return over(s, outcome, at);
    const plan::Step& step = program_.steps[p.open_step];
    pop(vu, s);
    release(s);
    owner_.session_over(vu, {.pc = step.on_failure}, at);
  }

  void on_message(Session& s, ws::Opcode opcode, std::string_view payload, TimePoint at) {
    into_->recorder.count(plan_of(s).series.received);
    const std::uint32_t life = s.life;
    Vu& vu = users_[s.user];
    if (s.awaited != nullptr) take_reply(s, payload, at);
    if (s.life != life || s.detached) return;
    if (waits_for(vu, s, VuState::kEchoing)) {
      into_->recorder.count(plan_of(s).series.sent);
      return wire_.send_bytes(s, opcode, payload);
    }
    if (waits_for(vu, s, VuState::kReceiving) && matches(vu, s, payload, at))
      message_came(vu, s, payload, at);
  }

  void on_close(Session& s, std::uint16_t code, TimePoint at) {
    if (s.state == SessionState::kClosing) return closed(s, at);
    // The server begins: it is answered with its own code, and the session has ended.
    wire_.close(s, code, {}, at);
    const bool wanted = waits_for(users_[s.user], s, VuState::kEchoing) && code < 1002;
    on_lost(s, wanted ? Outcome::kOk : Outcome::kWsClosed, at);
  }

  void on_lost(Session& s, Outcome outcome, TimePoint at) {
    if (s.state == SessionState::kLingering) return release(s);
    if (s.connection == net::kNoConnection && s.state == SessionState::kClosing &&
        outcome == Outcome::kWsAbnormal)
      return closed(s, at);  // it took our close frame and went
    if (outcome != Outcome::kOk) book_error(s, outcome);
    if (outcome != Outcome::kOk && !s.detached && may_reconnect(s)) {
      forget_awaited(s, at);
      wire_.drop(s);
      try_again(s, at);
      return;
    }
    over(s, outcome, at);
  }

 private:
  const plan::Step& current(const Vu& vu) const { return program_.steps[vu.pc]; }

  // The user's open session of that step of the plan; null: it is not open (any more).
  Session* find(const Vu& vu, std::uint32_t plan) {
    for (std::uint32_t i = vu.session; i != kNoSession; i = table_[i].outer)
      if (table_[i].plan == plan) return &table_[i];
    return nullptr;
  }
  bool is_opening(const Vu& vu, const Session& s) const {
    return vu.state == VuState::kOpening && vu.session == s.index;
  }
  bool waits_for(const Vu& vu, const Session& s, VuState state) const {
    return !s.detached && vu.state == state && vu.waits_for == s.index;
  }
  void wait(Vu& vu, const Session& s, VuState state) {
    vu.state = state;
    vu.waits_for = s.index;
  }
  void pop(Vu& vu, const Session& s) {
    GEND_ASSERT(vu.session == s.index);
    vu.session = s.outer;
  }
  void release(Session& s) {
    wire_.drop(s);
    timers_.cancel(s);
    lists_.put(s.awaited);
    Vu& vu = users_[s.user];
    if (vu.rejoin == s.index) vu.rejoin = kNoSession;
    s.state = SessionState::kFree;
    ++s.life;
    table_.put(s);
  }

  // ---- opening ----------------------------------------------------------------------------------

  std::optional<SessionNext> open(Vu& vu, const plan::Step& step, TimePoint now) {
    Session* s = table_.take();
    if (s == nullptr) {
      book_error(step.body, Outcome::kHostDescriptors);
      return SessionNext{.pc = step.on_failure};
    }
    s->plan = static_cast<std::uint16_t>(step.body);
    s->user = vu.slot;
    s->outer = vu.session;
    s->detached = s->joined = s->rejoining = s->pinged = false;
    s->attempt = 0;
    s->opened_at = s->last_sent = s->next_ping = kNever;
    vu.session = s->index;
    wait(vu, *s, VuState::kOpening);
    wire_.connect(*s, now);
    // A limit of our own host is told at once.
    return std::nullopt;
  }

  bool inspect_handshake(Session& s, Outcome outcome, TimePoint at) {
    const plan::HttpRequest& r = plan_of(s).request;
    const Inspection what{r.checks, r.expects, r.captures};
    if (what.empty()) return true;
    const Opening& opening = *s.opening;
    const bool answered = outcome == Outcome::kOk || outcome == Outcome::kNotUpgraded;
    const Answer answer{.status = answered ? opening.parser.status() : 0,
                        .latency = opening.begun == kNever ? Duration{} : at - opening.begun,
                        .kept = &opening.exchange.kept,
                        .body = opening.exchange.kept.body,
                        .body_bytes = opening.parser.body_bytes(),
                        .url = {}};
    return inspector_.look(answer, what, &r, user_context(s, at)).expects_held;
  }

  void book_failed_handshake(const Session& s, Outcome outcome) {
    if (outcome == Outcome::kNotUpgraded) {
      // The status says more: it is kept, as that of an answer the plan did not want.
      const int status = s.opening->parser.status();
      const Outcome as = status >= 500 ? Outcome::kStatus5xx : Outcome::kStatus4xx;
      into_->recorder.tally(plan_of(s).series.errors, stats::Tally::key(as, status));
    } else {
      book_error(s, outcome);
    }
    if (!says_nothing_of_the_target(outcome))
      into_->recorder.rate(plan_of(s).series.connect_failed, true);
  }
  void book_error(const Session& s, Outcome outcome) { book_error(s.plan, outcome); }
  void book_error(std::uint32_t plan, Outcome outcome) {
    const plan::SessionSeries& series = program_.sessions[plan].series;
    into_->recorder.tally(series.errors, stats::Tally::key(outcome, 0));
    count_host_limit(into_->health, outcome);
  }

  void opened(Session& s, bool again, bool expects_held, TimePoint at) {
    const plan::Session& p = plan_of(s);
    Vu& vu = users_[s.user];
    s.state = SessionState::kOpen;
    s.attempt = 0;
    if (!again) {
      s.opened_at = at;
      into_->recorder.count(p.series.sessions);
      const plan::Step& step = program_.steps[p.open_step];
      if (!expects_held) into_->recorder.count(expect_failures(vu));
      return owner_.session_over(vu, {.pc = expects_held ? step.on_success : step.on_failure}, at);
    }
    into_->recorder.count(p.series.reconnects);
    if (p.rejoin_step != 0) owner_.rejoin(vu, s, at);
  }

  bool may_reconnect(const Session& s) const {
    return s.attempt < plan_of(s).reconnect.max &&
           (s.state == SessionState::kOpen || s.state == SessionState::kGreeting ||
            s.state == SessionState::kClosing || s.opened_at == kNever ||
            s.state == SessionState::kAway);
  }

  // Waits for the next attempt to connect; false when there is none.
  bool try_again(Session& s, TimePoint at) {
    const plan::Reconnect& reconnect = plan_of(s).reconnect;
    if (s.attempt >= reconnect.max || s.detached) return false;
    Vu& vu = users_[s.user];
    s.state = SessionState::kAway;
    s.deadline = at + backoff(reconnect.backoff, s.attempt, vu.rng);
    ++s.attempt;
    timers_.cancel(s);
    timers_.arm(s, s.deadline);
    return true;
  }

  // ---- messages out -----------------------------------------------------------------------------

  std::optional<SessionNext> send(Vu& vu, const plan::Step& step, TimePoint now) {
    const plan::Send& what = program_.sends[step.body];
    Session* const s = find(vu, what.session);
    if (s == nullptr) return gone(what.session);
    if (s->state != SessionState::kOpen || is_full(*s)) {
      wait(vu, *s, VuState::kHeld);  // until it is back, or an answer came
      return std::nullopt;
    }
    const plan::RenderContext context = owner_.render_context(vu, now);
    const auto opcode = what.message.binary ? ws::Opcode::kBinary : ws::Opcode::kText;
    const auto fault = wire_.send(*s, opcode, [&](plan::TextBuffer& out) {
      return plan::render(what.message.payload, context, out);
    });
    if (fault != plan::RenderFault::kNone) return SessionNext{.failed = plan::reason_of(fault)};
    if (what.reply) {
      scratch_.clear();
      const auto unset = plan::render(what.reply->is, context, scratch_);
      if (unset != plan::RenderFault::kNone) return SessionNext{.failed = plan::reason_of(unset)};
      await(*s, {.key = std::hash<std::string_view>{}(scratch_.view()),
                 .step = vu.pc,
                 .sent = vu.times.intended,
                 .deadline = now + what.reply->timeout});
    }
    note_sent(vu, *s, now);
    return SessionNext{.pc = step.on_success};
  }

  void note_sent(Vu& vu, Session& s, TimePoint now) {
    s.last_sent = vu.times.intended;
    into_->recorder.count(plan_of(s).series.sent);
    const TimePoint wanted = std::max(vu.times.intended, vu.times.ready);
    into_->recorder.trend(program_.scenarios[vu.scenario].series.lag,
                          std::max(now - wanted, Duration::zero()));
  }

  bool is_full(const Session& s) const {
    const std::uint32_t most = plan_of(s).inflight;
    return most > 0 && s.awaited != nullptr && s.awaited->size() >= most;
  }

  void await(Session& s, const Awaited& awaited) {
    if (s.awaited == nullptr) {
      s.awaited = lists_.take();
      s.awaited->clear();
    }
    s.awaited->push_back(awaited);
    wire_.watch(s, awaited.deadline);
  }

  std::optional<SessionNext> ping(const Vu& vu, const plan::Step& step, TimePoint now) {
    Session* const s = find(vu, step.body);
    if (s != nullptr && s->state == SessionState::kOpen) wire_.ping(*s, now);
    return SessionNext{.pc = step.on_success};
  }

  std::optional<SessionNext> listen(const Vu& vu, const plan::Step& step, TimePoint now) {
    const plan::Listen& what = program_.listens[step.body];
    Session* const s = find(vu, what.session);
    if (s == nullptr) return gone(what.session);
    (void)now;
    SessionNext next{.pc = step.on_success};
    if (vu.pc != plan_of(*s).rejoin_step) return next;
    s->joined = true;
    if (std::exchange(s->rejoining, false)) next.resume = s->resume;
    return next;
  }

  // ---- messages in ------------------------------------------------------------------------------

  std::optional<SessionNext> receive(Vu& vu, const plan::Step& step, TimePoint now) {
    const plan::Receive& what = program_.receives[step.body];
    Session* const s = find(vu, what.session);
    if (s == nullptr) return gone(what.session);
    wait(vu, *s, VuState::kReceiving);
    owner_.watch(vu, now + what.timeout);
    return std::nullopt;
  }

  std::optional<SessionNext> echo(Vu& vu, const plan::Step& step, TimePoint) {
    Session* const s = find(vu, step.body);
    if (s == nullptr) return SessionNext{.pc = step.on_success};
    wait(vu, *s, VuState::kEchoing);
    return std::nullopt;
  }

  static Answer answer_of(std::string_view payload, Duration latency) {
    return {.status = 200,
            .latency = latency,
            .kept = nullptr,
            .body = payload,
            .body_bytes = payload.size(),
            .url = {}};
  }
  static Duration since(TimePoint then, TimePoint at) {
    return then == kNever ? Duration::zero() : std::max(at - then, Duration::zero());
  }

  bool matches(Vu& vu, const Session& s, std::string_view payload, TimePoint at) {
    const plan::MessageMatch& match = program_.receives[current(vu).body].match;
    if (match.all.empty()) return true;
    const plan::RenderContext context = owner_.render_context(vu, at);
    inspector_.reader().begin(answer_of(payload, since(s.last_sent, at)));
    return std::ranges::all_of(match.all, [&](const plan::Check& check) {
      return inspector_.holds_now(check, context);
    });
  }

  void message_came(Vu& vu, const Session& s, std::string_view payload, TimePoint at) {
    const plan::Step& step = current(vu);
    const plan::Receive& what = program_.receives[step.body];
    const Duration latency = since(s.last_sent, at);
    if (s.last_sent != kNever) into_->recorder.trend(what.duration, latency);
    into_->recorder.rate(what.series, true);
    bool held = true;
    const Inspection inspection{what.checks, what.expects, what.captures};
    if (!inspection.empty())
      held = inspector_
                 .look(answer_of(payload, latency), inspection, nullptr,
                       owner_.render_context(vu, at))
                 .expects_held;
    after_answer(vu, step, held, at);
  }

  // No message, or none in time.
  void message_missed(Vu& vu, Outcome outcome, TimePoint at) {
    const plan::Step& step = current(vu);
    const plan::Receive& what = program_.receives[step.body];
    book_error(what.session, outcome);
    into_->recorder.rate(what.series, false);
    const Inspection inspection{what.checks, what.expects, what.captures};
    if (!inspection.empty())
      inspector_.look({}, inspection, nullptr, owner_.render_context(vu, at));
    after_answer(vu, step, !what.stops_on_failure, at);
  }

  void after_answer(Vu& vu, const plan::Step& step, bool held, TimePoint at) {
    if (!held) into_->recorder.count(expect_failures(vu));
    owner_.session_over(vu, {.pc = held ? step.on_success : step.on_failure}, at);
  }
  std::uint32_t expect_failures(const Vu& vu) const {
    const auto why = static_cast<std::size_t>(plan::FailReason::kExpect);
    return program_.scenarios[vu.scenario].series.failed[why];
  }

  // Whether the message answers one that was sent with `reply`. Messages of one step ask for the
  // same part of it, so it is looked up once a step.
  void take_reply(Session& s, std::string_view payload, TimePoint at) {
    AwaitedList& list = *s.awaited;
    std::uint32_t step = kNoStep;
    std::optional<std::uint64_t> key;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (list[i].step != step) {
        step = list[i].step;
        key = reply_key(program_.sends[program_.steps[step].body], payload);
      }
      if (!key || *key != list[i].key) continue;
      const plan::Reply& reply = *program_.sends[program_.steps[step].body].reply;
      into_->recorder.trend(reply.duration, since(list[i].sent, at));
      into_->recorder.rate(reply.series, true);
      drop_awaited(s, i, at);
      return;
    }
  }
  std::optional<std::uint64_t> reply_key(const plan::Send& send, std::string_view payload) {
    if (!send.reply) return std::nullopt;
    inspector_.reader().begin(answer_of(payload, {}));
    const auto found = inspector_.reader().find(send.reply->key);
    if (!found) return std::nullopt;
    return std::hash<std::string_view>{}(found->text);
  }

  // In the order in which they were sent, so that deadlines come one after the other.
  void drop_awaited(Session& s, std::size_t i, TimePoint at) {
    s.awaited->erase(s.awaited->begin() + static_cast<std::ptrdiff_t>(i));
    if (s.awaited->empty()) lists_.put(s.awaited);
    go_on_sending(s, at);
  }
  void go_on_sending(Session& s, TimePoint at) {
    Vu& vu = users_[s.user];
    if (waits_for(vu, s, VuState::kHeld) && s.state == SessionState::kOpen)
      owner_.session_over(vu, {.pc = vu.pc}, at);
  }

  void expire_awaited(Session& s, TimePoint now) {
    const std::uint32_t life = s.life;
    while (s.life == life && s.awaited != nullptr) {
      const auto late = std::ranges::find_if(
          *s.awaited, [&](const Awaited& each) { return each.deadline <= now; });
      if (late == s.awaited->end()) break;
      book_error(s, Outcome::kReplyTimeout);
      into_->recorder.rate(reply_series(*late), false);
      drop_awaited(s, static_cast<std::size_t>(late - s.awaited->begin()), now);
    }
    if (s.life != life || s.awaited == nullptr) return;
    for (const Awaited& each : *s.awaited) wire_.watch(s, each.deadline);
  }
  std::uint32_t reply_series(const Awaited& awaited) const {
    return program_.sends[program_.steps[awaited.step].body].reply->series;
  }
  // The connection went: what was on its way is not answered any more.
  void forget_awaited(Session& s, TimePoint) {
    if (s.awaited == nullptr) return;
    for (const Awaited& each : *s.awaited) into_->recorder.rate(reply_series(each), false);
    lists_.put(s.awaited);
  }

  // ---- the end ----------------------------------------------------------------------------------

  std::optional<SessionNext> close(Vu& vu, const plan::Step& step, TimePoint now) {
    const plan::Close& what = program_.closes[step.body];
    return finish(vu, find(vu, what.session), step, what.code, what.reason, now);
  }
  std::optional<SessionNext> end(Vu& vu, const plan::Step& step, TimePoint now) {
    Session* const s = find(vu, step.body);
    return finish(vu, s, step, 1000, {}, now);
  }

  std::optional<SessionNext> finish(Vu& vu, Session* s, const plan::Step& step, std::uint16_t code,
                                    std::string_view reason, TimePoint now) {
    if (s == nullptr) return SessionNext{.pc = step.on_success};
    drop_inner(vu, *s, now);
    if (s->state != SessionState::kOpen) {  // lost, and not back yet
      pop(vu, *s);
      book_end(*s, Outcome::kWsAbnormal, now);
      release(*s);
      return SessionNext{.pc = step.on_success};
    }
    wait(vu, *s, VuState::kClosing);
    wire_.close(*s, code, reason, now);
    return std::nullopt;
  }

  // The closing handshake is done.
  void closed(Session& s, TimePoint at) {
    Vu& vu = users_[s.user];
    book_end(s, Outcome::kOk, at);
    const bool waited_for = !s.detached && vu.state == VuState::kClosing && vu.session == s.index;
    if (waited_for) pop(vu, s);
    s.detached = true;
    if (s.connection == net::kNoConnection)
      release(s);
    else
      wire_.linger(s, at);
    if (waited_for) owner_.session_over(vu, {.pc = current(vu).on_success}, at);
  }

  void book_end(const Session& s, Outcome outcome, TimePoint at) {
    if (s.opened_at == kNever) return;
    const plan::SessionSeries& series = plan_of(s).series;
    into_->recorder.trend(series.duration, at - s.opened_at);
    if (!says_nothing_of_the_target(outcome))
      into_->recorder.rate(series.failed, outcome != Outcome::kOk);
  }

  // The session has ended, and the plan did not do it: its user goes on behind it.
  void over(Session& s, Outcome outcome, TimePoint at) {
    Vu& vu = users_[s.user];
    const std::uint32_t end_step = plan_of(s).end_step;
    const bool detached = s.detached;
    book_end(s, outcome, at);
    forget_awaited(s, at);
    if (!detached) {
      drop_inner(vu, s, at);
      pop(vu, s);
    }
    s.detached = true;
    if (s.connection != net::kNoConnection)
      wire_.linger(s, at);
    else
      release(s);
    if (!detached) owner_.cut(vu, end_step, at);
  }

  // Sessions that were opened within this one end with it.
  void drop_inner(Vu& vu, const Session& s, TimePoint at) {
    while (vu.session != s.index) {
      Session& inner = table_[vu.session];
      vu.session = inner.outer;
      leave_behind(inner, Outcome::kInterrupted, at);
    }
  }

  void leave_behind(Session& s, Outcome outcome, TimePoint at) {
    s.detached = true;
    book_end(s, outcome, at);
    forget_awaited(s, at);
    if (s.state != SessionState::kOpen && s.state != SessionState::kDraining) return release(s);
    wire_.close(s, 1001, {}, at);
    wire_.linger(s, at);
  }

  // The step's session is not open: it went while the user was elsewhere.
  SessionNext gone(std::uint32_t session) const {
    return SessionNext{.pc = program_.sessions[session].end_step};
  }

  void on_timer(Session& s, TimePoint now) {
    if (s.state == SessionState::kAway) {
      if (now < s.deadline) return wire_.watch(s, s.deadline);
      return wire_.connect(s, now);
    }
    if (s.state == SessionState::kLingering || s.state == SessionState::kClosing) {
      if (now < s.deadline) return wire_.watch(s, s.deadline);
      if (s.state == SessionState::kLingering) return release(s);
      wire_.drop(s);
      book_error(s, Outcome::kCloseTimeout);
      return over(s, Outcome::kCloseTimeout, now);
    }
    const std::uint32_t life = s.life;
    if (s.awaited != nullptr) expire_awaited(s, now);
    if (s.life == life && s.state != SessionState::kFree) wire_.on_timer(s, now);
  }

  const plan::Program& program_;
  Vu* users_;
  Owner& owner_;
  TimerQueue timers_;
  SessionTable table_;
  Wire wire_;
  Inspector<Io> inspector_;
  Pool<AwaitedList> lists_;
  plan::TextBuffer scratch_;
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
