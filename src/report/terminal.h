#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Text for a terminal: columns that line up whatever the script, and names that cannot play tricks.
namespace gend::report {

enum class Colour : std::uint8_t { kOff, kOn };

struct TextOptions {
  std::size_t width = 80;  // columns of the terminal; text is laid out for 72 to 120
  Colour colour = Colour::kOff;
};

// Names come from plan files and servers. Control characters (also C1 and those that reverse the
// direction of text) and bytes that are not UTF-8 are shown as \n, \x1b or \u{202e}, so that no
// name can move the cursor or forge a line.
std::string escaped(std::string_view text);

// Columns on a terminal: East Asian wide characters take two, combining ones none. `text` must be
// escaped and without colours.
std::size_t columns_of(std::string_view text);

std::string left(std::string_view text, std::size_t columns);   // padded on the right
std::string right(std::string_view text, std::size_t columns);  // padded on the left
// At most `columns`, its end replaced by … when something had to go.
std::string shortened(std::string_view text, std::size_t columns);
// Broken at spaces into lines of at most `columns`, each but the first with `indent` spaces before
// it; no newline at the end.
std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

enum class Paint : std::uint8_t { kGood, kBad, kWarning, kStrong, kFaint };
// The text with colours around it, or as it is. Paint after padding: colours take no columns.
std::string painted(std::string_view text, Paint paint, Colour colour);

}  // namespace gend::report
