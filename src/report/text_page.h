#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "report/terminal.h"

// What the blocks of the end-of-run text share: a page to write on and the words for numbers.
namespace gend::report {

inline constexpr std::size_t kIndent = 4;

class Page {
 public:
  explicit Page(const TextOptions& options)
      : width_{std::clamp<std::size_t>(options.width, 72, 120)}, colour_{options.colour} {}

  std::size_t width() const { return width_; }
  std::size_t inner() const { return width_ - kIndent; }

  // "  LATENCY   in words", after an empty line.
  void heading(std::string_view title, std::string_view words = {});
  void gap() { out_ += '\n'; }
  // One line of the block, indented, blanks at its end removed. May hold colours.
  void line(std::string_view text) { (out_ += std::string(kIndent, ' ')).append(text) += '\n'; }
  // Prose, broken into lines; the later ones stand below the first one's `hang`-th column.
  void prose(std::string_view text, std::size_t hang = 0);
  void prose(std::string_view text, Paint paint);
  // "label.......: value", k6's look.
  void dotted(std::string_view label, std::string_view value);

  std::string paint(std::string_view text, Paint paint) const {
    return painted(text, paint, colour_);
  }
  std::string mark(bool good) const {
    return good ? paint("✓", Paint::kGood) : paint("✗", Paint::kBad);
  }
  std::string take() { return std::move(out_); }

 private:
  std::size_t width_;
  Colour colour_;
  std::string out_;
};

// A share of one as per cent. Never says 0 or 100 % of what is not: 0.004 % is "<0.01%".
std::string percent_text(double share);
std::string rate_text(double per_second);  // "12.3k/s"

}  // namespace gend::report
