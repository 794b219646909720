#include "cli/model_gend.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/local_daemon.h"

namespace gend::cli {

namespace {

Error failed(const char* what) {
  return {fmt::format("a gend that simulates could not be started: {}: {}", what,
                      std::strerror(errno)),
          {}, ExitCode::kHostCannotCarry};
}

// A nameless file that is read from its beginning: nobody has to write while the other reads.
Expected<control::Fd> file_with(const std::string& text) {
  control::Fd file{::memfd_create("genctl-request", MFD_CLOEXEC)};
  if (!file) return std::unexpected{failed("memfd_create")};
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(file.get(), text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return std::unexpected{failed("write")};
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// Between fork and exec only async-signal-safe calls are allowed.
[[noreturn]] void become(const char* program, int input, int output) {
  // Out of the terminal's foreground group: Ctrl-C is genctl's to translate.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Blocked until it can obey (gend/simulate.cc), so that an early one is not its end.
  sigset_t early;
  sigemptyset(&early);
  sigaddset(&early, SIGINT);
  ::sigprocmask(SIG_SETMASK, &early, nullptr);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::execl(program, program, "--simulate", static_cast<char*>(nullptr));
  ::_exit(127);
}

}  // namespace

Expected<ModelGend> ModelGend::start(const std::string& request) {
  const std::string program = find_gend();
  if (program.empty())
    return std::unexpected{Error{"there is no gend beside genctl, in ../sbin or in PATH",
                                 "install it, or name it in GEND_BINARY", ExitCode::kNoDaemon}};
  const auto input = file_with(request);
  if (!input) return std::unexpected{input.error()};
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected{failed("pipe")};
  control::Fd read_end{ends[0]};
  const control::Fd write_end{ends[1]};
  const pid_t child = ::fork();
  if (child == 0) become(program.c_str(), input->get(), write_end.get());
  if (child < 0) return std::unexpected{failed("fork")};
  return ModelGend{child, std::move(read_end)};
}

ModelGend::ModelGend(ModelGend&& other) noexcept
    : child_{std::exchange(other.child_, -1)},
      output_{std::move(other.output_)},
      text_{std::move(other.text_)},
      last_{std::move(other.last_)} {}

ModelGend::~ModelGend() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

// What the pipe holds; closes it at its end.
Expected<void> ModelGend::read_some() {
  char piece[64 * 1024];
  const ssize_t n = ::read(output_.get(), piece, sizeof piece);
  if (n > 0) text_.append(piece, static_cast<std::size_t>(n));
  if (n == 0) output_.reset();
  if (n < 0 && errno != EINTR) return std::unexpected{failed("read")};
  return {};
}

void ModelGend::take_lines(Progress* progress) {
  for (std::size_t end = text_.find('\n'); end != text_.npos; end = text_.find('\n')) {
    auto line = nlohmann::ordered_json::parse(text_.substr(0, end), nullptr, false);
    text_.erase(0, end + 1);
    if (line.is_object() && line.contains("elapsed_s")) {
      if (progress) progress->show(line);
    } else {
      last_ = std::move(line);
    }
  }
}

Expected<nlohmann::ordered_json> ModelGend::finish(const Interrupts& interrupts,
                                                   Progress* progress) {
  constexpr int kLookEveryMs = 100;  // for interrupts that came between two calls
  for (int obeyed = 0; output_;) {
    if (obeyed < interrupts.count()) ::kill(child_, ++obeyed == 1 ? SIGINT : SIGKILL);
    pollfd watched{output_.get(), POLLIN, 0};
    if (::poll(&watched, 1, kLookEveryMs) <= 0) continue;
    if (auto read = read_some(); !read) return std::unexpected{read.error()};
    take_lines(progress);
  }
  if (last_.is_object()) return std::move(last_);
  if (interrupts.count() > 1)
    return std::unexpected{Error{"the simulation was cut off", {}, ExitCode::kInterrupted}};
  return std::unexpected{Error{"the simulation ended without a result",
                               "what gend said stands above; memory may have run out",
                               ExitCode::kRunLost}};
}

}  // namespace gend::cli
