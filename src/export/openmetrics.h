#pragma once

#include <string>

#include "export/families.h"
#include "report/run_result.h"

namespace gend::exporter {

// The content type of the text, for the HTTP answer.
inline constexpr const char* kOpenMetricsType =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

// A run so far as OpenMetrics 1.0 text (https://prometheus.io/docs/specs/om/open_metrics_spec/);
// without a run (null) only gend_up and the build. docs/metrics.md lists the names. Counters begin
// at 0 with every run, which Prometheus' rate() takes for the reset that it is.
std::string openmetrics(const report::RunResult* result, Names names = Names::kGend);

}  // namespace gend::exporter
