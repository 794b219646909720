#include "observe/prometheus_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace gend::observe {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

// Go's ParseFloat as far as exporters use it: 1, -0.5, 1.5e9, +Inf, NaN.
std::optional<double> number_of(std::string_view text) {
  const std::string word = lower(text);
  if (word == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (word == "inf" || word == "+inf" || word == "infinity" || word == "+infinity")
    return std::numeric_limits<double>::infinity();
  if (word == "-inf" || word == "-infinity") return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (fault == std::errc::result_out_of_range)  // of a double, at either end
    return word.find("e-") == word.npos ? std::numeric_limits<double>::infinity() : 0;
  return fault == std::errc{} ? std::optional{value} : std::nullopt;
}

class Line {
 public:
  explicit Line(std::string_view text) : text_{text} {}

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool at_end() const { return at_ == text_.size(); }
  char next() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c) {
    if (next() != c || at_end()) return false;
    ++at_;
    return true;
  }
  // Up to one of these characters.
  std::string_view until(std::string_view ends) {
    const std::size_t from = at_;
    at_ = std::min(text_.find_first_of(ends, at_), text_.size());
    return text_.substr(from, at_ - from);
  }

  // {a="b",c="d",}: what is wrong with it, or nothing.
  const char* read_labels(std::vector<Label>& into) {
    while (skip_blanks(), !take('}')) {
      Label label;
      label.name = until("=}, \t");
      skip_blanks();
      if (!is_label_name(label.name)) return "a label has no name";
      if (!take('=')) return "a label has no value";
      skip_blanks();
      if (!take('"')) return "the value of a label is not in quotes";
      if (!read_value(label.value)) return "the value of a label has no end";
      into.push_back(std::move(label));
      skip_blanks();
      if (!take(',') && next() != '}') return "labels do not end";
    }
    std::ranges::sort(into);
    return nullptr;
  }

 private:
  bool read_value(std::string& into) {
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c != '\\' || at_ + 1 == text_.size()) {
        into += c;
        continue;
      }
      const char escaped = text_[++at_];
      if (escaped == 'n') into += '\n';
      else if (escaped == '\\' || escaped == '"') into += escaped;
      else into.append({'\\', escaped});
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// What is wrong with a line that holds a sample, or nothing.
const char* read_sample(std::string_view text, const Names& wanted, std::vector<Sample>& into) {
  Line line{text};
  line.skip_blanks();
  const std::string_view name = line.until("{ \t");
  if (!is_metric_name(name)) return "this is no metric";
  line.skip_blanks();
  if (line.at_end()) return "a metric has no value";
  if (!wanted.contains(name)) return nullptr;
  Sample sample{std::string{name}, {}};
  if (line.take('{'))
    if (const char* fault = line.read_labels(sample.labels)) return fault;
  line.skip_blanks();
  const auto value = number_of(line.until(" \t"));
  if (!value) return "the value is no number";
  sample.value = *value;
  into.push_back(std::move(sample));
  return nullptr;
}

}  // namespace

std::expected<std::vector<Sample>, TextError> read_exposition(std::string_view text,
                                                              const Names& wanted) {
  std::vector<Sample> samples;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    if (const char* fault = read_sample(line, wanted, samples))
      return std::unexpected{TextError{fault, number}};
  }
  return samples;
}

}  // namespace gend::observe
