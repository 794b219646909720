#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "doctor/calibration.h"
#include "report/terminal.h"

// The parts of `genctl calibrate` that are values: plans in, summaries and answers out.
namespace gend::cli {

// Which processors the private gend gets and which the target. With one there is nothing to divide.
struct Division {
  std::vector<int> gend, target;
  unsigned shards = 1;
};
Division divide(const std::vector<int>& cpus, std::optional<unsigned> shards);

// What is measured: "closed", "open" or "connections", as in doctor::Measurement.
struct Task {
  std::string kind;
  unsigned connections = 0;
  double rate = 0;  // of the open model
};
std::string plan_of(const Task& task, const std::string& target, unsigned seconds);

// What a run's summary says of it; the error when nothing can be concluded from that run. An open
// model that was not kept to has another verdict than CLEAN.
std::expected<doctor::Measurement, std::string> measured_by(const Task& task,
                                                            const nlohmann::ordered_json& summary);

// The daemon's answer to PUT /v1/calibration, for people.
std::string calibration_text(const nlohmann::ordered_json& kept,
                             const report::TextOptions& options);

}  // namespace gend::cli
