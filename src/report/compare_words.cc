#include "report/compare_words.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::report {
namespace {

bool has_share(const CompareRow& row) {
  return row.kind != stats::Kind::kRate && row.before > 0;
}

// A difference without its unit: per cent of what it was, percentage points, or as it is.
std::string difference_words(const CompareRow& row, double difference) {
  if (row.kind == stats::Kind::kRate) return fmt::format("{:+.2f}", 100 * difference);
  if (has_share(row)) return fmt::format("{:+.1f}", 100 * difference / row.before);
  return fmt::format("{:+.3g}", difference);
}

std::string_view unit_words(const CompareRow& row) {
  if (row.kind == stats::Kind::kRate) return " pp";
  if (has_share(row)) return " %";
  if (row.kind == stats::Kind::kTrend && row.contains == stats::Contains::kTime) return " ms";
  return "";
}

}  // namespace

std::string series_words(const CompareRow& row) {
  std::string words = row.metric;
  for (std::size_t i = 0; i < row.tags.size(); ++i)
    words += fmt::format("{}{}:{}", i == 0 ? "{" : ",", row.tags[i].first, row.tags[i].second);
  return row.tags.empty() ? words : words + "}";
}

std::string value_words(const CompareRow& row, double value) {
  const bool is_data = row.contains == stats::Contains::kData;
  switch (row.kind) {
    case stats::Kind::kTrend:
      return row.contains == stats::Contains::kTime ? stats::milliseconds_text(value)
             : is_data                              ? stats::bytes_text(value)
                                                    : fmt::format("{:.4g}", value);
    case stats::Kind::kRate: return percent_text(value);
    case stats::Kind::kCounter:
    case stats::Kind::kTally: return is_data ? stats::bytes_text(value) + "/s" : rate_text(value);
    case stats::Kind::kGauge:
      return is_data ? stats::bytes_text(value) : fmt::format("{:.4g}", value);
  }
  GEND_ASSERT(!"a kind has words");
}

std::string change_words(const CompareRow& row) {
  return fmt::format("{}{}", difference_words(row, row.after - row.before), unit_words(row));
}

std::string interval_words(const CompareRow& row) {
  if (!row.has_interval) return {};
  return fmt::format("{} … {}{}", difference_words(row, row.low), difference_words(row, row.high),
                     unit_words(row));
}

std::string verdict_words(const Comparison& comparison) {
  const auto of = [&](Change change) {
    return std::ranges::count_if(comparison.rows, [&](const CompareRow& row) {
      return row.gate == Gate::kJudged && row.has_interval && row.change == change;
    });
  };
  const auto are = [&](auto n, std::string_view what) {
    return fmt::format("{} of {} judged quantities {} {}", n, comparison.judged,
                       n == 1 ? "is" : "are", what);
  };
  switch (comparison.overall) {
    case Change::kWorse: return are(of(Change::kWorse), "worse");
    case Change::kBetter: return are(of(Change::kBetter), "better, none is worse");
    case Change::kSame: return "no difference beyond the tolerance";
    case Change::kDiffers:
    case Change::kUnsure:
      return comparison.judged == 0 ? "too little was measured to compare anything"
                                    : "not enough evidence to call either run better";
  }
  GEND_ASSERT(!"a comparison has words");
}

std::string reading_words(const Comparison& comparison) {
  return fmt::format(
      "The interval is where the difference lies with 95 % confidence. Better and worse are said "
      "of differences beyond the tolerance that chance would make in less than one of twenty "
      "comparisons with {} judged quantities; same where the whole interval is within the "
      "tolerance. What differs from one run to the next of the same release is not in it.",
      comparison.judged);
}

}  // namespace gend::report
