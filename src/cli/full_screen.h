#pragma once

#include <optional>
#include <string>

#include "report/watch_line.h"
#include "report/watch_screen.h"

namespace gend::cli {

// Whether standard input and output are a terminal on which the cursor can be moved.
bool has_full_screen();

// The terminal's alternate screen, without echo and cursor, from construction to leave(). The
// terminal is also restored when a signal ends this process, and while it is suspended; only SIGKILL
// and SIGSTOP leave it as it is. One at a time.
class FullScreen {
 public:
  FullScreen();
  ~FullScreen();
  FullScreen(const FullScreen&) = delete;
  FullScreen& operator=(const FullScreen&) = delete;

  void leave();  // as often as you like

  // Suspends this process when Ctrl-Z asked for it. True when everything has to be drawn anew: the
  // size has changed, or the terminal was somebody else's for a while.
  bool obey_signals();
  report::ScreenSize size() const;
  // The lines that differ from those of the last time, in one write.
  void draw(const report::DrawnLines& lines);
  // What was typed since the last time; nothing when the terminal is gone.
  std::optional<std::string> typed();

 private:
  void enter();
  bool entered_ = false, whole_ = true;
  report::DrawnLines drawn_;
};

}  // namespace gend::cli
