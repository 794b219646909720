#include "report/verdict_words.h"

#include <cmath>

#include <fmt/format.h>

#include "gend/exit_code.h"
#include "report/json_read.h"
#include "report/text_page.h"
#include "stats/words.h"

namespace gend::report {
namespace {

// k6 prints what was measured with two digits behind the point; three significant ones would show
// 299.6 as 300 beside "<300".
std::string measured_text(const std::string& contains, const std::string& source, double value) {
  const auto is = [&](std::string_view name) { return source.starts_with(name); };
  if (contains == "time") {
    return value < 10'000 ? fmt::format("{:.2f}ms", value) : fmt::format("{:.2f}s", value / 1000);
  }
  if (contains == "data" && is("rate")) return stats::bytes_text(value) + "/s";
  if (contains == "data") return stats::bytes_text(value);
  if (is("count") || is("value")) return fmt::format("{:g}", value);
  return fmt::format("{:.2f}", value);
}

// How a level changed while the load was steady, and between which bounds that is sure.
std::string change_text(const std::string& source, const Json& metric, const Json& threshold) {
  const Json& interval = at(threshold, "interval");
  if (!interval.is_array() || interval.size() != 2) return "not enough evidence, so it holds";
  const bool leaks = source.find("leak") != std::string::npos;
  const auto words = [&](const Json& json) {
    const double n = number(json);
    if (leaks && text(at(metric, "contains")) == "data")
      return fmt::format("{}{}", n < 0 ? "-" : "+", stats::bytes_text(std::abs(n)));
    if (leaks) return fmt::format("{:+.3g}", n);
    return fmt::format("{:+.1f}{}", n * 100, text(at(metric, "type")) == "rate" ? "pp" : "%");
  };
  return fmt::format("{}{} in {} of steady load, surely {} to {}", words(at(threshold, "value")),
                     leaks ? " an hour" : "",
                     stats::milliseconds_text(number(at(threshold, "seen_s")) * 1000),
                     words(interval[0]), words(interval[1]));
}

}  // namespace

int exit_code_of(const Json& run) {
  const Json& code = at(run, "exit_code");
  const double n = number(code);
  return code.is_number() && n >= 0 && n < 256 ? static_cast<int>(n) : -1;
}

Tone tone_of(const Json& run) {
  const std::string state = text(at(run, "state"));
  if (state != "finished" && state != "failed" && state != "interrupted" && !state.empty())
    return {"… SO FAR", Paint::kWarning};
  const int code = exit_code_of(run);
  if (code == static_cast<int>(ExitCode::kPass)) return {"✓ PASSED", Paint::kGood};
  if (code == static_cast<int>(ExitCode::kThresholdsFailed)) return {"✗ FAILED", Paint::kBad};
  if (code == static_cast<int>(ExitCode::kInterrupted)) return {"■ STOPPED", Paint::kWarning};
  if (code == static_cast<int>(ExitCode::kAbortedByPlan)) return {"✗ ABORTED", Paint::kBad};
  if (code == static_cast<int>(ExitCode::kGeneratorSaturated))
    return {"✗ GENERATOR SATURATED", Paint::kBad};
  if (code == static_cast<int>(ExitCode::kRunLost)) return {"✗ LOST", Paint::kBad};
  return {fmt::format("✗ NOT RUN (exit {})", code), Paint::kBad};
}

ThresholdCount count_thresholds(const Json& summary) {
  ThresholdCount result;
  for (const auto& metric : at(summary, "metrics"))
    for (const auto& threshold : at(metric, "thresholds")) {
      ++result.all;
      result.held += truth(at(threshold, "ok")) ? 1 : 0;
    }
  return result;
}

std::string thresholds_words(const ThresholdCount& n) {
  if (n.all == 0) return "no thresholds";
  if (n.all == 1) return n.held == 1 ? "its threshold held" : "its threshold failed";
  if (n.held == n.all) return fmt::format("all {} thresholds held", n.all);
  return fmt::format("{} of {} thresholds failed", n.all - n.held, n.all);
}

CeilingWords ceiling_words(const Json& generator) {
  const Json& ceiling = at(generator, "ceiling");
  const double most = number(at(ceiling, "requests_per_second"));
  if (most <= 0) return {};
  constexpr std::size_t kDate = 10;  // of "2026-11-21T20:11:31Z"
  CeilingWords words;
  words.share = fmt::format("{} ({}/s in the busiest second, of {}/s; calibrated {})",
                            percent_text(number(at(ceiling, "share"))),
                            stats::count_text(number(at(ceiling, "busiest_second"))),
                            stats::count_text(most),
                            text(at(ceiling, "calibrated_at")).substr(0, kDate));
  if (!truth(at(ceiling, "stale"))) return words;
  for (const Json& reason : at(ceiling, "stale_reasons"))
    words.doubt += (words.doubt.empty() ? "stale: " : ", ") + text(reason);
  if (words.doubt.empty()) words.doubt = "stale";
  words.doubt += "; genctl calibrate measures it anew";
  return words;
}

std::string measured_words(const std::string& source, const Json& metric, const Json& threshold) {
  if (at(threshold, "steady_s").is_array()) return change_text(source, metric, threshold);
  const bool share = text(at(metric, "type")) == "rate";
  const auto words = [&](double n) {
    return share ? percent_text(n) : measured_text(text(at(metric, "contains")), source, n);
  };
  std::string measured = words(number(at(threshold, "value")));
  // Of a window the latest value says little: it is the worst one that passed or failed.
  if (const Json& worst = at(threshold, "worst"); worst.is_number())
    measured = fmt::format("{} at {}, the worst {}", words(number(worst)),
                           stats::milliseconds_text(number(at(threshold, "worst_at_s")) * 1000),
                           stats::milliseconds_text(number(at(threshold, "window_s")) * 1000));
  if (truth(at(threshold, "has_data"))) return measured;
  return truth(at(threshold, "ok")) ? "no samples, so it holds" : measured + ", no samples";
}

std::string error_words(const Json& error) {
  std::string words = escaped(text(at(error, "sentence")));
  std::string_view before = ": ";
  for (const auto& [status, n] : at(error, "statuses").items()) {
    words.append(before).append(escaped(status));
    if (count(n) > 1 && at(error, "statuses").size() > 1) words += " ×" + stats::grouped(count(n));
    before = ", ";
  }
  return words;
}

}  // namespace gend::report
