#include "plan/reporter.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include <fmt/format.h>

namespace gend::plan {

namespace {

constexpr std::size_t kQuotedBytes = 80;
constexpr std::size_t kExcerptColumns = 90;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Control characters would let a plan file write on the terminal of whoever checks it.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02X}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string Complaint::str() const {
  std::string out = file;
  if (line > 0) out += fmt::format(":{}", line);
  if (line > 0 && column > 0) out += fmt::format(":{}", column);
  out += ": " + what;
  if (!remedy.empty()) out += "; " + remedy;
  if (!excerpt.empty()) out += "\n" + excerpt;
  return out;
}

std::string quote(std::string_view text) {
  std::string_view shown = text.substr(0, kQuotedBytes);
  while (shown.size() < text.size() && is_continuation(text[shown.size()])) shown.remove_suffix(1);
  return '"' + escaped(shown) + (shown.size() < text.size() ? "…\"" : "\"");
}

Reporter::Reporter(std::string file, std::string_view source)
    : file_{std::move(file)}, source_{source}, line_starts_{0} {
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\n') line_starts_.push_back(i + 1);
  }
}

void Reporter::complain(Place place, std::string what, std::string remedy) {
  // Far more than are shown are kept, so that sorting shows the first ones of the file.
  if (complaints_.size() >= 50 * kShown) return;
  complaints_.push_back({.file = file_,
                         .line = place.line,
                         .column = place.column,
                         .what = std::move(what),
                         .remedy = std::move(remedy),
                         .excerpt = {}});
}

void Reporter::complain_showing_line(Place place, std::string what, std::string remedy) {
  const std::size_t before = complaints_.size();
  complain(place, std::move(what), std::move(remedy));
  if (complaints_.size() > before) complaints_.back().excerpt = excerpt(place);
}

void Reporter::complain_of_file(std::string name, std::uint64_t line, std::string what,
                                std::string remedy) {
  const std::size_t before = complaints_.size();
  complain({}, std::move(what), std::move(remedy));
  if (complaints_.size() == before) return;
  constexpr std::uint64_t kLines = std::numeric_limits<int>::max();
  complaints_.back().file = std::move(name);
  complaints_.back().line = static_cast<int>(std::min(line, kLines));
}

Place Reporter::place_of(std::size_t offset) const {
  offset = std::min(offset, source_.size());
  const auto after = std::ranges::upper_bound(line_starts_, offset);
  const std::size_t start = *std::prev(after);
  const int line = static_cast<int>(after - line_starts_.begin());
  if (last_.place.line != line || last_.offset > offset) last_ = {start, {line, 1}};
  const std::string_view between = source_.substr(last_.offset, offset - last_.offset);
  const auto characters =
      std::ranges::count_if(between, [](char c) { return !is_continuation(c); });
  last_ = {offset, {line, last_.place.column + static_cast<int>(characters)}};
  return last_.place;
}

std::size_t Reporter::offset_of(Place place) const {
  const auto line = static_cast<std::size_t>(place.line);
  if (place.line < 1 || line > line_starts_.size()) return source_.size();
  std::size_t at = line_starts_[line - 1];
  for (int column = 1; column < place.column && at < source_.size(); ++column) {
    ++at;
    while (at < source_.size() && is_continuation(source_[at])) ++at;
  }
  return at;
}

std::string Reporter::excerpt(Place place) const {
  const auto line = static_cast<std::size_t>(place.line);
  if (place.line < 1 || line > line_starts_.size()) return {};
  const std::size_t start = line_starts_[line - 1];
  std::string_view text = source_.substr(start, source_.find('\n', start) - start);
  if (place.column > static_cast<int>(kExcerptColumns)) return {};
  if (text.size() > kExcerptColumns) {
    text = text.substr(0, kExcerptColumns);
    while (!text.empty() && is_continuation(text.back())) text.remove_suffix(1);
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.remove_suffix(1);
  }
  std::string shown{text};
  // One column for each control character keeps the caret where it belongs.
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  const std::string number = std::to_string(place.line);
  return fmt::format("  {} | {}\n  {:{}} | {:>{}}", number, shown, "", number.size(), "^",
                     place.column);
}

Complaints Reporter::take() {
  // The plan itself first, then the files that it names.
  const auto order = [&](const Complaint& c) {
    return std::tuple<bool, std::string_view, int, int, std::string_view>{
        c.file != file_, c.file, c.line, c.column, c.what};
  };
  std::ranges::stable_sort(complaints_, std::ranges::less{}, order);
  const auto repeated = std::ranges::unique(complaints_, std::ranges::equal_to{}, order);
  complaints_.erase(repeated.begin(), repeated.end());
  if (complaints_.size() > kShown) {
    const std::size_t hidden = complaints_.size() - kShown;
    complaints_.resize(kShown);
    Complaint last = complaints_.back();
    last.what = fmt::format("{} more complaints are not shown", hidden);
    last.remedy.clear();
    last.excerpt.clear();
    complaints_.push_back(std::move(last));
  }
  return std::move(complaints_);
}

}  // namespace gend::plan
