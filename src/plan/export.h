#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace gend::plan {

// Where the numbers of a run go while it goes on: an entry of the plan's `export`, or a --out.
struct Export {
  enum class Kind : std::uint8_t { kPrometheus, kInfluxdb, kStatsd };
  enum class Names : std::uint8_t { kGend, kK6 };
  enum class Trends : std::uint8_t { kBuckets, kNative };
  Kind kind = Kind::kPrometheus;
  std::string address;  // a URL; of StatsD host:port
  Duration every{};     // 0: as the kind has it
  Names names = Names::kGend;
  Trends trends = Trends::kBuckets;
  bool tags = false;    // StatsD's lines carry tags
  std::vector<std::pair<std::string, std::string>> labels, headers;
  std::string user, password;  // with `headers` never printed or stored
};

// What is wrong with an address, in words; nothing when it is one.
std::optional<std::string> complaint_of_address(Export::Kind kind, std::string_view address);

// "prometheus=http://…", "influxdb=http://…/k6", "statsd=host:port", also with k6's names; without
// an address k6's default. Nothing, and `why`, for anything else.
std::optional<Export> parse_out(std::string_view text, std::string& why);

}  // namespace gend::plan
