#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/assert.h"
#include "base/time.h"
#include "engine/pacer.h"
#include "engine/runner.h"
#include "engine/user_level.h"
#include "plan/program.h"
#include "stats/snapshot.h"

namespace gend::engine {

// Which part of a run a shard has: users and arrivals are numbered globally, and shard i of n owns
// those with number mod n = i. n shards together do exactly what one would.
struct Share {
  std::uint32_t index = 0, count = 1;

  // No more owners than users, or a shard without users would own arrivals.
  static Share of_scenario(Share shard, std::uint64_t max_vus) {
    const auto owners = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(shard.count, std::max<std::uint64_t>(max_vus, 1)));
    return {shard.index, owners};
  }
  bool idle() const { return index >= count; }
  bool owns(std::uint64_t number) const { return number % count == index; }
  std::uint64_t how_many_of(std::uint64_t total) const {
    return idle() || total <= index ? 0 : (total - index - 1) / count + 1;
  }
};

// One scenario on one shard: says who begins an iteration when, by the rules of its executor.
template <class Io>
class ScenarioRun {
 public:
  ScenarioRun(const plan::Scenario& scenario, Share share, TimePoint run_start, Runner<Io>& runner,
              Vu* users)
      : scenario_{scenario},
        share_{Share::of_scenario(share, scenario.max_vus)},
        open_{plan::is_open_model(scenario.executor)},
        start_{run_start + scenario.start_time},
        end_{start_ + scenario.duration()},
        hard_end_{end_ + scenario.graceful_stop},
        pacer_{Curve{open_ ? scenario.start : 0,
                     open_ ? scenario.stages : std::vector<plan::Stage>{}}},
        level_{Curve{open_ ? 0 : scenario.start,
                     open_ ? std::vector<plan::Stage>{} : scenario.stages}},
        runner_{runner},
        users_{users},
        user_count_{share_.how_many_of(scenario.max_vus)},
        next_arrival_{share_.index},
        next_due_arrival_{share_.index} {
    if (open_)
      for (std::uint64_t i = user_count_; i > 0; --i) idle_.push_back(i - 1);
  }

  static std::uint64_t users_on(const plan::Scenario& scenario, Share shard) {
    return Share::of_scenario(shard, scenario.max_vus).how_many_of(scenario.max_vus);
  }
  std::uint64_t number_of(std::uint64_t local) const { return local * share_.count + share_.index; }

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
    vu.active = false;
    if (open_) {
      vu.free_since = at;
      idle_.push_back(local_of(vu));
      return;  // a waiting arrival takes it at the advance() that follows
    }
    if (vu.retiring || at >= end_) {
      vu.retiring = false;
      return;
    }
    plan_one();
    begin(vu, at, at, at);
  }

  // When advance() has something to do next.
  TimePoint next_due() const {
    if (share_.idle() || done()) return kNever;
    TimePoint due = ended_ ? hard_end_ : end_;
    if (!retiring_.empty()) due = std::min(due, retiring_.front().until);
    if (open_ && !idle_.empty() && !ended_ && next_arrival_ < pacer_.total())
      due = std::min(due, start_ + pacer_.due(next_arrival_));
    if (!open_ && !ended_) {
      if (const auto step = level_.next()) due = std::min(due, start_ + step->at);
    }
    return due;
  }

  bool done() const { return share_.idle() || (ended_ && busy_ == 0); }

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

  std::uint64_t local_of(const Vu& vu) const { return vu.number / share_.count; }

  void plan_one() {
    ++into_->health.planned;
    into_->recorder.count(scenario_.series.planned);
  }

  void begin(Vu& vu, TimePoint intended, TimePoint ready, TimePoint now) {
    ++busy_;
    vu.active = true;
    runner_.start(vu, intended, ready, now);
  }

  // ---- open model ------------------------------------------------------------------------------

  // Arrivals that are due get an idle user, the one used last first; without one they wait, and
  // keep the moment they were wanted.
  void admit(TimePoint now) {
    const TimePoint until = std::min(now, end_ - Duration{1});
    while (next_due_arrival_ < pacer_.total() && start_ + pacer_.due(next_due_arrival_) <= until) {
      plan_one();
      next_due_arrival_ += share_.count;
    }
    while (next_arrival_ < next_due_arrival_ && !idle_.empty()) {
      Vu& vu = users_[idle_.back()];
      idle_.pop_back();
      const TimePoint intended = start_ + pacer_.due(next_arrival_);
      next_arrival_ += share_.count;
      begin(vu, intended, std::max(intended, vu.free_since), now);
    }
  }

  // ---- closed model ----------------------------------------------------------------------------

  void follow_level(TimePoint now) {
    while (const auto step = level_.next()) {
      const TimePoint at = start_ + step->at;
      if (at > now || at >= end_ || ended_) return;
      level_.advance();
      if (!share_.owns(step->user)) continue;
      Vu& vu = users_[step->user / share_.count];
      if (step->change == UserLevel::Change::kEnd) {
        retire(vu, at);
      } else if (!vu.active) {
        plan_one();
        begin(vu, at, at, now);
      } else {
        vu.retiring = false;  // was on its way out, and is wanted again
      }
    }
  }

  void retire(Vu& vu, TimePoint at) {
    if (!vu.active) return;
    vu.retiring = true;
    vu.retire_at = at + scenario_.graceful_ramp_down;
    retiring_.push_back({vu.retire_at, local_of(vu)});
  }

  void retire_overdue(TimePoint now) {
    const Retiring entry = retiring_.front();
    retiring_.pop_front();
    Vu& vu = users_[entry.local];
    // Wanted again since, or retired anew with a later time: this entry is stale.
    if (vu.retiring && vu.retire_at == entry.until) interrupt(vu, now);
  }

  // ---- the end ---------------------------------------------------------------------------------

  // Nothing new begins; arrivals that never found a user are dropped, with the reason.
  void finish(TimePoint now) {
    ended_ = true;
    if (!open_) return;
    admit(now);
    const std::uint64_t waiting = (next_due_arrival_ - next_arrival_) / share_.count;
    into_->recorder.count(scenario_.series.dropped_iterations, waiting);
    if (stopped_)
      into_->health.dropped_stopped += waiting;
    else
      into_->health.dropped_no_user += waiting;
    next_arrival_ = next_due_arrival_ = pacer_.total();
  }

  void interrupt(Vu& vu, TimePoint now) {
    if (vu.state == VuState::kIdle) return;  // ended by itself just now; its end is on the way
    vu.retiring = vu.active = false;
    --busy_;
    runner_.interrupt(vu, now);
  }

  void interrupt_all(TimePoint now) {
    for (std::uint64_t i = 0; i < user_count_; ++i) interrupt(users_[i], now);
  }

  const plan::Scenario& scenario_;
  Share share_;
  bool open_;
  bool ended_ = false, stopped_ = false;
  TimePoint start_, end_, hard_end_;
  Pacer pacer_;
  UserLevel level_;
  Runner<Io>& runner_;
  Vu* users_;
  std::uint64_t user_count_;
  std::uint64_t next_arrival_, next_due_arrival_;  // global numbers of this shard's own
  std::vector<std::uint64_t> idle_;                // open model: local numbers, last used on top
  std::deque<Retiring> retiring_;                  // in order of time
  std::uint64_t busy_ = 0;                         // users with an iteration under way
  stats::Snapshot* into_ = nullptr;
};

}  // namespace gend::engine
