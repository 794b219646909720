#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/follow.h"
#include "report/terminal.h"

namespace gend::cli {

enum class Style : std::uint8_t { kPlain, kLive };

// What standard output can do.
struct Screen {
  Style style = Style::kPlain;  // kLive: a terminal that can be drawn over
  report::TextOptions text;
};
Screen screen_of_stdout();  // NO_COLOR (no-color.org) and TERM=dumb are honoured

// The progress of a run: on a terminal drawn over itself every second, else a line each.
class Progress final : public RunView {
 public:
  explicit Progress(Screen screen) : screen_{screen} {}
  void show(nlohmann::ordered_json interval) override;
  // Takes the drawing away, so that what follows starts on a clean line.
  void clear() override;

 private:
  Screen screen_;
  std::size_t lines_ = 0;  // drawn and still there
};

}  // namespace gend::cli
