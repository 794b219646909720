#pragma once

#include <expected>
#include <map>
#include <string>

#include "sim/model.h"

namespace gend::sim {

// A model as it is written on a command line, without the dashes: latency, workers, queue, fail
// ("1%" or 0.01), bytes ("512", "2KiB"), rtt. What is not given keeps its default. The error names
// the option, what was found and what is expected.
std::expected<ModelSpec, std::string> parse_model(const std::map<std::string, std::string>& texts);

// For people: "20ms a request, 4 at once, 10 may wait; 1% fail".
std::string describe(const ModelSpec& model);

}  // namespace gend::sim
