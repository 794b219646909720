#include "report/watch_state.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace gend::report {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool is_without_requests(const Json& interval) {
  return truth(at(interval, {"sessions", "without_requests"}));
}

// Losses and errors of sessions, ever.
double troubles(const Json& interval) {
  return static_cast<double>(count(at(interval, {"sessions", "lost"}))) +
         static_cast<double>(count(at(interval, {"sessions", "errors"})));
}

WatchSecond second_of(const Json& interval, const Json& before) {
  const bool messages = is_without_requests(interval);
  const bool sampled = count(at(interval, "samples")) > 0;
  WatchSecond second{.elapsed_s = number(at(interval, "elapsed_s")),
                     .rate = number(at(interval, "requests_per_s")),
                     .p95_ms = sampled ? number(at(interval, "p95_ms")) : kNone,
                     .failed = number(at(interval, "failed_rate")),
                     .users = number(at(interval, "users"))};
  if (messages) {
    second.rate = number(at(interval, {"sessions", "received_per_s"}));
    // What came before we began to watch did not come in this second.
    second.failed =
        before.is_object() ? std::max(0.0, troubles(interval) - troubles(before)) : kNone;
  } else if (second.rate <= 0) {
    second.failed = kNone;  // of nothing no share fails
  }
  return second;
}

// Seconds that this client was too slow for leave a gap, not a jump.
std::size_t missed_between(const std::vector<WatchSecond>& seconds, double elapsed_s) {
  if (seconds.empty()) return 0;
  const double missed = std::round(elapsed_s - seconds.back().elapsed_s) - 1;
  if (!(missed > 0)) return 0;
  return static_cast<std::size_t>(std::min(missed, static_cast<double>(kWatchedSeconds)));
}

}  // namespace

void take_interval(WatchState& state, Json interval) {
  const Json before = std::exchange(state.interval, std::move(interval));
  state.silent_s = 0;
  if (!at(state.interval, "users").is_number()) return;  // not begun: nothing was measured
  const WatchSecond now = second_of(state.interval, before);
  std::vector<WatchSecond>& seconds = state.seconds;
  for (std::size_t n = missed_between(seconds, now.elapsed_s); n > 0; --n)
    seconds.push_back({seconds.back().elapsed_s + 1, kNone, kNone, kNone, kNone});
  seconds.push_back(now);
  if (seconds.size() > kWatchedSeconds)
    seconds.erase(seconds.begin(),
                  seconds.end() - static_cast<std::ptrdiff_t>(kWatchedSeconds));
}

Controls controls_of(const Json& summary) {
  Controls controls;
  for (const auto& scenario : at(summary, {"run", "scenarios"})) {
    if (text(at(scenario, "executor")) != "externally-controlled") continue;
    controls.pause = true;
    (truth(at(scenario, "open_model")) ? controls.rate : controls.users) = true;
  }
  return controls;
}

}  // namespace gend::report
