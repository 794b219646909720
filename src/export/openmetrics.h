#pragma once

#include <string>
#include <string_view>

#include "report/run_result.h"
#include "stats/schema.h"

namespace gend::exporter {

// The content type of the text, for the HTTP answer.
inline constexpr const char* kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

// A run so far as OpenMetrics 1.0 text (https://prometheus.io/docs/specs/om/open_metrics_spec/);
// without a run (null) only gend_up and the build. docs/metrics.md lists the names. Counters begin
// at 0 with every run, which Prometheus' rate() takes for the reset that it is.
std::string openmetrics(const report::RunResult* result);

// The families a metric is exported as: "gend_http_req_duration_seconds", "gend_data_sent_bytes",
// "gend_checks_hits, gend_checks_samples"; counters add "_total" in the text.
std::string exported_names(const stats::Metric& metric);

// A tag's key as a label's name. Most are valid already; others, those that would collide with
// labels of ours (le, status, error, names beginning with two underscores or tag_) become tag_…
// with every odd character as _ and its code in two hexadecimal digits: no two keys become one.
std::string label_name(std::string_view tag);

}  // namespace gend::exporter
