#include "control/status_json.h"

#include <algorithm>
#include <utility>

#include "control/start_at.h"

namespace gend::control {

using Json = nlohmann::ordered_json;

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

double progress_of(const RunStatus& status) {
  if (status.state == report::RunState::kFinished) return 1;
  if (status.planned <= Duration{}) return 1;
  return std::clamp(to_seconds(status.elapsed) / to_seconds(status.planned), 0.0, 1.0);
}

Duration time_left(const RunStatus& status) {
  return std::max(Duration{}, status.planned - status.elapsed);
}

}  // namespace gend::control
