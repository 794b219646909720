#include "control/daemon.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "control/api.h"
#include "control/config.h"
#include "control/http_server.h"
#include "control/runs.h"
#include "control/status_json.h"
#include "control/supervisor.h"
#include "control/unix_socket.h"
#include "gend/control_api.h"

namespace gend::control {

using namespace std::chrono_literals;

namespace {

// How long a run's thread may stay silent before the watchdog is no longer fed.
constexpr Duration kSilence = 20s;
constexpr Duration kTurn = 1s;

// The sockets of this daemon: handed over by systemd, or its own.
struct Sockets {
  std::optional<OwnedSocket> own_control, own_metrics;
  Fd control, metrics;
  std::string words;  // for the log
};

Expected<Fd> make_socket(const std::string& path, const char* group,
                         std::optional<OwnedSocket>& owner) {
  auto made = OwnedSocket::listen_on(path, {.mode = 0660, .group = group});
  if (!made) return std::unexpected{made.error()};
  owner.emplace(std::move(*made));
  return Fd{owner->release_listener()};
}

Expected<Sockets> open_sockets(const DaemonOptions& options) {
  auto handed = take_handed_sockets();
  if (!handed) return std::unexpected{handed.error()};
  Sockets sockets;
  sockets.control = std::move(handed->control);
  sockets.metrics = std::move(handed->metrics);
  sockets.words = "the control socket from systemd";
  const bool handed_over = static_cast<bool>(sockets.control);
  if (!handed_over) {
    const std::string path = options.control.value_or(kDefaultControlSocket);
    auto fd = make_socket(path, kControlGroup, sockets.own_control);
    if (!fd) return std::unexpected{fd.error()};
    sockets.control = std::move(*fd);
    sockets.words = path;
  }
  // Only the host's own daemon has a place for metrics that it need not be told.
  const bool host_daemon = !handed_over && !options.control && !options.private_fd;
  if (!sockets.metrics && (options.metrics || host_daemon)) {
    auto fd = make_socket(options.metrics.value_or(kDefaultMetricsSocket), kMetricsGroup,
                          sockets.own_metrics);
    if (!fd) return std::unexpected{fd.error()};
    sockets.metrics = std::move(*fd);
  }
  return sockets;
}

Expected<Runs::Options> runs_options(const DaemonOptions& options, const Config& config) {
  Runs::Options runs;
  runs.fleet.shards = options.shards.value_or(config.shards);
  runs.fleet.pin = config.pin && !options.no_pin;
  runs.fleet.uring_profile = options.uring_profile;
  runs.fleet.allow = config.allow;
  auto store = options.state ? store::Store::open(*options.state, config.keep)
                             : store::Store::scratch();
  if (!store) return std::unexpected{store.error()};
  runs.store = std::move(*store);
  if (options.calibration || options.state)
    runs.calibration = CalibrationFile{
        options.calibration.value_or(options.state.value_or("") + "/" + kCalibrationName)};
  return runs;
}

// Waits for the end: a signal, or the private daemon's owner going away. The word says which.
class Ending {
 public:
  Ending(Fd signals, std::optional<int> private_fd)
      : signals_{std::move(signals)}, owner_{private_fd.value_or(-1)} {}

  // Empty when `max_wait` passed without any.
  std::string wait(Duration max_wait) {
    pollfd watched[] = {{signals_.get(), POLLIN, 0}, {owner_.get(), POLLIN, 0}};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(max_wait).count();
    if (::poll(watched, 2, static_cast<int>(ms)) <= 0) return {};
    if (watched[1].revents & (POLLHUP | POLLERR | POLLNVAL)) {
      owner_gone_ = true;
      owner_.reset();  // told once
      return "the end of the genctl that owns it";
    }
    return watched[0].revents & POLLIN ? next_signal(signals_.get()) : "";
  }
  bool owner_gone() const { return owner_gone_; }

 private:
  Fd signals_, owner_;
  bool owner_gone_ = false;
};

void serve(Runs& runs, Ending& ending) {
  const auto watchdog = watchdog_interval();
  const Duration turn = watchdog ? std::min<Duration>(*watchdog, kTurn) : kTurn;
  std::string told;
  for (;;) {
    if (const std::string why = ending.wait(turn); !why.empty()) {
      spdlog::info("stopping because of {}", why);
      return;
    }
    if (watchdog && runs.alive(kSilence)) notify_watchdog();
    runs.log_remarks();
    const auto active = runs.active();
    const std::string words =
        active ? fmt::format("run {}: {:.0f} %{}", active->id, 100 * progress_of(*active),
                             active->not_written.empty() ? "" : ", NOT ON DISK")
               : "idle";
    if (words != std::exchange(told, words)) notify_status(words);
  }
}

// A second signal, or the loss of the owner, turns a graceful end into an immediate one.
void end_runs(Runs& runs, Ending& ending, Duration grace) {
  notify_stopping();
  auto done = std::async(std::launch::async,
                         [&] { runs.shut_down(grace, "gend (it is stopping)"); });
  while (done.wait_for(0s) != std::future_status::ready)
    if (!ending.wait(50ms).empty()) runs.hurry("gend (told twice to stop)");
}

Expected<void> live(const DaemonOptions& options, Engine& engine) {
  auto signals = signals_as_fd();
  if (!signals) return std::unexpected{signals.error()};
  auto config = load_config(options.config);
  if (!config) return std::unexpected{config.error()};
  auto sockets = open_sockets(options);
  if (!sockets) return std::unexpected{sockets.error()};
  auto runs_with = runs_options(options, *config);
  if (!runs_with) return std::unexpected{runs_with.error()};

  Runs runs{engine, std::move(*runs_with)};
  FileStore files;
  Api api{runs, engine, files};
  auto server = HttpServer::start(std::move(sockets->control), handlers_of(api));
  if (!server) return std::unexpected{server.error()};
  std::unique_ptr<HttpServer> metrics;
  if (sockets->metrics) {
    auto made = HttpServer::start(
        std::move(sockets->metrics),
        {.handle = [&](const HttpCall& call) { return handle_metrics(runs, call); }});
    if (!made) return std::unexpected{made.error()};
    metrics = std::move(*made);
  }

  spdlog::info("gend {} listens on {}", GEND_VERSION, sockets->words);
  notify_ready();
  Ending ending{std::move(*signals), options.private_fd};
  serve(runs, ending);
  const bool nobody_waits = ending.owner_gone();
  end_runs(runs, ending, nobody_waits ? 0s : std::chrono::seconds{config->stop_seconds});
  return {};
}

}  // namespace

int run_daemon(const DaemonOptions& options, Engine& engine) {
  auto log = spdlog::stderr_logger_mt("gend");
  // The journal adds the time itself.
  log->set_pattern(std::getenv("JOURNAL_STREAM") ? "%l: %v" : "%Y-%m-%d %H:%M:%S.%e %l: %v");
  spdlog::set_default_logger(log);

  if (const auto lived = live(options, engine); !lived) {
    const Error& error = lived.error();
    spdlog::critical("{}", error.message);
    if (!error.remedy.empty()) spdlog::critical("  {}", error.remedy);
    return std::to_underlying(error.code);
  }
  return 0;
}

}  // namespace gend::control
