#pragma once

#include <expected>

#include "control/daemon.h"

namespace gend {

// gend's command line, or the exit code after help or a complaint was printed.
std::expected<control::DaemonOptions, int> parse_daemon_options(int argc, const char* const* argv);

}  // namespace gend
