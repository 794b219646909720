#pragma once

#include <nlohmann/json.hpp>

#include "control/run.h"

namespace gend::control {

nlohmann::ordered_json to_json(const RunStatus& status);  // as the API shows it

// 0..1 of the planned time; 1 when nothing was planned.
double progress_of(const RunStatus& status);
Duration time_left(const RunStatus& status);

}  // namespace gend::control
