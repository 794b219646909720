#include "control/status_json.h"

#include <algorithm>
#include <array>
#include <utility>

#include "control/start_at.h"

namespace gend::control {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::array kStates{report::RunState::kStarting, report::RunState::kWaiting,
                             report::RunState::kRunning, report::RunState::kStopping,
                             report::RunState::kFinished, report::RunState::kFailed};

Duration from_seconds(double seconds) {
  return Duration{static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e9) * 1e9)};
}

template <class T>
T value_or(const Json& json, const char* name, T fallback) {
  const auto found = json.find(name);
  if (found == json.end()) return fallback;
  if constexpr (std::is_same_v<T, std::string>)
    return found->is_string() ? found->template get<std::string>() : fallback;
  else
    return found->is_number() ? found->template get<T>() : fallback;
}

}  // namespace

Json to_json(const RunStatus& status) {
  Json json{{"id", status.id},
          {"name", status.name},
          {"plan", status.plan_file},
          {"owner", status.owner},
          {"state", report::name_of(status.state)},
          {"exit_code", std::to_underlying(status.exit_code)},
          {"end_reason", status.end_reason},
          {"started_ms", status.started_wall_ms},
          {"elapsed_s", to_seconds(status.elapsed)},
          {"planned_s", to_seconds(status.planned)},
          {"progress", progress_of(status)}};
  if (status.state == report::RunState::kWaiting)
    json["waiting_until"] = show_wall_time(status.started_wall_ms);
  if (!status.not_written.empty()) json["not_written"] = status.not_written;
  return json;
}

std::optional<RunStatus> status_from_json(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  RunStatus status;
  status.id = value_or(json, "id", std::string{});
  status.name = value_or(json, "name", std::string{});
  status.plan_file = value_or(json, "plan", std::string{});
  status.owner = value_or(json, "owner", std::string{});
  status.end_reason = value_or(json, "end_reason", std::string{});
  status.not_written = value_or(json, "not_written", std::string{});
  status.exit_code = static_cast<ExitCode>(value_or(json, "exit_code", 0));
  status.started_wall_ms = value_or(json, "started_ms", std::int64_t{0});
  status.elapsed = from_seconds(value_or(json, "elapsed_s", 0.0));
  status.planned = from_seconds(value_or(json, "planned_s", 0.0));
  const std::string state = value_or(json, "state", std::string{});
  const auto* const found = std::find_if(kStates.begin(), kStates.end(), [&](report::RunState s) {
    return report::name_of(s) == state;
  });
  if (status.id.empty() || found == kStates.end()) return std::nullopt;
  status.state = *found;
  return status;
}

double progress_of(const RunStatus& status) {
  if (status.state == report::RunState::kFinished) return 1;
  if (status.planned <= Duration{}) return 1;
  return std::clamp(to_seconds(status.elapsed) / to_seconds(status.planned), 0.0, 1.0);
}

Duration time_left(const RunStatus& status) {
  return std::max(Duration{}, status.planned - status.elapsed);
}

}  // namespace gend::control
