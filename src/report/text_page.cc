#include "report/text_page.h"

#include <fmt/format.h>

#include "stats/words.h"

namespace gend::report {

void Page::heading(std::string_view title, std::string_view words) {
  out_ += fmt::format("\n  {}", paint(title, Paint::kStrong));
  if (!words.empty())
    out_ += "  " + paint(shortened(words, inner() - columns_of(title)), Paint::kFaint);
  out_ += "\n\n";
}

void Page::prose(std::string_view text, std::size_t hang) {
  line(wrapped(text, inner() - hang, kIndent + hang));
}

void Page::prose(std::string_view text, Paint paint) {
  line(this->paint(wrapped(text, inner(), kIndent), paint));
}

void Page::dotted(std::string_view label, std::string_view value) {
  const std::size_t place = std::min<std::size_t>(30, inner() / 3 + 4);
  const std::string name = shortened(label, place);
  const std::string dots(place - columns_of(name), '.');
  line(fmt::format("{}{}: {}", name, paint(dots, Paint::kFaint), value));
}

std::string percent_text(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.01) return "<0.01%";
  if (percent < 100 && percent > 99.99) return ">99.99%";
  return fmt::format("{:.2f}%", percent);
}

std::string rate_text(double per_second) { return stats::count_text(per_second) + "/s"; }

}  // namespace gend::report
