#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "base/time.h"
#include "engine/shard.h"
#include "plan/program.h"
#include "sim/io.h"
#include "sim/world.h"
#include "stats/snapshot.h"

namespace gend::sim {

// Time in which a shard does not run at all: SIGSTOP, a stolen CPU, a paused virtual machine.
struct Pause {
  std::uint32_t shard = 0;
  TimePoint from{}, to{};
};

// A whole run in virtual time: the shards of production, each on a sim::Io, one clock, one target.
class Driver {
 public:
  Driver(const plan::Program& program, Target& target, std::uint32_t shards,
         std::vector<Pause> pauses = {})
      : program_{program}, world_{target}, pauses_{std::move(pauses)}, total_{program.schema} {
    for (std::uint32_t i = 0; i < shards; ++i) {
      const engine::Share share{i, shards};
      const std::size_t users = engine::UserTable::size_of(program, share);
      const std::size_t connections = users * std::max<std::size_t>(program.endpoints.size(), 1);
      lanes_.push_back(std::make_unique<Lane>(program, world_, share, connections + 1));
      lanes_.back()->shard.begin(TimePoint{}, 0);
    }
  }

  // Runs to the end and returns the sum of all intervals.
  const stats::Snapshot& run() {
    while (Lane* lane = next_lane()) take_turn(*lane);
    return total_;
  }
  // Runs everything that happens before `until`.
  void run_until(TimePoint until) {
    for (Lane* lane = next_lane(); lane && lane->wakes_at < until; lane = next_lane())
      take_turn(*lane);
  }

  // Told now; a turn of every shard follows, as a doorbell would have it.
  void post(const engine::Command& command) {
    for (auto& lane : lanes_) {
      lane->shard.commands.put(command);
      lane->wakes_at = std::min(lane->wakes_at, std::max(command.at, world_.now()));
    }
  }
  const std::vector<std::uint64_t>& completed_per_interval() const { return completed_; }
  TimePoint now() const { return world_.now(); }

 private:
  struct Lane;
  void take_turn(Lane& lane) {
    world_.advance_to(lane.wakes_at);
    lane.running = lane.shard.turn();
    lane.wakes_at = after_pause(lane, std::max(lane.io.wakes_at(), world_.now()));
    collect(lane);
  }

  struct Lane {
    Lane(const plan::Program& program, World& world, engine::Share share, std::size_t connections)
        : io{world, connections}, shard{program, io, share}, index{share.index} {}
    Io io;
    engine::Shard<Io> shard;
    std::uint32_t index;
    TimePoint wakes_at{};
    bool running = true;
  };

  Lane* next_lane() {
    Lane* earliest = nullptr;
    for (auto& lane : lanes_)
      if (lane->running && (earliest == nullptr || lane->wakes_at < earliest->wakes_at))
        earliest = lane.get();
    return earliest;
  }

  TimePoint after_pause(const Lane& lane, TimePoint at) const {
    for (const Pause& pause : pauses_)
      if (pause.shard == lane.index && at >= pause.from && at < pause.to) return pause.to;
    return at;
  }

  void collect(Lane& lane) {
    engine::Delivery delivery;
    while (lane.shard.deliveries.take(delivery)) {
      if (completed_.size() <= delivery.index) completed_.resize(delivery.index + 1);
      completed_[delivery.index] += delivery.snapshot->health.completed;
      total_.merge(*delivery.snapshot, stats::Recorder::Over::kShards);
      delivery.snapshot->clear();
      lane.shard.empties.put(delivery.snapshot);
    }
  }

  const plan::Program& program_;
  World world_;
  std::vector<Pause> pauses_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  stats::Snapshot total_;
  std::vector<std::uint64_t> completed_;
};

}  // namespace gend::sim
