#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace gend::report {

// The report as Markdown (GFM), for pull requests, issues and wikis: the verdict first, then what a
// reviewer looks at. Made from a summary and nothing else. Long tables are cut, and say so, because
// a comment on GitHub holds 65,536 characters.
std::string summary_markdown(const nlohmann::ordered_json& summary);

}  // namespace gend::report
