#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "gend/exit_code.h"
#include "report/run_result.h"

namespace gend::report {

// How a run stands, for lists, for the message that the daemon is busy, and as it is kept.
struct RunStatus {
  std::string id, name, plan_file, owner;
  RunState state = RunState::kStarting;
  ExitCode exit_code = ExitCode::kPass;
  std::string end_reason;
  std::int64_t started_wall_ms = 0;
  Duration elapsed{}, planned{};
  std::string not_written;  // why the results are not on disk though they should be; else empty
};

std::optional<RunState> state_named(std::string_view name);  // of name_of()

}  // namespace gend::report
