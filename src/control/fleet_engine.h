#pragma once

#include "control/engine.h"

namespace gend::control {

// The engine that generates load: engine::Fleet on this host.
class FleetEngine final : public Engine {
 public:
  Expected<std::unique_ptr<Driver>> create(const plan::Program& program,
                                           const engine::FleetOptions& options) override;
  HostFacts host() const override;
  engine::Capacity needed(const plan::Program& program) const override;
};

}  // namespace gend::control
