#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/terminal.h"

namespace gend::cli {

enum class Whose : std::uint8_t { kDaemon, kPrivate };

// GET /v1/host for people: what stops a load first, then every finding in its group, each with what
// it means and the commands that change it.
std::string doctor_text(const nlohmann::ordered_json& view, Whose whose,
                        const report::TextOptions& options);

}  // namespace gend::cli
