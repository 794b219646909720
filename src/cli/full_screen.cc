#include "cli/full_screen.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace gend::cli {

namespace {

// Alternate screen, no cursor, no wrapping at the right edge (DEC private modes 1049, 25, 7), and
// pasted text in brackets (xterm's 2004).
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l";

constexpr std::array kDeadly{SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// What signal handlers may touch.
volatile std::sig_atomic_t resized = 0, suspend = 0, continued = 0;
volatile std::sig_atomic_t is_ours = 0;
termios before{};

void on_resize(int) { resized = 1; }
void on_suspend(int) { suspend = 1; }
void on_continue(int) { continued = 1; }

// write(2) and tcsetattr(3) are async-signal-safe.
void restore() {
  if (is_ours == 0) return;
  is_ours = 0;
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, kLeave.data(), kLeave.size());
  ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void on_deadly(int number) {
  restore();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(number, &action, nullptr);
}

// All of it, also on a terminal that another program has made non-blocking.
void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n > 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      pollfd ready{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, 100);
    } else if (n < 0 && errno != EINTR) {
      return;  // the terminal is gone, and SIGHUP on its way
    }
  }
}

}  // namespace

bool has_full_screen() {
  const char* term = std::getenv("TERM");
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && term && *term &&
         std::string_view{term} != "dumb";
}

FullScreen::FullScreen() {
  for (const int number : kDeadly) handle(number, on_deadly);
  handle(SIGWINCH, on_resize);
  handle(SIGTSTP, on_suspend);
  handle(SIGCONT, on_continue);
  enter();
}

FullScreen::~FullScreen() {
  leave();
  for (const int number : kDeadly) std::signal(number, SIG_DFL);
  for (const int number : {SIGWINCH, SIGTSTP, SIGCONT}) std::signal(number, SIG_DFL);
}

void FullScreen::enter() {
  if (is_ours == 0) ::tcgetattr(STDIN_FILENO, &before);
  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  is_ours = 1;
  write_all(kEnter);
  entered_ = whole_ = true;
}

void FullScreen::leave() {
  if (!entered_) return;
  entered_ = false;
  restore();
}

bool FullScreen::obey_signals() {
  if (!entered_) return false;
  if (suspend != 0) {
    suspend = 0;
    leave();
    std::signal(SIGTSTP, SIG_DFL);
    std::raise(SIGTSTP);  // stands still here until SIGCONT
    handle(SIGTSTP, on_suspend);
    continued = 0;
    enter();
  }
  // Stopped by SIGSTOP, which nobody sees coming: the shell has changed the terminal meanwhile.
  if (continued != 0) {
    continued = 0;
    enter();
  }
  if (resized != 0) {
    resized = 0;
    whole_ = true;
  }
  return whole_;
}

report::ScreenSize FullScreen::size() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

void FullScreen::draw(const report::DrawnLines& lines) {
  if (!entered_) return;
  std::string frame;
  if (whole_) frame += "\x1b[2J";
  const std::size_t columns = size().columns;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!whole_ && i < drawn_.size() && lines[i].text == drawn_[i].text) continue;
    frame += fmt::format("\x1b[{};1H{}", i + 1, lines[i].text);
    // On a full line the cursor still stands on its last column, which this would erase.
    if (lines[i].columns < columns) frame += "\x1b[K";
  }
  whole_ = false;
  drawn_ = lines;
  write_all(frame);
}

std::optional<std::string> FullScreen::typed() {
  std::string bytes;
  std::array<char, 256> buffer{};
  for (;;) {
    pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 0) <= 0) return bytes;
    const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return bytes;
    if (n <= 0) return std::nullopt;
    bytes.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace gend::cli
