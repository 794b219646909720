#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "control/run.h"

namespace gend::control {

// A run's standing as the API shows it and as it is stored: the same words in both.
nlohmann::ordered_json to_json(const RunStatus& status);
std::optional<RunStatus> status_from_json(const nlohmann::ordered_json& json);

// 0..1 of the planned time; 1 when nothing was planned.
double progress_of(const RunStatus& status);
Duration time_left(const RunStatus& status);

}  // namespace gend::control
