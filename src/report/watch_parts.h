#pragma once

#include "report/watch_line.h"
#include "report/watch_state.h"

// The parts that draw_watch() is made of. Nothing here is higher or wider than it is told to be;
// all names from plans and servers are escaped here.
namespace gend::report {

// A heading and the rows below it; the panel that shows it whole.
struct WatchSection {
  DrawnLine heading;
  DrawnLines rows;
  WatchPanel panel;
  std::size_t head_rows = 0;  // of `rows`: the names of columns, which alone say nothing
  bool empty() const { return rows.size() <= head_rows; }
};

// watch_tables.cc: what the summary holds, so far.
WatchSection thresholds_section(const Json& summary, const Pen& pen);  // failing ones first
WatchSection errors_section(const Json& summary, const Pen& pen);
WatchSection checks_section(const Json& summary, const Pen& pen);      // failing ones first
WatchSection events_section(const Json& summary, const Pen& pen);      // the latest one first
WatchSection warnings_section(const Json& summary, const Pen& pen);

// watch_steps.cc
WatchSection steps_section(const Json& summary, const Pen& pen);
WatchSection sessions_section(const Json& summary, const Pen& pen);
WatchSection deliveries_section(const Json& summary, const Pen& pen);  // the worst rooms first

// watch_overview.cc: everything in `rows` lines, the most important first.
DrawnLines overview_lines(const WatchState& state, const Pen& pen, std::size_t rows);

}  // namespace gend::report
