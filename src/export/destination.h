#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "export/families.h"
#include "export/message.h"
#include "export/remote_write.h"
#include "export/statsd.h"

namespace gend::exporter {

// Where a run's numbers go while it goes on, and in which form.
struct Destination {
  enum class Kind : std::uint8_t { kPrometheus, kInfluxdb, kStatsd };
  Kind kind = Kind::kPrometheus;
  std::string address;  // a URL without credentials; of StatsD host:port
  Duration every{};     // between two pushes; a second is the shortest
  Names names = Names::kGend;
  Trends trends = Trends::kBuckets;
  StatsdStyle::Tags tags = StatsdStyle::Tags::kNone;
  FixedLabels labels;
  std::vector<std::pair<std::string, std::string>> headers;  // of requests; values may be secret
  std::string user, password;                                // of basic authentication
};
std::string_view name_of(Destination::Kind kind);  // "prometheus", "influxdb", "statsd"

// "prometheus http://…", for people.
std::string shown(const Destination& destination);

}  // namespace gend::exporter
