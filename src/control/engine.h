#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/host_facts.h"
#include "engine/command.h"
#include "engine/fleet.h"
#include "engine/ring_trial.h"
#include "plan/program.h"
#include "stats/snapshot.h"

// The seam between the control side and what generates load. Two implementations: the real one
// (control/fleet_engine.h: engine::Fleet) and the tests' (tests/control/fake_engine.h), which never
// sends anything. The words mean what they mean in engine/fleet.h.
namespace gend::control {

// One run under way. Used from one thread.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual void start(TimePoint at) = 0;
  virtual TimePoint started_at() const = 0;
  virtual engine::Fleet::Collected collect(stats::Snapshot& into, Duration max_wait) = 0;
  virtual void stop(engine::Fleet::Stop how) = 0;
  virtual void command(const engine::Command& command) = 0;
  virtual unsigned shards() const = 0;
  virtual engine::Capacity capacity() const = 0;
  virtual std::vector<std::string> warnings() const = 0;
  virtual std::string ring_description() const = 0;
  virtual std::vector<ledger::RoomTotals> rooms() const = 0;
};

// Makes drivers. Used from many threads at once.
class Engine {
 public:
  virtual ~Engine() = default;
  // `program` must outlive the driver.
  virtual Expected<std::unique_ptr<Driver>> create(const plan::Program& program,
                                                   const engine::FleetOptions& options) = 0;
  virtual HostFacts host() const = 0;
  // Whether rings can be made here.
  virtual engine::RingTrial try_rings(char profile, unsigned shards,
                                      std::uint64_t connections) const = 0;
  virtual engine::Capacity needed(const plan::Program& program) const = 0;
};

}  // namespace gend::control
