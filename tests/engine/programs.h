#pragma once

#include <string>
#include <vector>

#include "plan/program.h"

namespace gend::test {

// Programs made by hand, for tests that are about the engine and not about plan files: one
// endpoint, one scenario, an iteration of one GET (and a think time, when given).
struct ProgramOptions {
  plan::Executor executor = plan::Executor::kConstantArrivalRate;
  double start = 0;
  std::vector<plan::Stage> stages;
  std::uint64_t max_vus = 1;
  Duration think{};
  Duration timeout{std::chrono::seconds{60}};
  Duration graceful_stop{std::chrono::seconds{30}};
  Duration graceful_ramp_down{std::chrono::seconds{30}};
  Duration start_time{};
};

plan::Program make_program(const ProgramOptions& options);
void add_scenario(plan::Program& program, const std::string& name, const ProgramOptions& options);

}  // namespace gend::test
