#include "report/live_words.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/text_page.h"
#include "stats/words.h"

namespace gend::report {

using stats::milliseconds_text;

std::string bar(double share, std::size_t columns) {
  const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(columns)));
  std::string text;
  for (std::size_t i = 0; i < columns; ++i) text += i < full ? "█" : "░";
  return text;
}

double progress_of(const Json& interval) {
  const double planned = number(at(interval, "planned_s"));
  if (planned <= 0) return 0;
  return std::clamp(number(at(interval, "elapsed_s")) / planned, 0.0, 1.0);
}

std::string clock_words(double seconds) {
  const double whole = std::floor(std::max(seconds, 0.0));
  return whole < 60 ? fmt::format("{:.0f}s", whole) : milliseconds_text(whole * 1000);
}

Paint paint_of_verdict(std::string_view verdict) {
  if (verdict == "CLEAN") return Paint::kGood;
  return verdict == "SUSPECT" ? Paint::kWarning : Paint::kBad;
}

std::string state_words(const Json& interval) {
  std::string words = escaped(text(at(interval, "state")));
  if (truth(at(interval, "paused"))) words += ", paused";
  if (!text(at(interval, "not_written")).empty()) words += ", NOT ON DISK";
  if (const auto until = text(at(interval, "waiting_until")); !until.empty())
    words += " until " + escaped(until);
  return words;
}

std::string latency_words(const Json& interval) {
  if (at(interval, "waiting_until").is_string()) return "not begun yet";
  if (count(at(interval, "samples")) == 0)
    return truth(at(interval, {"sessions", "without_requests"})) ? "nothing came in this second"
                                                                 : "no answers in this second";
  const auto ms = [&](std::string_view key) {
    return milliseconds_text(number(at(interval, key)));
  };
  return fmt::format("p50 {}  p95 {}  p99 {}  max {}", left(ms("p50_ms"), 7),
                     left(ms("p95_ms"), 7), left(ms("p99_ms"), 7), ms("max_ms"));
}

std::string verdict_words(const Json& interval) {
  std::string words = escaped(text(at(interval, "verdict")));
  const std::string resource = escaped(text(at(interval, "limiting_resource")));
  if (!resource.empty() && resource != "none") words += fmt::format(" ({})", resource);
  return words;
}

std::string threshold_words(const Json& interval) {
  const auto all = count(at(interval, "thresholds")), failing = count(at(interval, "failing"));
  if (all == 0) return "none";
  if (failing == 0) return fmt::format("all {} hold", all);
  return fmt::format("{} of {} fail", failing, all);
}

}  // namespace gend::report
