#pragma once

#include <expected>
#include <string>

#include "base/time.h"
#include "report/history.h"
#include "stats/threshold.h"

namespace gend::report {

// A HdrHistogram interval log (.hlog, version 1.3) with a line for each window of `every` and trend
// that has samples in it. Without a selector: all trends as whole metrics, each line tagged with
// its metric's name (Tag=http_req_duration). With one: what it selects, without a tag, which tools
// that know no tags read as well. Values are nanoseconds of times (millionths of other trends),
// maxima milliseconds (the metric's own unit); times are seconds since the run began, which is the
// BaseTime.
// The error is for the user of the selector.
std::expected<std::string, std::string> hdr_log(const History& history, Duration every,
                                                const stats::Selector* selector);

// The percentile distribution (.hgrm) of what the selector selects in the whole run, or of the
// requests: corrected when the plan has an open model, else service time; where a run sent no
// requests, of the first of its trends that has samples and is a time.
std::expected<std::string, std::string> hdr_percentiles(const History& history,
                                                        const stats::Selector* selector);

}  // namespace gend::report
