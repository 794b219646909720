#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "report/terminal.h"

namespace gend::report {

// The end-of-run text, made from a summary (summary_json.h) and nothing else, so that a stored run
// reads exactly as it did when it ended. Leads with the verdict. Ends in a newline.
std::string summary_text(const nlohmann::ordered_json& summary, const TextOptions& options);

}  // namespace gend::report
