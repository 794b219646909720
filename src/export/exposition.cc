#include "export/exposition.h"

#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"
#include "export/buckets.h"
#include "stats/utf8.h"

namespace gend::exporter {
namespace {

// Label values and help: backslash, line feed and quote are escaped; the text must be UTF-8.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : stats::valid_utf8(text)) {
    if (c == '\n') {
      result += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

void Exposition::histogram(const Labels& labels, const stats::Histogram& trend,
                           stats::Contains contains) {
  write_buckets(*this, labels, trend, contains);
}

void OpenMetricsText::family(std::string_view name, std::string_view type, std::string_view unit,
                        std::string_view help) {
  GEND_ASSERT(unit.empty() || name.ends_with(fmt::format("_{}", unit)));
  name_ = name;
  out_ += fmt::format("# TYPE {} {}\n", name, type);
  if (!unit.empty()) out_ += fmt::format("# UNIT {} {}\n", name, unit);
  out_ += fmt::format("# HELP {} {}\n", name, escaped(help));
}

void OpenMetricsText::sample(std::string_view suffix, const Labels& labels, double value) {
  GEND_ASSERT(std::isfinite(value));
  line(suffix, labels, fmt::format("{}", value));
}

void OpenMetricsText::sample(std::string_view suffix, const Labels& labels, std::uint64_t value) {
  line(suffix, labels, fmt::format("{}", value));
}

void OpenMetricsText::line(std::string_view suffix, const Labels& labels, std::string_view value) {
  out_.append(name_).append(suffix);
  char separator = '{';
  for (const auto& [name, text] : labels) {
    out_ += separator;
    out_.append(name).append("=\"").append(escaped(text)) += '"';
    separator = ',';
  }
  if (!labels.empty()) out_ += '}';
  (out_ += ' ').append(value) += '\n';
}

std::string OpenMetricsText::finish() && {
  out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace gend::exporter
