#include "cli/screen.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "report/live.h"

namespace gend::cli {

namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

}  // namespace

Screen screen_of_stdout() {
  Screen screen;
  if (::isatty(STDOUT_FILENO) == 0) return screen;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    screen.text.width = std::clamp<std::size_t>(size.ws_col, 60, 120);
  const char* term = std::getenv("TERM");
  if (!term || std::string_view{term} == "dumb") return screen;
  screen.style = Style::kLive;
  screen.text.colour = is_set("NO_COLOR") ? report::Colour::kOff : report::Colour::kOn;
  return screen;
}

void Progress::show(nlohmann::ordered_json interval) {
  if (screen_.style == Style::kPlain) {
    std::puts(report::live_line(interval).c_str());
  } else {
    clear();
    const std::string view = report::live_view(interval, screen_.text);
    lines_ = static_cast<std::size_t>(std::count(view.begin(), view.end(), '\n'));
    std::fputs(view.c_str(), stdout);
  }
  std::fflush(stdout);
}

void Progress::clear() {
  if (lines_ == 0) return;
  // Cursor up, then erase to the end of the screen (ECMA-48 CUU and ED).
  std::printf("\x1b[%zuA\x1b[J", lines_);
  std::fflush(stdout);
  lines_ = 0;
}

}  // namespace gend::cli
