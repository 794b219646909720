#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/terminal.h"

namespace gend::cli {

// What a person reads of a simulation (gend/simulation_json.h), made from its JSON and nothing
// else.
std::string simulation_text(const nlohmann::ordered_json& simulation,
                            const report::TextOptions& options);

}  // namespace gend::cli
