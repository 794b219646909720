#pragma once

#include <nlohmann/json.hpp>

#include "doctor/judge.h"

namespace gend::doctor {

// As GET /v1/host and `genctl doctor --json` show it; docs/operations.md describes the members.
nlohmann::ordered_json to_json(const Finding& finding);
nlohmann::ordered_json to_json(const Wish& wish);

}  // namespace gend::doctor
