#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "store/keep.h"

namespace gend::control {

// /etc/gend/gend.yaml: what the owner of the host decides. Command line flags go before it.
struct Config {
  unsigned shards = 0;  // 0: one for each CPU
  bool pin = true;
  // Targets outside these blocks are refused. The default is this host and private networks;
  // link-local is not in it, because cloud metadata services live there.
  std::vector<std::string> allow{"127.0.0.0/8",    "::1/128",        "10.0.0.0/8",
                                 "172.16.0.0/12",  "192.168.0.0/16", "fc00::/7"};
  store::Keep keep;  // of the results
  unsigned stop_seconds = 5;  // how long a run may take to end when gend is told to stop
};

// All mistakes of the text in one message, a line each: "gend.yaml:3: …".
Expected<Config> parse_config(const std::string& file_name, const std::string& text);

// Reads the file. One that does not exist gives the defaults when nobody named it.
Expected<Config> load_config(const std::optional<std::string>& named);

}  // namespace gend::control
