#include "cli/local_target.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/local_daemon.h"
#include "control/fd.h"

namespace gend::cli {

namespace {

constexpr int kReadyWithinMs = 10'000;

Error failed(const std::string& why) {
  return {"a gentarget could not be started: " + why, {}, ExitCode::kHostCannotCarry};
}

// Between fork and exec only async-signal-safe calls are allowed.
[[noreturn]] void become(const char* program, const char* threads, int output) {
  ::setpgid(0, 0);  // Ctrl-C is genctl's to translate
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(output, STDOUT_FILENO);
  ::execl(program, program, "--listen", "127.0.0.1:0", "--threads", threads,
          static_cast<char*>(nullptr));
  ::_exit(127);
}

// The line that it prints when it listens; what came when it never does.
std::string first_line(int fd) {
  std::string text;
  while (text.find('\n') == text.npos) {
    pollfd watched{fd, POLLIN, 0};
    if (::poll(&watched, 1, kReadyWithinMs) <= 0) break;
    char piece[256];
    const ssize_t n = ::read(fd, piece, sizeof piece);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(piece, static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

Expected<LocalTarget> LocalTarget::start(unsigned threads) {
  const std::string program = find_program("gentarget", "GENTARGET_BINARY");
  if (program.empty())
    return std::unexpected{Error{"there is no gentarget beside genctl, in ../sbin or in PATH",
                                 "install it, or name it in GENTARGET_BINARY",
                                 ExitCode::kHostCannotCarry}};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected{failed(std::strerror(errno))};
  const control::Fd read_end{ends[0]};
  control::Fd write_end{ends[1]};
  const std::string count = std::to_string(threads);
  const pid_t child = ::fork();
  if (child == 0) become(program.c_str(), count.c_str(), write_end.get());
  if (child < 0) return std::unexpected{failed(std::strerror(errno))};
  write_end.reset();
  LocalTarget target{child, {}};
  const std::string line = first_line(read_end.get());
  const std::size_t from = line.find("http://");
  if (from == line.npos) return std::unexpected{failed(program + " does not say where it listens")};
  target.url_ = line.substr(from, line.find(' ', from) - from);
  return target;
}

LocalTarget::LocalTarget(LocalTarget&& other) noexcept
    : child_{std::exchange(other.child_, -1)}, url_{std::move(other.url_)} {}

LocalTarget::~LocalTarget() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);  // it has nothing to lose
  ::waitpid(child_, nullptr, 0);
}

}  // namespace gend::cli
