#include "cli/local_daemon.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "control/unix_socket.h"
#include "gend/control_api.h"

namespace gend::cli {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr Duration kReadyWithin = 10s;
// The daemon cuts its run off at once and joins its shards; longer means that it hangs.
constexpr Duration kEndsWithin = 15s;
constexpr int kLookEveryMs = 5;
// A process that dies closes its sockets a moment before its parent can see that it is dead.
constexpr Duration kDiesWithin = 1s;
constexpr std::size_t kLogLines = 20;

Error failed(const std::string& what, const std::string& why) {
  return {fmt::format("a private gend could not be started: {}: {}", what, why), {},
          ExitCode::kHostCannotCarry};
}

bool is_executable(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

std::string read_all(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Between fork and exec only async-signal-safe calls are allowed.
[[noreturn]] void become(const char* program, char* const* arguments, int log, int lifeline) {
  // Out of the terminal's foreground group: Ctrl-C is genctl's to translate.
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::fcntl(lifeline, F_SETFD, 0);
  ::execv(program, arguments);
  ::_exit(127);
}

bool is_gone(pid_t child, int flags) {
  int status = 0;
  const pid_t got = ::waitpid(child, &status, flags);
  return got == child || (got < 0 && errno == ECHILD);
}

// waitid() with WNOWAIT: looks, and leaves the child for the destructor to collect.
std::optional<siginfo_t> end_of(pid_t child) {
  siginfo_t info{};
  const int looked = ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT);
  return looked == 0 && info.si_pid == child ? std::optional{info} : std::nullopt;
}

std::string words_of(const siginfo_t& end) {
  if (end.si_code == CLD_EXITED)
    return fmt::format("the private gend ended by itself, exit code {}", end.si_status);
  return fmt::format("the private gend was killed by signal {} ({})", end.si_status,
                     ::strsignal(end.si_status));
}

// The last lines of a log, each with two blanks before it.
std::string tail_of(const std::string& log) {
  std::deque<std::string> lines;
  std::istringstream in{log};
  for (std::string line; std::getline(in, line);) {
    lines.push_back("\n  " + line);
    if (lines.size() > kLogLines) lines.pop_front();
  }
  std::string tail;
  for (const std::string& line : lines) tail += line;
  return tail;
}

}  // namespace

std::string find_gend() { return find_program("gend", "GEND_BINARY"); }

std::string user_calibration() {
  const auto is_set = [](const char* value) { return value != nullptr && *value == '/'; };
  const char* const state = std::getenv("XDG_STATE_HOME");
  const char* const home = std::getenv("HOME");
  if (is_set(state)) return std::string{state} + "/gend/" + kCalibrationName;
  return is_set(home) ? std::string{home} + "/.local/state/gend/" + kCalibrationName
                      : std::string{};
}

std::string find_program(const std::string& name, const char* variable) {
  if (const char* named = std::getenv(variable); named && *named) return named;
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error)
    for (const std::string& place : {name, "../sbin/" + name, "../" + name + "/" + name})
      if (is_executable(here / place)) return (here / place).lexically_normal().string();
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "";
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const fs::path candidate = fs::path{rest.substr(0, colon)} / name;
    if (candidate.is_absolute() && is_executable(candidate)) return candidate.string();
    rest = colon == rest.npos ? "" : rest.substr(colon + 1);
  }
  return {};
}

Expected<LocalDaemon> LocalDaemon::start(const LocalOptions& options) {
  const std::string program = find_gend();
  if (program.empty())
    return std::unexpected{Error{"there is no gend beside genctl, in ../sbin or in PATH",
                                 "install it, or name it in GEND_BINARY",
                                 ExitCode::kNoDaemon}};
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  std::string directory = std::string{runtime && *runtime ? runtime : "/tmp"} + "/genctl-XXXXXX";
  // 0700 by mkdtemp(3).
  if (!::mkdtemp(directory.data()))
    return std::unexpected{failed(directory, std::strerror(errno))};

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    ::rmdir(directory.c_str());
    return std::unexpected{failed("pipe", std::strerror(errno))};
  }
  control::Fd read_end{ends[0]}, write_end{ends[1]};
  const std::string log_path = directory + "/gend.log";
  const control::Fd log{::open(log_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_APPEND, 0600)};

  std::vector<std::string> arguments{program, "--private", std::to_string(read_end.get()),
                                     "--control", directory + "/control.sock"};
  if (options.shards)
    arguments.insert(arguments.end(), {"--shards", std::to_string(*options.shards)});
  if (!options.uring_profile.empty())
    arguments.insert(arguments.end(), {"--uring-profile", options.uring_profile});
  if (const std::string calibration = user_calibration(); !calibration.empty())
    arguments.insert(arguments.end(), {"--calibration", calibration});
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  const pid_t child = ::fork();
  if (child == 0) become(program.c_str(), pointers.data(), log.get(), read_end.get());
  LocalDaemon daemon{std::move(directory), child, std::move(write_end)};
  if (child < 0) return std::unexpected{failed("fork", std::strerror(errno))};
  if (auto ready = daemon.wait_until_ready(); !ready) return std::unexpected{ready.error()};
  return daemon;
}

Expected<void> LocalDaemon::wait_until_ready() const {
  const TimePoint deadline = MonotonicClock::now() + kReadyWithin;
  while (control::probe_socket(socket_path()) != 0) {
    const bool ended = end_of(child_).has_value();
    if (ended || MonotonicClock::now() > deadline)
      return std::unexpected{failed(ended ? "it ended at once" : "it does not answer",
                                    "\n" + read_all(log_path()))};
    ::poll(nullptr, 0, kLookEveryMs);
  }
  return {};
}

std::string LocalDaemon::obituary() const {
  const TimePoint deadline = MonotonicClock::now() + kDiesWithin;
  auto end = end_of(child_);
  for (; !end && MonotonicClock::now() < deadline; end = end_of(child_))
    ::poll(nullptr, 0, kLookEveryMs);
  if (!end) return {};
  const std::string log = tail_of(read_all(log_path()));
  return words_of(*end) + (log.empty() ? "; its log is empty" : "; the end of its log:" + log);
}

LocalDaemon::LocalDaemon(std::string directory, pid_t child, control::Fd lifeline)
    : directory_{std::move(directory)}, child_{child}, lifeline_{std::move(lifeline)} {}

LocalDaemon::LocalDaemon(LocalDaemon&& other) noexcept
    : directory_{std::exchange(other.directory_, {})},
      child_{std::exchange(other.child_, -1)},
      lifeline_{std::move(other.lifeline_)} {}

LocalDaemon::~LocalDaemon() {
  lifeline_.reset();
  if (child_ > 0) {
    const TimePoint deadline = MonotonicClock::now() + kEndsWithin;
    while (!is_gone(child_, WNOHANG)) {
      if (MonotonicClock::now() > deadline) {
        ::kill(child_, SIGKILL);
        is_gone(child_, 0);
        break;
      }
      ::poll(nullptr, 0, kLookEveryMs);
    }
  }
  if (directory_.empty()) return;
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

}  // namespace gend::cli
