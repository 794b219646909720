#include "report/run_status.h"

#include <algorithm>
#include <array>

namespace gend::report {

std::optional<RunState> state_named(std::string_view name) {
  static constexpr std::array kStates{RunState::kStarting, RunState::kWaiting,
                                      RunState::kRunning,  RunState::kStopping,
                                      RunState::kFinished, RunState::kFailed,
                                      RunState::kInterrupted};
  const auto* const found =
      std::ranges::find_if(kStates, [&](RunState state) { return name_of(state) == name; });
  return found == kStates.end() ? std::nullopt : std::optional{*found};
}

}  // namespace gend::report
