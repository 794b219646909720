#pragma once

#include <cstddef>

#include "report/watch_line.h"
#include "report/watch_state.h"

namespace gend::report {

struct ScreenSize {
  std::size_t columns = 80, rows = 24;
};

struct WatchScreen {
  DrawnLines lines;        // exactly as many as the screen has rows; none is wider than it
  std::size_t scroll = 0;  // as asked for, but not beyond the panel's end
};

// The whole screen of `genctl watch`: the verdict and trouble first, then the panel that was chosen,
// the keys at the bottom. Laid out for 60x15 and larger; on less, lines and their ends are missing.
// Colours are never the only sign of anything.
WatchScreen draw_watch(const WatchState& state, ScreenSize size, Colour colour);

}  // namespace gend::report
