#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/terminal.h"

namespace gend::report {

// A line of a terminal's screen: text with colours, and how many columns it takes.
struct DrawnLine {
  std::string text;
  std::size_t columns = 0;
};
using DrawnLines = std::vector<DrawnLine>;

// Puts a line together, never wider than the screen. Texts must be escaped and without colours.
class WatchLine {
 public:
  WatchLine(std::size_t width, Colour colour) : width_{width}, colour_{colour} {}

  // What does not fit is cut off, which … shows.
  WatchLine& add(std::string_view text);
  WatchLine& add(std::string_view text, Paint paint);
  WatchLine& right(std::string_view text, std::size_t columns);  // padded on the left
  WatchLine& right(std::string_view text, std::size_t columns, Paint paint);
  WatchLine& to(std::size_t column);  // blanks up to there

  std::size_t room() const { return width_ - line_.columns; }
  std::size_t columns() const { return line_.columns; }
  operator DrawnLine() const { return line_; }

 private:
  std::size_t width_;
  Colour colour_;
  DrawnLine line_;
};

// What lines are drawn with.
struct Pen {
  std::size_t width = 80;
  Colour colour = Colour::kOff;
  WatchLine line() const { return {width, colour}; }
  DrawnLine heading(std::string_view title, std::string_view words) const;
};

}  // namespace gend::report
