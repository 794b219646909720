#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "report/history.h"

namespace gend::report {

// Every series over time as CSV (RFC 4180, UTF-8), a row for each series and window of `every`:
//   time, from_s, to_s    when: RFC 3339 in UTC, and seconds since the run began
//   of                    metric: the whole metric; series: a part of it by its tags, and all the
//                         parts of a metric make the whole; facet: the same samples from another
//                         side (stage, a column of the users' rows); end: of a tally (http_reqs),
//                         by status or error
//   metric, type, unit, scenario, name, method, tags    tags: all others, as key=value;key=value
//   count                 samples of a trend or a rate; what a counter counted
//   per_s                 count in a second
//   hits, share           of a rate
//   value                 of a gauge, at the window's end
//   min, avg, med, p90, p95, p99, max    of a trend; min and max of a gauge
// Cells that mean nothing for the type are empty; rows without a sample are left out.
std::string intervals_csv(const History& history, Duration every);

// One field: quoted when it must be. What a spreadsheet would take for a formula (it begins with
// = + - @, a tab or a carriage return) gets an apostrophe before it; numbers are not given here.
std::string csv_text(std::string_view text);

}  // namespace gend::report
