#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/time.h"
#include "engine/arrivals.h"
#include "engine/command.h"
#include "engine/made_up.h"
#include "engine/runner.h"
#include "engine/user_level.h"
#include "engine/user_table.h"
#include "plan/program.h"
#include "stats/snapshot.h"

namespace gend::engine {

// One scenario on one shard: says who begins an iteration when, by the rules of its executor.
template <class Io>
class ScenarioRun {
 public:
  ScenarioRun(const plan::Program& program, std::uint16_t index, const ScenarioUsers& here,
              TimePoint run_start, Runner<Io>& runner, Vu* users)
      : scenario_{program.scenarios[index]},
        index_{index},
        share_{here.share},
        open_{scenario_.open_model},
        controlled_{scenario_.executor == plan::Executor::kExternallyControlled},
        start_{run_start + scenario_.start_time},
        end_{start_ + scenario_.duration()},
        hard_end_{end_ + scenario_.graceful_stop},
        arrivals_{scenario_, program.seed, index},
        due_{arrivals_, share_},
        next_{arrivals_, share_},
        level_{Curve{open_ ? 0 : scenario_.start,
                     open_ ? std::vector<plan::Stage>{} : scenario_.stages}},
        runner_{runner},
        users_{users},
        user_count_{here.count},
        budget_{budget_of(scenario_, share_)} {
    if (open_)
      for (std::uint64_t i = user_count_; i > 0; --i) idle_.push_back(i - 1);
  }
  // The cursors point at arrivals_.
  ScenarioRun(const ScenarioRun&) = delete;
  ScenarioRun& operator=(const ScenarioRun&) = delete;

  void record_into(stats::Snapshot* snapshot) { into_ = snapshot; }

  // Begins what is due, ends what has to end. Called once a turn.
  void advance(TimePoint now) {
    if (share_.idle() || now < start_) return;
    if (open_)
      admit(now);
    else
      follow_level(now);
    while (!retiring_.empty() && retiring_.front().until <= now) retire_overdue(now);
    if (now >= end_ && !ended_) finish(now);
    if (now >= hard_end_ && busy_ > 0) interrupt_all(now);
  }

  // A user's iteration ended.
  void on_finished(Vu& vu, TimePoint at) {
    --busy_;
    tell_busy();
    vu.active = false;
    if (open_) {
      vu.free_since = at;
      idle_.push_back(local_of(vu));
      return;  // a waiting arrival takes it at the advance() that follows
    }
    if (vu.retiring || at >= end_ || paused_) {
      vu.retiring = false;
      return;
    }
    begin_next(vu, at, at);
  }

  // When advance() has something to do next.
  TimePoint next_due() const {
    if (share_.idle() || done()) return kNever;
    TimePoint due = ended_ ? hard_end_ : end_;
    if (!retiring_.empty()) due = std::min(due, retiring_.front().until);
    if (ended_) return due;
    if (open_ && !idle_.empty()) {
      if (const auto next = next_.due()) due = std::min(due, start_ + *next);
    }
    if (!open_ && !controlled_) {
      if (const auto step = level_.next()) due = std::min(due, start_ + step->at);
    }
    if (!open_ && controlled_ && !begun_) due = std::min(due, start_);
    return due;
  }

  bool done() const {
    if (share_.idle()) return true;
    return busy_ == 0 && (ended_ || budget_ == 0);
  }

  void stop(TimePoint now, Duration grace) {
    if (ended_ || share_.idle()) {
      hard_end_ = std::min(hard_end_, now + grace);
      return;
    }
    stopped_ = true;
    if (now < start_) {
      ended_ = true;  // never began
      return;
    }
    if (open_) admit(now);
    end_ = std::min(end_, now);
    hard_end_ = std::min(hard_end_, now + grace);
  }

  // Externally controlled scenarios obey from `command.at` on; the others have a plan.
  void obey(const Command& command) {
    if (!controlled_ || share_.idle() || ended_) return;
    const TimePoint at = std::max(command.at, start_);
    switch (command.kind) {
      case Command::Kind::kUsers:
        if (open_) break;
        wanted_ = users_of(command.value);
        asked_ = true;
        break;
      case Command::Kind::kRate:
        rate_ = command.value;
        if (open_ && !paused_) arrivals_.change_rate(at - start_, rate_);
        break;
      case Command::Kind::kPause:
        paused_ = true;
        if (open_) arrivals_.change_rate(at - start_, 0);
        break;
      case Command::Kind::kResume:
        if (paused_ && open_) arrivals_.change_rate(at - start_, rate_);
        paused_ = false;
        following_ = 0;  // those who stopped meanwhile begin again
        break;
      case Command::Kind::kStopGracefully:
      case Command::Kind::kStopNow: break;
    }
  }

  void record_gauges() {
    into_->recorder.gauge(scenario_.series.vus, static_cast<std::int64_t>(busy_));
    into_->recorder.gauge(scenario_.series.vus_max, static_cast<std::int64_t>(user_count_));
  }

  std::uint64_t users() const { return user_count_; }
  Duration graceful_stop() const { return scenario_.graceful_stop; }

 private:
  struct Retiring {
    TimePoint until;
    std::uint64_t local;
  };
  static constexpr std::uint64_t kNoBudget = std::numeric_limits<std::uint64_t>::max();

  // Iterations that this share may still begin; only executors that count them have a limit.
  static std::uint64_t budget_of(const plan::Scenario& scenario, Share share) {
    if (scenario.executor == plan::Executor::kSharedIterations)
      return share.how_many_of(scenario.iterations);
    if (scenario.executor == plan::Executor::kPerVuIterations)
      return share.how_many_of(scenario.max_vus) * scenario.iterations;
    return kNoBudget;
  }

  std::uint64_t local_of(const Vu& vu) const { return vu.number / share_.count; }
  std::uint64_t users_of(double total) const {
    const double most = static_cast<double>(scenario_.max_vus);
    return share_.how_many_of(static_cast<std::uint64_t>(std::clamp(total, 0.0, most)));
  }

  void plan_one() {
    ++into_->health.planned;
    into_->recorder.count(scenario_.series.planned);
  }

  void tell_busy() {
    if constexpr (MakesUpAnswers<Io>) runner_.io().users_at_work(index_, busy_);
  }

  void begin(Vu& vu, TimePoint intended, TimePoint ready, TimePoint now) {
    ++busy_;
    tell_busy();
    vu.active = true;
    runner_.start(vu, intended, ready, now);
  }

  // ---- open model -------------------------------------------------------------------------------

  // Arrivals that are due get an idle user, the one used last first; without one they wait, and
  // keep the moment they were wanted.
  void admit(TimePoint now) {
    const TimePoint until = std::min(now, end_ - Duration{1});
    for (auto due = due_.due(); due && start_ + *due <= until; due = due_.due()) {
      plan_one();
      ++waiting_arrivals_;
      due_.advance();
    }
    while (waiting_arrivals_ > 0 && !idle_.empty()) {
      Vu& vu = users_[idle_.back()];
      idle_.pop_back();
      const TimePoint intended = start_ + next_.due().value();
      vu.arrival = next_.number();
      next_.advance();
      --waiting_arrivals_;
      begin(vu, intended, std::max(intended, vu.free_since), now);
    }
  }

  // ---- closed model -----------------------------------------------------------------------------

  // The user goes on, unless its executor counts iterations and they are spent.
  void begin_next(Vu& vu, TimePoint at, TimePoint now) {
    const bool spent = scenario_.executor == plan::Executor::kPerVuIterations
                           ? vu.iteration >= scenario_.iterations
                           : budget_ == 0;
    if (spent) return;
    if (budget_ != kNoBudget) --budget_;
    plan_one();
    begin(vu, at, at, now);
  }

  void follow_level(TimePoint now) {
    if (controlled_) return follow_wanted(now);
    while (const auto step = level_.next()) {
      const TimePoint at = start_ + step->at;
      if (at > now || at >= end_ || ended_) return;
      level_.advance();
      if (!share_.owns(step->user)) continue;
      Vu& vu = users_[step->user / share_.count];
      if (step->change == UserLevel::Change::kEnd)
        retire(vu, at);
      else if (!vu.active)
        begin_next(vu, at, now);
      else
        vu.retiring = false;  // was on its way out, and is wanted again
    }
  }

  // Externally controlled: the users with the lowest numbers are the ones at work.
  void follow_wanted(TimePoint now) {
    if (!asked_) wanted_ = users_of(scenario_.start);
    asked_ = begun_ = true;
    if (ended_ || now >= end_) return;
    for (; following_ > wanted_; --following_) retire(users_[following_ - 1], now);
    if (paused_) return;
    for (std::uint64_t i = following_; i < wanted_; ++i) {
      users_[i].retiring = false;
      if (!users_[i].active) begin_next(users_[i], now, now);
    }
    following_ = wanted_;
  }

  void retire(Vu& vu, TimePoint at) {
    if (!vu.active) return;
    vu.retiring = true;
    vu.retire_at = at + scenario_.graceful_ramp_down;
    retiring_.push_back({vu.retire_at, local_of(vu)});
    runner_.release_paced(vu, at);
  }

  void retire_overdue(TimePoint now) {
    const Retiring entry = retiring_.front();
    retiring_.pop_front();
    Vu& vu = users_[entry.local];
    // Wanted again since, or retired anew with a later time: this entry is stale.
    if (vu.retiring && vu.retire_at == entry.until) interrupt(vu, now);
  }

  // ---- the end ----------------------------------------------------------------------------------

  // Nothing new begins; arrivals that never found a user, and iterations that there was no time
  // for, are dropped, with the reason.
  void finish(TimePoint now) {
    ended_ = true;
    for (std::uint64_t i = 0; i < user_count_; ++i) runner_.release_paced(users_[i], now);
    if (open_) {
      admit(now);
      drop(std::exchange(waiting_arrivals_, 0));
    } else if (budget_ != kNoBudget) {
      into_->health.planned += budget_;
      into_->recorder.count(scenario_.series.planned, budget_);
      drop(std::exchange(budget_, 0));
    }
  }

  void drop(std::uint64_t iterations) {
    into_->recorder.count(scenario_.series.dropped_iterations, iterations);
    if (stopped_)
      into_->health.dropped_stopped += iterations;
    else if (open_)
      into_->health.dropped_no_user += iterations;
    else
      into_->health.dropped_no_time += iterations;
  }

  void interrupt(Vu& vu, TimePoint now) {
    if (vu.state == VuState::kIdle) return;  // ended by itself just now; its end is on the way
    vu.retiring = vu.active = false;
    --busy_;
    tell_busy();
    runner_.interrupt(vu, now);
  }

  void interrupt_all(TimePoint now) {
    for (std::uint64_t i = 0; i < user_count_; ++i) interrupt(users_[i], now);
  }

  const plan::Scenario& scenario_;
  std::uint16_t index_;
  Share share_;
  bool open_, controlled_;
  bool ended_ = false, stopped_ = false;
  TimePoint start_, end_, hard_end_;
  Arrivals arrivals_;
  ArrivalCursor due_, next_;  // those that are due, and those that have begun
  std::uint64_t waiting_arrivals_ = 0;  // due, and no user was free
  UserLevel level_;
  Runner<Io>& runner_;
  Vu* users_;
  std::uint64_t user_count_;
  std::uint64_t budget_;
  std::vector<std::uint64_t> idle_;  // open model: local numbers, last used on top
  std::deque<Retiring> retiring_;    // in order of time
  std::uint64_t busy_ = 0;           // users with an iteration under way
  // Externally controlled.
  // Of users who are controlled: a number of them is wanted; they have begun.
  bool paused_ = false, asked_ = false, begun_ = false;
  double rate_ = scenario_.start;
  std::uint64_t wanted_ = 0, following_ = 0;  // local users
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
