#include "control/fleet_engine.h"

#include <utility>

#include "net/host.h"

namespace gend::control {

namespace {

class FleetDriver final : public Driver {
 public:
  explicit FleetDriver(std::unique_ptr<engine::Fleet> fleet) : fleet_{std::move(fleet)} {}
  void start(TimePoint at) override { fleet_->start(at); }
  TimePoint started_at() const override { return fleet_->started_at(); }
  engine::Fleet::Collected collect(stats::Snapshot& into, Duration max_wait) override {
    return fleet_->collect(into, max_wait);
  }
  void stop(engine::Fleet::Stop how) override { fleet_->stop(how); }
  void command(const engine::Command& command) override { fleet_->command(command); }
  unsigned shards() const override { return fleet_->shards(); }
  engine::Capacity capacity() const override { return fleet_->capacity(); }
  std::vector<std::string> warnings() const override { return fleet_->warnings(); }
  std::string ring_description() const override { return fleet_->ring_description(); }
  std::vector<ledger::RoomTotals> rooms() const override { return fleet_->rooms(); }

 private:
  std::unique_ptr<engine::Fleet> fleet_;
};

}  // namespace

Expected<std::unique_ptr<Driver>> FleetEngine::create(const plan::Program& program,
                                                      const engine::FleetOptions& options) {
  auto fleet = engine::Fleet::create(program, options);
  if (!fleet) return std::unexpected{fleet.error()};
  return std::make_unique<FleetDriver>(std::move(*fleet));
}

HostFacts FleetEngine::host() const { return net::read_host_facts(); }

engine::RingTrial FleetEngine::try_rings(char profile, unsigned shards,
                                         std::uint64_t connections) const {
  return engine::try_rings(profile, shards, connections);
}

engine::Capacity FleetEngine::needed(const plan::Program& program) const {
  return engine::needed_capacity(program);
}

}  // namespace gend::control
