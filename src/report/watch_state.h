#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "report/json_read.h"

// What `genctl watch` knows and shows; plain data.
namespace gend::report {

enum class WatchPanel : std::uint8_t {
  kOverview, kSteps, kErrors, kThresholds, kDeliveries, kEvents
};
inline constexpr std::size_t kWatchPanels = 6;

// One second of the run, for the charts; NaN: it said nothing of this.
struct WatchSecond {
  double elapsed_s = 0;
  double rate = 0;    // requests a second; without requests: messages that came in
  double p95_ms = 0;
  double failed = 0;  // share of the requests; without: messages lost and errors in this second
  double users = 0;
};

// As many as the widest terminals have columns.
inline constexpr std::size_t kWatchedSeconds = 600;

enum class Asking : std::uint8_t { kNothing, kUsers, kRate, kStop, kStopNow };

struct WatchState {
  Json interval;  // of the latest second (interval_json); null before the first one
  Json summary;   // so far; null before the first one
  std::vector<WatchSecond> seconds;  // those before, a step a second
  WatchPanel panel = WatchPanel::kOverview;
  std::size_t scroll = 0;  // lines of the panel above its first one on the screen
  bool help = false;
  Asking asking = Asking::kNothing;
  std::string typed;     // so far, while a number is asked for
  std::string message;   // what became of the latest command; may come from the daemon
  double silent_s = 0;   // since the daemon last said anything
};

// Takes in the next line of the stream.
void take_interval(WatchState& state, Json interval);

// What can be changed while the run goes on, by its plan.
struct Controls {
  bool pause = false, users = false, rate = false;
};
Controls controls_of(const Json& summary);

}  // namespace gend::report
