#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "control/fd.h"

// The daemon's dealings with whoever started it: systemd (sockets handed over, readiness, watchdog)
// or, for a private daemon, the process at the other end of a pipe.
namespace gend::control {

// Listening sockets by the names that gend.socket and gend-metrics.socket give them
// (FileDescriptorName=). Empty when not started by socket activation.
struct HandedSockets {
  Fd control, metrics;
};
Expected<HandedSockets> take_handed_sockets();

void notify_ready();
void notify_status(const std::string& words);
void notify_stopping();
void notify_watchdog();
// How often notify_watchdog() has to be called; nothing when systemd does not ask for it.
std::optional<Duration> watchdog_interval();

// SIGTERM and SIGINT as a descriptor. Must be called before any thread is started, so that no
// thread is left which would be killed by them.
Expected<Fd> signals_as_fd();
// The signal's name; empty when none is waiting.
std::string next_signal(int signal_fd);

}  // namespace gend::control
