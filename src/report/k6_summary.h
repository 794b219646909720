#pragma once

#include <nlohmann/json.hpp>

namespace gend::report {

// k6's machine-readable summary, schema 1.0.0 (what k6 writes with --new-machine-readable-summary),
// made from a summary: version, metadata, config and results, and no member beside those. It has no
// place for what is gend's own. Metrics without a sample are left out, as k6 leaves out what it
// never saw; `k6Version` is gend's, and `generatedAt` the moment at which the run ended.
nlohmann::ordered_json k6_summary_json(const nlohmann::ordered_json& summary);

}  // namespace gend::report
