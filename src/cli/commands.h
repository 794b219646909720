#pragma once

#include <cstdint>
#include <span>

#include "cli/options.h"

namespace gend::cli {

// What follows a command's name on the command line.
enum class Takes : std::uint8_t {
  kNothing, kPlan, kPlanAndJson, kPlanToRun, kPlanToSimulate, kJson, kRun, kRunAndJson, kRunToStop,
  kRunToWatch, kRunAndPort, kUsersAndRun, kRateAndRun, kData, kReport, kTwoRuns, kRunsToRemove,
  kWish, kSeconds
};

struct Command {
  const char* name;
  const char* help;
  Takes takes;
  int (*run)(const Options& options);  // returns the exit code
};

std::span<const Command> commands();

// One function a command; see the table in commands.cc.
int run_plan(const Options& options);
int check_plan(const Options& options);
int explain_plan(const Options& options);
int print_schema(const Options& options);
int simulate_plan(const Options& options);
int show_status(const Options& options);
int watch_run(const Options& options);
int stop_run(const Options& options);
int set_users(const Options& options);
int set_rate(const Options& options);
int pause_run(const Options& options);
int resume_run(const Options& options);
int list_runs(const Options& options);
int show_run(const Options& options);
int show_dashboard(const Options& options);
int report_run(const Options& options);
int compare_runs(const Options& options);
int remove_runs(const Options& options);
int show_metrics(const Options& options);
int examine_host(const Options& options);
int calibrate_host(const Options& options);
int show_version(const Options& options);
int handle_data(const Options& options);

// The whole of genctl.
int genctl_main(int argc, const char* const* argv);

}  // namespace gend::cli
