#include "report/watch_line.h"

#include <algorithm>

namespace gend::report {

WatchLine& WatchLine::add(std::string_view text) {
  const std::string fitting = shortened(text, room());
  line_.text += fitting;
  line_.columns += columns_of(fitting);
  return *this;
}

WatchLine& WatchLine::add(std::string_view text, Paint paint) {
  const std::string fitting = shortened(text, room());
  line_.text += painted(fitting, paint, colour_);
  line_.columns += columns_of(fitting);
  return *this;
}

WatchLine& WatchLine::right(std::string_view text, std::size_t columns) {
  return add(report::right(text, columns));
}

WatchLine& WatchLine::right(std::string_view text, std::size_t columns, Paint paint) {
  const std::size_t used = columns_of(text);
  return add(std::string(columns > used ? columns - used : 0, ' ')).add(text, paint);
}

WatchLine& WatchLine::to(std::size_t column) {
  const std::size_t end = std::min(column, width_);
  if (end > line_.columns) add(std::string(end - line_.columns, ' '));
  return *this;
}

DrawnLine Pen::heading(std::string_view title, std::string_view words) const {
  return line().add(" ").add(title, Paint::kStrong).add("  ").add(words, Paint::kFaint);
}

}  // namespace gend::report
