#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "export/message.h"
#include "export/second.h"
#include "export/slots.h"

namespace gend::exporter {

struct StatsdStyle {
  enum class Tags : std::uint8_t {
    kNone,   // StatsD itself knows none: one name for a metric as a whole, facets left out
    kAppend  // DogStatsD's |#key:value,…, which Datadog, Telegraf and others read
  };
  std::string prefix = "gend.";
  Tags tags = Tags::kNone;
};

// A second as StatsD metrics (https://github.com/statsd/statsd/blob/master/docs/metric_types.md),
// in datagrams that fit an Ethernet frame. Counters |c, gauges |g, trends |ms: at most twenty
// values a second and name, each standing for the same number of samples (|@rate), so that both the
// server's count and its percentiles hold. Rates are two counters, NAME.hits and NAME.samples;
// requests are also counted as http_reqs.status.200 and http_reqs.error.timeout.
std::vector<Message> statsd_packets(const Slots& slots, const Second& second,
                                    const StatsdStyle& style, const FixedLabels& labels);

// What may stand in a name or a tag: letters, digits and `_-./`; everything else is `_`.
std::string statsd_word(std::string_view text);

}  // namespace gend::exporter
