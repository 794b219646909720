#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "export/exposition.h"
#include "stats/recorder.h"
#include "stats/schema.h"

namespace gend::exporter {

// Whose names metrics are exported under: gend's, or those that k6's Prometheus output uses, which
// dashboards made for k6 ask for. docs/metrics.md lists both.
enum class Names : std::uint8_t { kGend, kK6 };

// Every metric of a schema as it stands in `recorder`, family by family.
void write_families(Exposition& out, const stats::Schema& schema, const stats::Recorder& recorder,
                    Names names);

// The families a metric is exported as: "gend_http_req_duration_seconds", "gend_data_sent_bytes",
// "gend_checks_hits, gend_checks_samples"; counters add "_total" in the text.
std::string exported_names(const stats::Metric& metric);

// A tag's key as a label's name. Most are valid already; others, those that would collide with
// labels of ours (le, status, error, names beginning with two underscores or tag_) become tag_…
// with every odd character as _ and its code in two hexadecimal digits: no two keys become one.
std::string label_name(std::string_view tag);

}  // namespace gend::exporter
