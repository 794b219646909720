#pragma once

#include "control/engine.h"

namespace gend::control {

// The engine that generates load: engine::Fleet on this host.
class FleetEngine final : public Engine {
 public:
  Expected<std::unique_ptr<Driver>> create(const plan::Program& program,
                                           const engine::FleetOptions& options) override;
  HostFacts host() const override;
  engine::RingTrial try_rings(char profile, unsigned shards,
                              std::uint64_t connections) const override;
  engine::Capacity needed(const plan::Program& program) const override;
};

}  // namespace gend::control
