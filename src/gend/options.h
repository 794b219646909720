#pragma once

#include <cstdint>
#include <expected>

#include "control/daemon.h"

namespace gend {

enum class Task : std::uint8_t {
  kServe,
  kSimulate  // --simulate, see gend/simulate.h
};
struct Options {
  Task task = Task::kServe;
  control::DaemonOptions daemon;
};

// gend's command line, or the exit code after help or a complaint was printed.
std::expected<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace gend
