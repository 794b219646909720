#include "control/steer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/limits.h"

namespace gend::control {

namespace {

using Kind = engine::Command::Kind;

// What a command can be about.
struct Controlled {
  std::size_t users = 0, rates = 0;  // scenarios
  std::uint64_t max_vus = ~std::uint64_t{0};  // the smallest among those with users
};

Controlled controlled_of(const plan::Program& program) {
  Controlled found;
  for (const plan::Scenario& scenario : program.scenarios) {
    if (scenario.executor != plan::Executor::kExternallyControlled) continue;
    if (scenario.open_model) {
      ++found.rates;
    } else {
      ++found.users;
      found.max_vus = std::min(found.max_vus, scenario.max_vus);
    }
  }
  return found;
}

std::optional<std::string> refuse_users(double users, const Controlled& controlled) {
  if (controlled.users == 0)
    return "the plan's externally-controlled scenarios have a rate, not users (genctl rate)";
  if (users >= 0 && users <= static_cast<double>(controlled.max_vus) && users == std::floor(users))
    return std::nullopt;
  return fmt::format("{:g} users, expected a whole number from 0 to maxVUs, which is {}", users,
                     controlled.max_vus);
}

std::optional<std::string> refuse_rate(double rate, const Controlled& controlled) {
  if (controlled.rates == 0)
    return "the plan's externally-controlled scenarios have users, not a rate (genctl users)";
  if (rate >= 0 && rate <= limits::kRatePerSecond) return std::nullopt;
  return fmt::format("{:g} a second, expected 0 to {:g}", rate, limits::kRatePerSecond);
}

}  // namespace

std::string describe(const engine::Command& command) {
  switch (command.kind) {
    case Kind::kStopGracefully: return "stopped";
    case Kind::kStopNow: return "stopped at once";
    case Kind::kUsers: return fmt::format("users set to {:.0f}", command.value);
    case Kind::kRate: return fmt::format("rate set to {:g}/s", command.value);
    case Kind::kPause: return "paused";
    case Kind::kResume: return "resumed";
  }
  return {};
}

std::optional<std::string> refusal_of(const engine::Command& command,
                                      const plan::Program& program) {
  const Controlled controlled = controlled_of(program);
  if (controlled.users + controlled.rates == 0)
    return "the plan has no scenario with the executor externally-controlled";
  switch (command.kind) {
    case Kind::kUsers: return refuse_users(command.value, controlled);
    case Kind::kRate: return refuse_rate(command.value, controlled);
    case Kind::kPause: case Kind::kResume: case Kind::kStopGracefully: case Kind::kStopNow: break;
  }
  return std::nullopt;
}

}  // namespace gend::control
