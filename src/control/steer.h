#pragma once

#include <optional>
#include <string>

#include "engine/command.h"
#include "plan/program.h"

// Changing the load of a run that goes on: scenarios with the executor externally-controlled.
namespace gend::control {

// "users set to 50", "rate set to 12.5/s", "paused", "resumed".
std::string describe(const engine::Command& command);

// Why `command` cannot be obeyed with this plan; nothing when it can.
std::optional<std::string> refusal_of(const engine::Command& command,
                                      const plan::Program& program);

}  // namespace gend::control
