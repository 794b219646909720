#pragma once

#include <optional>
#include <string>

#include "control/engine.h"

namespace gend::control {

// The command line of gend. What is empty here comes from the configuration file.
struct DaemonOptions {
  std::optional<std::string> config;   // --config
  std::optional<std::string> control;  // --control: path of the socket to make
  std::optional<std::string> metrics;  // --metrics
  std::optional<std::string> state;    // --state: where results are kept; none: only in memory
  std::optional<std::string> calibration;  // --calibration: instead of the one in `state`
  std::optional<unsigned> shards;      // --shards
  char uring_profile = 0;              // --uring-profile
  bool no_pin = false;                 // --no-pin
  // --private FD: this daemon belongs to one genctl and ends when the pipe on FD is closed.
  std::optional<int> private_fd;
};

// The whole life of gend: sockets, API, runs, signals, until it is told to end. Returns the
// process's exit code.
int run_daemon(const DaemonOptions& options, Engine& engine);

}  // namespace gend::control
