#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "auth/signer.h"
#include "base/assert.h"
#include "base/limits.h"
#include "base/prefetch.h"
#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/bursts.h"
#include "engine/flow.h"
#include "engine/made_up.h"
#include "engine/requests.h"
#include "engine/rows.h"
#include "engine/sessions.h"
#include "engine/stages.h"
#include "engine/user_table.h"
#include "engine/vu.h"
#include "net/event.h"
#include "plan/program.h"
#include "plan/render.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Wall clock for what is rendered into requests; given by the shard, so that no clock is read here.
struct WallClock {
  std::int64_t at_start_ms = 0;  // ms since 1970
  TimePoint start{};
  std::int64_t at(TimePoint t) const { return at_start_ms + (t - start).count() / 1'000'000; }
};

// Carries users through the steps of the program. Io is the one seam between users and the world:
// net::Io in production, sim::Io in virtual time. Iterations that end are noted in finished(); who
// begins next is the business of the scenario's executor (scenario_run.h).
template <class Io>
class Runner {
 public:
  struct Finished {
    std::uint32_t slot;
    TimePoint at;
  };

  // `users` are users and hands of bursts (see UserTable).
  Runner(const plan::Program& program, Io& io, TimerQueue& timers, Vu* users, std::size_t count,
         const std::vector<ScenarioUsers>& layout, const SessionHost& sessions)
      : program_{program},
        timers_{timers},
        users_{users},
        layout_{layout},
        flow_{program},
        requests_{program, io, timers, users, count, *this},
        sessions_{program, io, sessions, *this} {
    finished_.reserve(count);
    if constexpr (MakesUpAnswers<Io>) flow_.assume_rounds(io.rounds_of_loops());
  }

  void record_into(stats::Snapshot* snapshot) {
    into_ = snapshot;
    flow_.record_into(snapshot);
    requests_.record_into(snapshot);
    sessions_.record_into(snapshot);
  }
  void set_wall_clock(const WallClock& clock) {
    wall_ = clock;
    requests_.set_start(clock.start);
    for (const plan::Scenario& each : program_.scenarios) stages_.emplace_back(each, clock.start);
  }

  // Begins an iteration that was wanted at `intended` and for which its user was free at `ready`.
  void start(Vu& vu, TimePoint intended, TimePoint ready, TimePoint now) {
    GEND_ASSERT(vu.state == VuState::kIdle);
    vu.iteration_intended = intended;
    vu.pace_until = intended;
    choose_rows(vu);
    if (vu.values != nullptr) vu.values->begin_iteration(program_.values);
    if (scenario(vu).cookies == plan::Scenario::Cookies::kPerIteration) vu.jar.clear();
    ++into_->health.started;
    into_->recorder.count(series(vu).started);
    proceed(vu, scenario(vu).first_step, intended, ready, now);
  }

  // The sink of net::Io.
  void operator()(const net::Event& event) {
    if (sessions_.owns(event.owner)) return sessions_.on_event(event);
    requests_.on_event(users_[event.owner], event);
  }
  // First the owner's own memory, then, as that names it, a session's user or a user's exchange.
  void foresee(std::uint32_t owner, net::Foresight distance) {
    const bool is_session = sessions_.owns(owner);
    switch (distance) {
      case net::Foresight::kFar:
        if (is_session) return prefetch(sessions_.of(owner));
        return prefetch(users_[owner]);
      case net::Foresight::kNear:
        if (is_session) return prefetch(users_[sessions_.of(owner).user]);
        if (const Exchange* const exchange = users_[owner].exchange) prefetch(*exchange);
    }
  }

  // Deadlines of sessions; those of users are on_timer()'s.
  TimePoint next_of_sessions() const { return sessions_.next(); }
  void expire_sessions(TimePoint now) { sessions_.expire(now); }

  // The timer of a user fired: a wait is over, or a deadline may have passed.
  void on_timer(Vu& vu, TimePoint now) {
    switch (vu.state) {
      case VuState::kIdle:
      case VuState::kBursting:
      case VuState::kOpening:
      case VuState::kHeld:
      case VuState::kAcking:
      case VuState::kEchoing:
      case VuState::kClosing: return;  // left over from what was answered
      case VuState::kConnecting:
      case VuState::kWaiting: return requests_.on_timer(vu, now);
      case VuState::kThinking:
      case VuState::kRetrying:
      case VuState::kReceiving:
      case VuState::kPacing: break;
    }
    if (now < vu.deadline) return timers_.arm(vu, vu.deadline);
    if (vu.state == VuState::kReceiving) return sessions_.on_user_timer(vu, now);
    if (vu.state == VuState::kRetrying) return requests_.try_again(vu, now);
    const TimePoint over = vu.deadline;  // not the moment we got round to it
    if (vu.state == VuState::kPacing) return release(vu, over);
    proceed(vu, vu.pc, vu.intended, over, now);
  }

  // Cuts the user's iteration off: the run ends, or its time to end gracefully is over.
  void interrupt(Vu& vu, TimePoint now) {
    GEND_ASSERT(vu.state != VuState::kIdle);
    const bool counts = vu.state != VuState::kPacing;
    if (vu.state == VuState::kBursting) {
      for (Vu& hand : hands_of(vu))
        if (hand.state != VuState::kIdle) cut_off(hand, now);
    }
    cut_off(vu, now);
    if (counts) ++into_->health.interrupted;
  }

  // A user that only waits for its pace need not: nothing more is to begin.
  void release_paced(Vu& vu, TimePoint now) {
    if (vu.state != VuState::kPacing) return;
    timers_.cancel(vu);
    release(vu, now);
  }

  // Of the user and of its hands.
  void close_connections(Vu& vu) { requests_.close_connections(vu); }

  std::vector<Finished>& finished() { return finished_; }
  // What the wait policy goes by: where there are requests, their latency is the one to protect.
  Duration typical_service() const {
    return requests_.waiting() > 0 ? requests_.typical_service() : sessions_.typical();
  }
  std::uint64_t waiting() const {
    return requests_.waiting() > 0 ? requests_.waiting() : sessions_.open_now();
  }
  Io& io() { return requests_.io(); }

  // ---- for Requests -----------------------------------------------------------------------------

  plan::RenderContext render_context(const Vu& vu, TimePoint now) {
    Vu& user = users_[vu.user];
    return {.program = &program_,
            .vu = user.number + 1,
            .iteration = user.iteration,
            .rng = &users_[vu.slot].rng,
            .wall_ms = wall_.at(now),
            .values = user.values,
            .rows = user.rows,
            .signers = &signers_};
  }

  // ---- for Sessions -----------------------------------------------------------------------------

  void watch(Vu& vu, TimePoint deadline) { requests_.watch(vu, deadline); }
  std::int64_t wall_ns(TimePoint t) const {
    return wall_.at_start_ms * 1'000'000 + (t - wall_.start).count();
  }

  void session_over(Vu& vu, const SessionNext& next, TimePoint at) {
    if (next.failed) return fail(vu, *next.failed, at);
    if (next.again) return proceed(vu, next.pc, vu.intended, at, at);
    go_on(vu, next.pc, at);
  }

  // A session ended around the user: it goes on at `pc`, at once unless a request is under way.
  void cut(Vu& vu, std::uint32_t pc, TimePoint at) {
    vu.cut = pc;
    if (is_waiting(vu)) go_on(vu, pc, at);
  }

  // A session is back: its first steps are done again, then the user goes on where it was.
  void rejoin(Vu& vu, Session& s, TimePoint at) {
    const bool can_leave = vu.state == VuState::kThinking || vu.state == VuState::kHeld ||
                           vu.state == VuState::kReceiving || vu.state == VuState::kEchoing;
    if (!can_leave) {
      vu.rejoin = s.index;
      return;
    }
    const bool thinks = vu.state == VuState::kThinking;
    sessions_.resume_later(s, {.pc = vu.pc,
                               .intended = thinks ? vu.intended : at,
                               .until = thinks ? vu.deadline : at});
    go_on(vu, program_.steps[sessions_.plan_of(s).open_step].on_success, at);
  }

  // ---- for Requests, again ----------------------------------------------------------------------

  void request_over(Vu& vu, const RequestEnd& end, TimePoint at) {
    const plan::Step& step = current(vu);
    if (vu.is_hand()) count_for_burst(program_, users_[vu.user], end.status);
    if (end.failed) return fail(vu, *end.failed, at);
    if (!end.ok && program_.requests[step.body].stops_on_failure) {
      into_->recorder.count(reason(vu, plan::FailReason::kExpect));
      return go_on(vu, step.on_failure, at);
    }
    go_on(vu, step.on_success, at);
  }

 private:
  const plan::Step& current(const Vu& vu) const { return program_.steps[vu.pc]; }
  const plan::Scenario& scenario(const Vu& vu) const { return program_.scenarios[vu.scenario]; }
  const plan::ScenarioSeries& series(const Vu& vu) const { return scenario(vu).series; }
  std::uint32_t reason(const Vu& vu, plan::FailReason why) const {
    return series(vu).failed[static_cast<std::size_t>(why)];
  }

  void choose_rows(Vu& vu) {
    for (std::size_t i = 0; i < program_.data.size(); ++i) {
      if (scenario(vu).first_rows[i] == plan::Scenario::kNoRow) continue;
      vu.rows[i] = row_of(program_.data[i], i, scenario(vu), vu.number, vu.iteration, vu.arrival,
                          program_.seed);
    }
  }

  // Waits for time, or for something in a session: can be led elsewhere.
  static bool is_waiting(const Vu& vu) {
    switch (vu.state) {
      case VuState::kThinking:
      case VuState::kHeld:
      case VuState::kReceiving:
      case VuState::kAcking:
      case VuState::kEchoing:
      case VuState::kOpening:
      case VuState::kClosing: return true;
      case VuState::kIdle:
      case VuState::kConnecting:
      case VuState::kWaiting:
      case VuState::kRetrying:
      case VuState::kPacing:
      case VuState::kBursting: break;
    }
    return false;
  }

  // Where the user really goes on: a session may have ended around it, or come back, while a
  // request was under way.
  std::uint32_t led_elsewhere(Vu& vu, std::uint32_t pc, TimePoint intended) {
    if (vu.cut != kNoStep) return std::exchange(vu.cut, kNoStep);
    if (vu.rejoin == kNoSession) return pc;
    Session& s = sessions_.at(std::exchange(vu.rejoin, kNoSession));
    sessions_.resume_later(s, {.pc = pc, .intended = intended, .until = intended});
    return program_.steps[sessions_.plan_of(s).open_step].on_success;
  }

  // A step of a session; false when the user waits now, or its iteration is over.
  bool take_session_step(Vu& vu, const plan::Step& step, std::uint32_t& pc, TimePoint& intended,
                         TimePoint now) {
    beginning_ = &vu;
    const auto next = sessions_.begin(vu, step, now);
    beginning_ = nullptr;
    if (!next) return false;
    if (next->failed) {
      fail(vu, *next->failed, intended);
      return false;
    }
    pc = next->pc;
    if (!next->resume) return true;
    pc = next->resume->pc;
    if (next->resume->until > now) {
      wait(vu, pc, next->resume->intended, next->resume->until);
      return false;
    }
    intended = std::max(intended, next->resume->intended);
    return true;
  }

  // Runs steps until one has to wait for time or for the world. A step that follows another is
  // wanted the moment the one before it ended: dependent steps take their intended start from their
  // predecessor.
  void proceed(Vu& vu, std::uint32_t pc, TimePoint intended, TimePoint ready, TimePoint now) {
    for (int steps = 0; steps < limits::kStepsAtOnce; ++steps) {
      if (vu.cut != kNoStep || vu.rejoin != kNoSession) pc = led_elsewhere(vu, pc, intended);
      vu.pc = pc;
      vu.intended = intended;
      vu.ready = ready;
      const plan::Step& step = current(vu);
      if (step.kind == plan::StepKind::kHttp) return begin_request(vu, now);
      if (step.kind == plan::StepKind::kEnd) return finish_iteration(vu, intended);
      if (step.kind == plan::StepKind::kBurst) return begin_burst(vu, step, intended, now);
      if (step.kind == plan::StepKind::kBurstEnd) {
        if (!next_round(vu, intended)) return;
        pc = program_.bursts[current(users_[vu.user]).body].first_step;
        continue;
      }
      if (sessions_.is_step(step.kind)) {
        if (!take_session_step(vu, step, pc, intended, now)) return;
        ready = std::max(ready, intended);
        continue;
      }
      const Flow::Next next = flow_.take(vu, step, intended, render_context(vu, now));
      if (next.failed) return fail(vu, *next.failed, intended);
      // The control side ends the run; until then nothing more is asked of this user.
      if (next.aborted) return wait(vu, next.pc, intended, intended + std::chrono::hours{24});
      pc = next.pc;
      // The schedule is ahead of the user: it waits. Behind: the step was wanted before now.
      if (next.intended > std::max(intended, ready))
        return wait(vu, pc, next.intended, next.intended);
      ready = std::max(ready, intended);
      intended = next.intended;
    }
    wait(vu, pc, intended, now);  // others have a turn
  }

  // Goes on at `pc` at the moment `until`; the step there is wanted at `intended`.
  void wait(Vu& vu, std::uint32_t pc, TimePoint intended, TimePoint until) {
    vu.pc = pc;
    vu.intended = intended;
    vu.ready = until;
    vu.state = VuState::kThinking;
    requests_.watch(vu, until);
  }

  void begin_request(Vu& vu, TimePoint now) {
    vu.stage = stages_[vu.scenario].at(vu.intended);
    beginning_ = &vu;
    requests_.begin(vu, now);
    beginning_ = nullptr;
  }

  // What ends in the very moment it began (a limit of our own host) goes on in the next turn:
  // otherwise a loop of such requests would never let go.
  void go_on(Vu& vu, std::uint32_t pc, TimePoint at) {
    if (beginning_ == &vu) return wait(vu, pc, at, at);
    proceed(vu, pc, at, at, at);
  }

  void fail(Vu& vu, plan::FailReason why, TimePoint at) {
    // `fail` steps are counted under their own words.
    if (why != plan::FailReason::kFailStep) into_->recorder.count(reason(vu, why));
    sessions_.abandon(vu, at);
    if (!vu.is_hand()) return finish_iteration(vu, at, limits::kRestAfterFailure);
    users_[vu.user].burst_failed = 1;
    wait(vu, end_of_round(vu), at, at);
  }

  // An iteration that took no time at all would begin again in the same moment, for ever: its user
  // rests before the next one. In the open model arrivals decide.
  void finish_iteration(Vu& vu, TimePoint at, Duration rest = limits::kRest) {
    if (at <= vu.iteration_intended && !scenario(vu).open_model)
      vu.pace_until = std::max(vu.pace_until, at + rest);
    into_->recorder.count(series(vu).iterations);
    into_->recorder.trend(series(vu).iteration_duration, at - vu.iteration_intended);
    ++into_->health.completed;
    ++vu.iteration;
    if (vu.pace_until <= at) return release(vu, at);
    vu.state = VuState::kPacing;
    requests_.watch(vu, vu.pace_until);
  }

  void release(Vu& vu, TimePoint at) {
    vu.state = VuState::kIdle;
    finished_.push_back({vu.slot, at});
  }

  void cut_off(Vu& vu, TimePoint now) {
    switch (vu.state) {
      case VuState::kConnecting:
      case VuState::kWaiting:
      case VuState::kRetrying: requests_.interrupt(vu, now); break;
      case VuState::kIdle:
      case VuState::kThinking:
      case VuState::kPacing:
      case VuState::kBursting:
      case VuState::kOpening:
      case VuState::kHeld:
      case VuState::kReceiving:
      case VuState::kAcking:
      case VuState::kEchoing:
      case VuState::kClosing: break;
    }
    sessions_.abandon(vu, now);
    vu.cut = kNoStep;
    timers_.cancel(vu);
    vu.state = VuState::kIdle;
  }

  // ---- bursts -----------------------------------------------------------------------------------

  std::span<Vu> hands_of(const Vu& user) {
    const ScenarioUsers& users = layout_[user.scenario];
    const std::size_t hands = scenario(user).burst_hands;
    return {users_ + users.first_hand + (user.slot - users.first) * hands, hands};
  }

  void begin_burst(Vu& vu, const plan::Step& step, TimePoint at, TimePoint now) {
    const plan::Burst& burst = program_.bursts[step.body];
    vu.state = VuState::kBursting;
    vu.burst_failed = 0;
    reset_burst(burst, vu);
    const auto hands = std::min<std::uint64_t>(burst.concurrency, burst.count);
    for (Vu& hand : hands_of(vu).first(hands)) {
      hand.number = vu.number;
      hand.iteration = vu.iteration;
      hand.iteration_intended = at;
      ++vu.registers[burst.begun_register];
      wait(hand, burst.first_step, at, now);
    }
  }

  // A hand's round is over. True: it takes another one. The last one of all ends the burst.
  bool next_round(Vu& hand, TimePoint at) {
    Vu& user = users_[hand.user];
    const plan::Step& step = current(user);
    const plan::Burst& burst = program_.bursts[step.body];
    const auto count = static_cast<std::int64_t>(burst.count);
    std::int64_t& begun = user.registers[burst.begun_register];
    std::int64_t& ended = user.registers[burst.ended_register];
    ++ended;
    if (begun < count && user.burst_failed == 0) {
      ++begun;
      return true;
    }
    timers_.cancel(hand);
    hand.state = VuState::kIdle;
    if (ended == begun) {
      record_burst(burst, user, *into_);
      // A round that could not be carried out ends the iteration, as it would outside of a burst.
      wait(user, user.burst_failed != 0 ? step.on_failure : step.on_success, at, at);
    }
    return false;
  }

  std::uint32_t end_of_round(const Vu& hand) const {
    return program_.bursts[current(users_[hand.user]).body].end_step;
  }

  const plan::Program& program_;
  TimerQueue& timers_;
  Vu* users_;
  const std::vector<ScenarioUsers>& layout_;
  Flow flow_;
  Requests<Io, Runner> requests_;
  Sessions<Io, Runner> sessions_;
  std::vector<Finished> finished_;
  std::vector<Stages> stages_;  // of each scenario
  stats::Snapshot* into_ = nullptr;
  const Vu* beginning_ = nullptr;
  WallClock wall_;
  auth::Signers signers_;
};

}  // namespace gend::engine
