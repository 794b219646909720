#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/outcome.h"
#include "base/time.h"
#include "engine/deliveries.h"
#include "engine/inspector.h"
#include "engine/session.h"
#include "engine/session_record.h"
#include "engine/vu.h"
#include "plan/program.h"
#include "plan/render.h"
#include "sio/json.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Where a step of a session leads. Empty: the user waits, and Owner is told when it is over.
struct SessionNext {
  std::uint32_t pc = 0;
  std::optional<plan::FailReason> failed{};  // the iteration has failed
  std::optional<Resume> resume{};            // the user goes on where it was, not at `pc`
  bool again = false;  // its turn has come for the step it is at; that was wanted when it was
};

// A whole message that came in. `body` is what JSON paths are about: of Socket.IO the array of
// arguments, else the message itself.
struct Incoming {
  std::string_view text;
  std::string_view body;
  std::string_view event{};  // of Socket.IO: between its quotes, escapes as they are
};

// What users say and hear in their sessions: messages with stamps, replies in any order, waits for
// a message, acknowledgements, deliveries.
//   owner.session_over(vu, SessionNext, at) · owner.render_context(vu, now) · owner.watch(vu, at)
//   owner.wall_ns(at)
//   transport.send(s, message, id, render)   puts a message on its way
//   transport.watch(s, deadline)
template <class Io, class Owner, class Transport>
class Conversation {
 public:
  Conversation(const plan::Program& program, const Io& io, Vu* users, ledger::Board& board,
               unsigned shard, Transport& transport, Owner& owner)
      : program_{program},
        users_{users},
        transport_{transport},
        owner_{owner},
        inspector_{program, io},
        deliveries_{program, board, shard} {
    for (const plan::Listen& each : program.listens) {
      ServerPaths& paths = server_paths_.emplace_back();
      if (each.sequence) paths.sequence = {.part = plan::Part::kJson, .path = *each.sequence};
      if (each.sent_at) paths.sent_at = {.part = plan::Part::kJson, .path = *each.sent_at};
    }
  }

  void record_into(stats::Snapshot* snapshot) {
    into_ = snapshot;
    inspector_.record_into(snapshot);
    deliveries_.record_into(snapshot);
  }

  Deliveries& deliveries() { return deliveries_; }
  Inspector<Io>& inspector() { return inspector_; }

  // ---- out --------------------------------------------------------------------------------------

  // The session is open. Empty: too many messages are unanswered.
  std::optional<SessionNext> send(Vu& vu, Session& s, const plan::Step& step, TimePoint now) {
    const plan::Send& what = program_.sends[step.body];
    if (is_full(s)) return std::nullopt;
    if (const auto fault = transmit(vu, s, what.message, now, [&](auto&& render) {
          return transport_.send_message(s, what, render);
        });
        fault != plan::RenderFault::kNone)
      return SessionNext{.failed = plan::reason_of(fault)};
    if (what.reply) {
      scratch_.clear();
      const plan::RenderContext context = owner_.render_context(vu, now);
      const auto unset = plan::render(what.reply->is, context, scratch_);
      if (unset != plan::RenderFault::kNone) return SessionNext{.failed = plan::reason_of(unset)};
      await(s, {.key = std::hash<std::string_view>{}(scratch_.view()),
                .step = vu.pc,
                .sent = vu.intended,
                .deadline = now + what.reply->timeout});
    }
    note_sent(vu, s, now);
    return SessionNext{.pc = step.on_success};
  }

  // The same for an event of Socket.IO. `waits`: the user waits for its acknowledgement.
  std::optional<SessionNext> emit(Vu& vu, Session& s, const plan::Step& step, TimePoint now,
                                  bool& waits) {
    const plan::Emit& what = program_.emits[step.body];
    if (is_full(s)) return std::nullopt;
    std::optional<std::uint64_t> id;
    if (what.ack) id = transport_.next_ack(s);
    if (const auto fault = transmit(vu, s, what.message, now, [&](auto&& render) {
          return transport_.send_event(s, what, id, render, owner_.render_context(vu, now));
        });
        fault != plan::RenderFault::kNone)
      return SessionNext{.failed = plan::reason_of(fault)};
    if (what.ack)
      await(s, {.key = *id,
                .step = vu.pc,
                .sent = vu.intended,
                .deadline = now + what.ack->timeout});
    note_sent(vu, s, now);
    waits = what.ack && what.ack->waits;
    return SessionNext{.pc = step.on_success};
  }

  // ---- in ---------------------------------------------------------------------------------------

  void hear(Session& s, const Incoming& in, TimePoint at) {
    into_->recorder.count(program_.sessions[s.plan].series.received);
    if (s.rooms != nullptr) deliver(s, in, at);
    const std::uint16_t life = s.life;
    if (s.awaited != nullptr) take_reply(s, in, at);
    if (s.life != life) return;
    Vu& vu = users_[s.user];
    if (waits_for(vu, s, VuState::kReceiving) && matches(vu, s, in, at)) came(vu, s, in, at);
  }

  // An acknowledgement; false: nobody asked for it, or not any more.
  bool hear_ack(Session& s, std::uint64_t id, const Incoming& in, TimePoint at) {
    if (s.awaited == nullptr) return false;
    const auto found = std::ranges::find_if(*s.awaited, [&](const Awaited& each) {
      return each.key == id && is_emit(each);
    });
    if (found == s.awaited->end()) return false;
    const Awaited awaited = *found;
    const plan::Ack& ack = *emit_of(awaited).ack;
    const Duration latency = since(awaited.sent, at);
    into_->recorder.trend(ack.duration, latency);
    Vu& vu = users_[s.user];
    const bool held = look(vu, in, latency, {ack.checks, ack.expects, ack.captures}, at);
    drop_awaited(s, static_cast<std::size_t>(found - s.awaited->begin()));
    end_wait_for_ack(vu, s, awaited, held, at);
    return true;
  }

  // No message in time.
  void missed(Vu& vu, TimePoint at) {
    const plan::Step& step = current(vu);
    const plan::Receive& what = program_.receives[step.body];
    record_error(*into_, program_.sessions[what.session].series, Outcome::kReplyTimeout);
    into_->recorder.rate(what.series, false);
    look(vu, {}, {}, {what.checks, what.expects, what.captures}, at);
    after_answer(vu, step, !what.stops_on_failure, at);
  }

  // Answers that did not come by now.
  void expire(Session& s, TimePoint now) {
    const std::uint16_t life = s.life;
    while (s.life == life && s.awaited != nullptr) {
      const auto late = std::ranges::find_if(
          *s.awaited, [&](const Awaited& each) { return each.deadline <= now; });
      if (late == s.awaited->end()) break;
      const Awaited awaited = *late;
      drop_awaited(s, static_cast<std::size_t>(late - s.awaited->begin()));
      unanswered(s, awaited, is_emit(awaited) ? Outcome::kSioAckTimeout : Outcome::kReplyTimeout,
                 now);
    }
    if (s.life != life || s.awaited == nullptr) return;
    for (const Awaited& each : *s.awaited) transport_.watch(s, each.deadline);
  }

  // The connection went: what was asked is not answered any more. `s` may be over afterwards.
  void forget(Session& s, Outcome why, TimePoint at) {
    const std::uint16_t life = s.life;
    while (s.life == life && s.awaited != nullptr) {
      const Awaited awaited = s.awaited->front();
      drop_awaited(s, 0);
      unanswered(s, awaited, why, at);
    }
  }

  // Something was answered, or the session is back: who waits for its turn to send has it.
  void go_on_sending(Session& s, TimePoint at) {
    Vu& vu = users_[s.user];
    if (waits_for(vu, s, VuState::kHeld) && s.state == SessionState::kOpen)
      owner_.session_over(vu, {.pc = vu.pc, .again = true}, at);
  }

  // A moving mean of how long messages take, to their answers or from their senders.
  Duration typical() const { return typical_; }

  static bool waits_for(const Vu& vu, const Session& s, VuState state) {
    return !s.detached && vu.state == state && vu.waits_for == s.index;
  }

 private:
  struct ServerPaths {
    plan::Extraction sequence{}, sent_at{};
  };

  const plan::Step& current(const Vu& vu) const { return program_.steps[vu.pc]; }
  static Duration since(TimePoint then, TimePoint at) {
    return then == kNever ? Duration::zero() : std::max(at - then, Duration::zero());
  }
  static Answer answer_of(const Incoming& in, Duration latency) {
    return {.status = 200,
            .latency = latency,
            .kept = nullptr,
            .body = in.body,
            .body_bytes = in.text.size(),
            .url = {}};
  }
  bool look(Vu& vu, const Incoming& in, Duration latency, const Inspection& what, TimePoint at) {
    if (what.empty()) return true;
    const Answer answer = in.text.data() == nullptr ? Answer{} : answer_of(in, latency);
    return inspector_.look(answer, what, nullptr, owner_.render_context(vu, at)).expects_held;
  }

  bool is_full(const Session& s) const {
    const std::uint32_t most = program_.sessions[s.plan].inflight;
    return most > 0 && s.awaited != nullptr && s.awaited->size() >= most;
  }
  void await(Session& s, const Awaited& awaited) {
    if (s.awaited == nullptr) {
      s.awaited = lists_.take();
      s.awaited->clear();
    }
    s.awaited->push_back(awaited);
    transport_.watch(s, awaited.deadline);
  }
  void drop_awaited(Session& s, std::size_t i) {
    s.awaited->erase(s.awaited->begin() + static_cast<std::ptrdiff_t>(i));
    if (s.awaited->empty()) lists_.put(s.awaited);
  }
  void note_sent(Vu& vu, Session& s, TimePoint now) {
    s.last_sent = vu.intended;
    into_->recorder.count(program_.sessions[s.plan].series.sent);
    const TimePoint wanted = std::max(vu.intended, vu.ready);
    into_->recorder.trend(program_.scenarios[vu.scenario].series.lag,
                          std::max(now - wanted, Duration::zero()));
  }

  // Has the payload rendered where it goes out. The stamp is put in when nothing can go wrong any
  // more: from then on the room is owed the message.
  template <class Put>
  plan::RenderFault transmit(Vu& vu, Session& s, const plan::Message& message, TimePoint now,
                             Put&& put) {
    plan::RenderContext context = owner_.render_context(vu, now);
    if (!message.stamped)
      return put(
          [&](plan::TextBuffer& out) { return plan::render(message.payload, context, out); });
    ledger::RoomId room = Deliveries::listened(s.rooms);
    if (message.room) {
      scratch_.clear();
      const auto fault = plan::render(*message.room, context, scratch_);
      if (fault != plan::RenderFault::kNone) return fault;
      room = deliveries_.room_of(scratch_.view());
    } else if (room == ledger::kNoId) {  // nobody listens here: it is named after the step
      room = deliveries_.room_of(program_.sessions[s.plan].request.name);
    }
    context.stamp = Deliveries::placeholder();
    return put([&](plan::TextBuffer& out) {
      const std::size_t start = out.size();
      const auto fault = plan::render(message.payload, context, out);
      if (fault == plan::RenderFault::kNone)
        deliveries_.stamp(s.rooms, room, out.data() + start, out.size() - start, now);
      return fault;
    });
  }

  void deliver(Session& s, const Incoming& in, TimePoint at) {
    bool stamps = false;
    for (InRoom* room = s.rooms; room != nullptr; room = room->next) {
      const plan::Listen* const listen = room->listen;
      if (listen == nullptr) continue;
      if (listen->event && !sio::same_json_text(in.event, *listen->event)) continue;
      if (listen->sequence)
        deliver_numbered(*room, in, at);
      else
        stamps = true;
    }
    if (!stamps) return;
    if (const auto latency = deliveries_.arrive(s.rooms, in.text, at))
      typical_ += (*latency - typical_) / 64;
  }

  void deliver_numbered(InRoom& room, const Incoming& in, TimePoint at) {
    const auto index = static_cast<std::size_t>(room.listen - program_.listens.data());
    inspector_.reader().begin(answer_of(in, {}));
    const auto number = found_number(server_paths_[index].sequence);
    if (!number || *number < 0) return;
    Deliveries::ServerStamp stamp{.number = static_cast<std::uint64_t>(*number)};
    if (room.listen->sent_at) {
      if (const auto sent = found_number(server_paths_[index].sent_at))
        stamp.latency = std::max(clock_now(room.listen->clock, at) - in_clock(*room.listen, *sent),
                                 Duration::zero());
    }
    deliveries_.arrive(room, stamp, at);
  }
  std::optional<std::int64_t> found_number(const plan::Extraction& where) {
    const auto found = inspector_.reader().find(where);
    if (!found) return std::nullopt;
    std::int64_t number = 0;
    const char* const end = found->text.data() + found->text.size();
    const auto [stop, error] = std::from_chars(found->text.data(), end, number);
    if (error != std::errc{}) return std::nullopt;
    return number;
  }
  Duration clock_now(plan::SentClock clock, TimePoint at) const {
    return clock == plan::SentClock::kMonotonicNs ? at.time_since_epoch()
                                                  : Duration{owner_.wall_ns(at)};
  }
  static Duration in_clock(const plan::Listen& listen, std::int64_t number) {
    if (listen.clock == plan::SentClock::kRealtimeMs) return std::chrono::milliseconds{number};
    return Duration{number};
  }

  bool matches(Vu& vu, const Session& s, const Incoming& in, TimePoint at) {
    const plan::MessageMatch& match = program_.receives[current(vu).body].match;
    if (match.event && !sio::same_json_text(in.event, *match.event)) return false;
    if (match.all.empty()) return true;
    const plan::RenderContext context = owner_.render_context(vu, at);
    inspector_.reader().begin(answer_of(in, since(s.last_sent, at)));
    return std::ranges::all_of(match.all, [&](const plan::Check& check) {
      return inspector_.holds_now(check, context);
    });
  }

  void came(Vu& vu, const Session& s, const Incoming& in, TimePoint at) {
    const plan::Step& step = current(vu);
    const plan::Receive& what = program_.receives[step.body];
    const Duration latency = since(s.last_sent, at);
    if (s.last_sent != kNever) {
      into_->recorder.trend(what.duration, latency);
      typical_ += (latency - typical_) / 64;
    }
    into_->recorder.rate(what.series, true);
    const bool held = look(vu, in, latency, {what.checks, what.expects, what.captures}, at);
    after_answer(vu, step, held, at);
  }

  void after_answer(Vu& vu, const plan::Step& step, bool held, TimePoint at) {
    if (!held) {
      const auto why = static_cast<std::size_t>(plan::FailReason::kExpect);
      into_->recorder.count(program_.scenarios[vu.scenario].series.failed[why]);
    }
    owner_.session_over(vu, {.pc = held ? step.on_success : step.on_failure}, at);
  }

  // Whether the message answers one that was sent with `reply`. Messages of one step ask for the
  // same part of it, so it is looked up once a step.
  void take_reply(Session& s, const Incoming& in, TimePoint at) {
    std::uint32_t step = kNoStep;
    std::optional<std::uint64_t> key;
    for (std::size_t i = 0; i < s.awaited->size(); ++i) {
      const Awaited awaited = (*s.awaited)[i];
      if (is_emit(awaited)) continue;
      if (awaited.step != step) {
        step = awaited.step;
        key = reply_key(*send_of(awaited).reply, in);
      }
      if (!key || *key != awaited.key) continue;
      const plan::Reply& reply = *send_of(awaited).reply;
      into_->recorder.trend(reply.duration, since(awaited.sent, at));
      into_->recorder.rate(reply.series, true);
      drop_awaited(s, i);
      return go_on_sending(s, at);
    }
  }
  std::optional<std::uint64_t> reply_key(const plan::Reply& reply, const Incoming& in) {
    inspector_.reader().begin(answer_of(in, {}));
    const auto found = inspector_.reader().find(reply.key);
    if (!found) return std::nullopt;
    return std::hash<std::string_view>{}(found->text);
  }

  void unanswered(Session& s, const Awaited& awaited, Outcome why, TimePoint at) {
    if (why == Outcome::kInterrupted) return;  // nobody will ever know
    Vu& vu = users_[s.user];
    if (!is_emit(awaited)) {
      record_error(*into_, program_.sessions[s.plan].series, why);
      into_->recorder.rate(send_of(awaited).reply->series, false);
      return go_on_sending(s, at);
    }
    const plan::Ack& ack = *emit_of(awaited).ack;
    record_error(*into_, program_.sessions[s.plan].series, why);
    if (!s.detached) look(vu, {}, {}, {ack.checks, ack.expects, ack.captures}, at);
    end_wait_for_ack(vu, s, awaited, !ack.stops_on_failure, at);
  }

  void end_wait_for_ack(Vu& vu, Session& s, const Awaited& awaited, bool held, TimePoint at) {
    const bool waits = waits_for(vu, s, VuState::kAcking) && vu.pc == awaited.step;
    if (waits) return after_answer(vu, current(vu), held, at);
    go_on_sending(s, at);
  }

  bool is_emit(const Awaited& awaited) const {
    return program_.steps[awaited.step].kind == plan::StepKind::kEmit;
  }
  const plan::Emit& emit_of(const Awaited& awaited) const {
    return program_.emits[program_.steps[awaited.step].body];
  }
  const plan::Send& send_of(const Awaited& awaited) const {
    return program_.sends[program_.steps[awaited.step].body];
  }

  const plan::Program& program_;
  Vu* users_;
  Transport& transport_;
  Owner& owner_;
  Inspector<Io> inspector_;
  Deliveries deliveries_;
  std::vector<ServerPaths> server_paths_;  // by listen
  Pool<AwaitedList> lists_;
  plan::TextBuffer scratch_;
  Duration typical_{};
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
