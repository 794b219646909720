#pragma once

#include <string>
#include <string_view>

#include "export/message.h"
#include "export/second.h"
#include "export/slots.h"

namespace gend::exporter {

// A second as InfluxDB's line protocol
// (https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/): one line for
// each series that measured anything. The measurement is the metric's name, tags are tags, times
// are milliseconds, as k6 writes them. Fields: `value` everywhere (what was counted in this second,
// the level, the share, the mean); of rates `hits` and `samples`; of trends `count`, `sum`, `min`,
// `max`, `p50`, `p90`, `p95`, `p99`. Facets are measurements of their own: NAME_by_TAG.
Message influx_lines(const Slots& slots, const Second& second, const FixedLabels& labels);

// A name or value with what the protocol would take for its own escaped. What it has no form for is
// replaced: line ends and other control characters by a space, a backslash by a slash.
std::string influx_escaped(std::string_view text);

}  // namespace gend::exporter
