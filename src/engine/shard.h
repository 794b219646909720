#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/time.h"
#include "base/timer_queue.h"
#include "engine/command.h"
#include "engine/interval.h"
#include "engine/mailbox.h"
#include "engine/runner.h"
#include "engine/scenario_run.h"
#include "engine/user_table.h"
#include "engine/wait_policy.h"
#include "ledger/board.h"
#include "net/counters.h"
#include "plan/program.h"
#include "ring/wait.h"
#include "stats/snapshot.h"

namespace gend::engine {

// One core's part of a run: its users, its sockets, its measurements. Shares nothing with other
// shards but the program; messages come in, snapshots go out.
template <class Io>
class Shard {
 public:
  static constexpr std::size_t kSnapshots = 3;  // one being written, two on their way

  // `board`: the run's ledger, shared by its shards; null: this shard is the whole run.
  Shard(const plan::Program& program, Io& io, Share share, ledger::Board* board = nullptr)
      : program_{program},
        io_{io},
        share_{share},
        policy_{io.stamps()},
        users_{program, share},
        own_board_{board == nullptr ? std::make_unique<ledger::Board>(ledger::BoardOptions{})
                                    : nullptr},
        runner_{program,
                io,
                timers_,
                users_.users(),
                users_.size(),
                users_.layout(),
                {users_.users(), users_.sessions(), own_board_ ? own_board_.get() : board,
                 board == nullptr ? 0 : share.index}} {
    for (auto& snapshot : snapshots_) snapshot = std::make_unique<stats::Snapshot>(program.schema);
    for (std::size_t i = 1; i < kSnapshots; ++i) empties.put(snapshots_[i].get());
    active_ = snapshots_[0].get();
  }
  ~Shard() {
    for (std::size_t i = 0; i < users_.size(); ++i) timers_.cancel(users_.users()[i]);
  }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // `start` is the same for all shards; call once, before the first turn.
  void begin(TimePoint start, std::int64_t wall_ms_at_start, Duration interval = kInterval) {
    start_ = start;
    interval_ = interval;
    next_boundary_ = start + interval;
    last_now_ = start;
    cpu_before_ = io_.cpu_time();
    active_->recorder.from = start;
    runner_.set_wall_clock({wall_ms_at_start, start});
    for (std::size_t i = 0; i < program_.scenarios.size(); ++i) {
      const ScenarioUsers& here = users_.layout()[i];
      runs_.emplace_back(program_, static_cast<std::uint16_t>(i), here, start, runner_,
                         users_.users() + here.first);
    }
    record_into(active_);
  }

  // One turn of the shard's loop. False when the run is over here and everything was handed over.
  bool turn() {
    const TimePoint now = io_.now();
    note_turn(now);
    // First, so that what is due at a boundary belongs to the interval that begins there.
    if (now >= next_boundary_ && closing_since_ == kNever) deliver(now);
    obey_commands(now);
    timers_.expire(now, [&](Timer& timer) { runner_.on_timer(static_cast<Vu&>(timer), now); });
    runner_.expire_sessions(now);
    advance(now);
    if (over()) return finish_turn(now);
    const ring::Wait how = wait_for(next_deadline());
    planned_wake_ = how.deadline;
    io_.wait(how, runner_);
    return true;
  }

  Mailbox<Command, 64> commands;         // control -> shard
  Mailbox<stats::Snapshot*, 4> empties;  // control -> shard
  Mailbox<Delivery, 4> deliveries;       // shard -> control

 private:
  void record_into(stats::Snapshot* snapshot) {
    active_ = snapshot;
    runner_.record_into(snapshot);
    for (auto& run : runs_) run.record_into(snapshot);
  }

  void obey_commands(TimePoint now) {
    Command command;
    while (commands.take(command)) {
      for (auto& run : runs_) {
        if (command.kind == Command::Kind::kStopGracefully)
          run.stop(now, run.graceful_stop());
        else if (command.kind == Command::Kind::kStopNow)
          run.stop(now, Duration::zero());
        else
          run.obey(command);
      }
    }
  }

  // Iterations that ended free their users, which may begin the next at once. Those that end in the
  // same instant (a request that cannot even be sent) wait for the next turn, or this would not
  // end.
  void advance(TimePoint now) {
    finished_.swap(runner_.finished());
    for (const auto& [slot, at] : finished_)
      runs_[users_.users()[slot].scenario].on_finished(users_.users()[slot], at);
    finished_.clear();
    for (auto& run : runs_) run.advance(now);
  }

  bool over() {
    if (!runner_.finished().empty()) return false;
    return std::all_of(runs_.begin(), runs_.end(), [](const auto& run) { return run.done(); });
  }

  TimePoint next_deadline() {
    // Iterations that ended within this turn have successors to begin: no sleep.
    if (!runner_.finished().empty()) return last_now_;
    TimePoint deadline = std::min({timers_.next(), runner_.next_of_sessions(), next_boundary_});
    for (const auto& run : runs_) deadline = std::min(deadline, run.next_due());
    return deadline;
  }

  ring::Wait wait_for(TimePoint deadline) const {
    return policy_.wait(deadline, runner_.waiting(), runner_.typical_service());
  }

  // The end: connections are closed in good order, bounded in time, and the last interval goes out.
  bool finish_turn(TimePoint now) {
    if (closing_since_ == kNever) {
      closing_since_ = now;
      for (std::size_t i = 0; i < users_.size(); ++i)
        runner_.close_connections(users_.users()[i]);
    }
    constexpr Duration kPatience = std::chrono::seconds{2};
    if (io_.open_connections() > 0 && now < closing_since_ + kPatience) {
      runner_.expire_sessions(now);
      io_.wait({.deadline = std::min(closing_since_ + kPatience, runner_.next_of_sessions())},
               runner_);
      return true;
    }
    complete(closing_since_);
    deliveries.put(
        {active_, static_cast<std::uint64_t>((closing_since_ - start_) / interval_), true});
    return false;
  }

  void deliver(TimePoint now) {
    const auto index = static_cast<std::uint64_t>((now - start_) / interval_) - 1;
    next_boundary_ = start_ + interval_ * static_cast<std::int64_t>(index + 2);
    stats::Snapshot* empty = nullptr;
    // The control side is slow: this interval goes on, and nothing is lost.
    if (!empties.take(empty)) return;
    complete(start_ + interval_ * static_cast<std::int64_t>(index + 1));
    stats::Snapshot* full = active_;
    empty->recorder.from = full->recorder.to;
    record_into(empty);
    deliveries.put({full, index, false});
  }

  // Fills in what is only known at the end of an interval.
  void complete(TimePoint to) {
    for (auto& run : runs_) run.record_gauges();
    stats::GeneratorHealth& health = active_->health;
    active_->recorder.to = to;
    health.wall = to - active_->recorder.from;
    const Duration cpu = io_.cpu_time();
    health.busy = cpu - cpu_before_;
    cpu_before_ = cpu;
    health.busiest_shard = share_.index;
    if (health.wall >= std::chrono::milliseconds{500})
      health.busiest = to_seconds(health.busy) / to_seconds(health.wall);
    const net::IoCounters counted = io_.counters();
    health.syscalls =
        counted.enters + counted.socket_calls - counted_.enters - counted_.socket_calls;
    health.buffer_starved = counted.buffer_starved - counted_.buffer_starved;
    health.cq_overflows = counted.overflows - counted_.overflows;
    counted_ = counted;
  }

  // A stall: this turn began later than the last one asked for.
  void note_turn(TimePoint now) {
    stats::GeneratorHealth& health = active_->health;
    ++health.loops;
    const TimePoint wanted = std::max(planned_wake_, last_now_);
    if (now > wanted) health.longest_stall = std::max(health.longest_stall, now - wanted);
    last_now_ = now;
    policy_.note_turn(now);
  }

  const plan::Program& program_;
  Io& io_;
  Share share_;
  WaitPolicy policy_;
  UserTable users_;
  TimerQueue timers_;
  std::unique_ptr<ledger::Board> own_board_;
  Runner<Io> runner_;
  std::deque<ScenarioRun<Io>> runs_;  // a deque: they never move
  std::vector<typename Runner<Io>::Finished> finished_;  // being worked off
  std::unique_ptr<stats::Snapshot> snapshots_[kSnapshots];
  stats::Snapshot* active_ = nullptr;
  TimePoint start_{}, next_boundary_{}, last_now_{};
  Duration interval_ = kInterval;
  TimePoint planned_wake_ = kNever, closing_since_ = kNever;
  Duration cpu_before_{};
  net::IoCounters counted_;  // at the end of the interval before
};

}  // namespace gend::engine
