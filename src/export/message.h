#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gend::exporter {

// What goes over the wire at once: a body, or a datagram.
struct Message {
  std::string bytes;
  std::uint64_t samples = 0;  // in it, for what is told of losses
};

// What a person adds to every series.
using FixedLabels = std::vector<std::pair<std::string, std::string>>;

}  // namespace gend::exporter
