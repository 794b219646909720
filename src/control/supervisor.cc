#include "control/supervisor.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

namespace gend::control {

namespace {

struct FreeNames {
  char** names = nullptr;
  ~FreeNames() {
    if (!names) return;
    for (char** name = names; *name; ++name) std::free(*name);
    std::free(static_cast<void*>(names));
  }
};

}  // namespace

Expected<HandedSockets> take_handed_sockets() {
  FreeNames held;
  const int count = sd_listen_fds_with_names(1, &held.names);
  if (count < 0)
    return std::unexpected{Error{std::string{"sockets handed over by systemd: "} +
                                     std::strerror(-count), {}, ExitCode::kHostCannotCarry}};
  HandedSockets sockets;
  for (int i = 0; i < count; ++i) {
    Fd fd{SD_LISTEN_FDS_START + i};
    const std::string name = held.names[i];
    Fd* const place = name == "control" ? &sockets.control
                      : name == "metrics" ? &sockets.metrics : nullptr;
    if (!place || *place || sd_is_socket_unix(fd.get(), SOCK_STREAM, 1, nullptr, 0) <= 0)
      return std::unexpected{Error{
          "systemd handed over a socket named \"" + name + "\" that gend cannot use",
          "gend knows FileDescriptorName=control and =metrics, Unix stream sockets, one each",
          ExitCode::kHostCannotCarry}};
    *place = std::move(fd);
  }
  return sockets;
}

void notify_ready() { sd_notify(0, "READY=1"); }
void notify_status(const std::string& words) { sd_notify(0, ("STATUS=" + words).c_str()); }
void notify_stopping() { sd_notify(0, "STOPPING=1"); }
void notify_watchdog() { sd_notify(0, "WATCHDOG=1"); }

std::optional<Duration> watchdog_interval() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0 || microseconds == 0) return std::nullopt;
  // Half of it, as sd_watchdog_enabled(3) advises.
  return std::chrono::microseconds{microseconds / 2};
}

Expected<Fd> signals_as_fd() {
  // A client that goes away while it is written to is no reason to end.
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  Fd fd{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!fd)
    return std::unexpected{Error{std::string{"signalfd(): "} + std::strerror(errno), {},
                                 ExitCode::kHostCannotCarry}};
  return fd;
}

std::string next_signal(int signal_fd) {
  signalfd_siginfo info{};
  if (::read(signal_fd, &info, sizeof info) != sizeof info) return {};
  return info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
}

}  // namespace gend::control
