#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "control/calibration_file.h"
#include "control/engine.h"
#include "doctor/judge.h"

// What this host can carry, as the process that would generate the load sees it (GET /v1/host).
namespace gend::control {

struct HostQuestion {
  doctor::Wish wish;
  std::optional<std::string> target;  // "shop.test:8080", "[::1]:80", "shop.test"
};

// ?connections=N&rate=R&target=HOST[:PORT]; the error says what is wrong.
std::expected<HostQuestion, std::string> host_question(
    const std::map<std::string, std::string>& query);

// How this gend would generate load.
struct HostSetUp {
  const engine::FleetOptions& fleet;
  const CalibrationFile& calibration;
};

// Resolves the target's name, looks its route up and makes rings for a moment; asks the target
// for nothing.
nlohmann::ordered_json host_view(const Engine& engine, const HostSetUp& set_up,
                                 const HostQuestion& question);

}  // namespace gend::control
